package postgres

import (
	"errors"
	"sync"

	"github.com/jackc/pgx/v5"
)

// mostNames is how many names are remembered, so that a sandbox whose worlds come and go does not fill the memory.
const mostNames = 10_000

// errRenumbered says that an application was removed and kept again since its number was remembered.
var errRenumbered = errors.New("an application has another number by now")

// names remember the numbers that stand for applications and messages in rows of PINs. Whom a number stands for never changes,
// so a PIN needs no query to be named. An id may get another number, when it is removed and kept again: whoever goes by the
// number that it had locks the application and looks whether it still has it. Then the messages of its account have the numbers that
// they had, too, as they are removed with all applications of the account alone.
type names struct {
	mu           sync.Mutex
	numbers      map[ownID]int64
	there        map[messageBeside]int64 // the numbers of messages
	applications map[int64]ownID
	messages     map[int64]string
}

// messageBeside is a message that was there beside an application of its account.
type messageBeside struct {
	message     ownID
	application int64
}

// messagesOf gives the numbers that are remembered of messages, and those messages of which none is.
func (n *names) messagesOf(wanted map[ownID]ownID, applications map[ownID]int64) (numbers map[ownID]int64, unknown []ownID) {
	n.mu.Lock()
	defer n.mu.Unlock()
	numbers = make(map[ownID]int64, len(wanted))
	for id, application := range wanted {
		if number, is := n.there[messageBeside{id, applications[application]}]; is {
			numbers[id] = number
		} else {
			unknown = append(unknown, id)
		}
	}
	return numbers, unknown
}

// learnThere remembers messages that are there, beside these applications.
func (n *names) learnThere(wanted map[ownID]ownID, messages, applications map[ownID]int64) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.there == nil || len(n.there) > mostNames {
		n.there = map[messageBeside]int64{}
	}
	for id, number := range messages {
		if application, is := applications[wanted[id]]; is {
			n.there[messageBeside{id, application}] = number
		}
	}
}

// numbersOf gives the numbers that applications had, and whether all of them are remembered.
func (n *names) numbersOf(ids map[ownID]bool) (map[ownID]int64, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	numbers := make(map[ownID]int64, len(ids))
	for id := range ids {
		number, is := n.numbers[id]
		if !is {
			return numbers, false
		}
		numbers[id] = number
	}
	return numbers, true
}

// name names a PIN, and tells whether what it belongs to is remembered.
func (n *names) name(p *storedPIN) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	application, is := n.applications[p.application]
	message, also := n.messages[p.message]
	p.AccountID, p.ApplicationID, p.MessageID = application.account, application.id, message
	return is && also
}

// forget asks for the number of an application again.
func (n *names) forget(id ownID) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.numbers, id)
}

// learn remembers applications, and messages by their numbers.
func (n *names) learn(applications map[ownID]int64, messages map[int64]string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.numbers == nil || len(n.numbers) > mostNames || len(n.applications) > mostNames || len(n.messages) > mostNames {
		n.numbers, n.applications, n.messages = map[ownID]int64{}, map[int64]ownID{}, map[int64]string{}
	}
	for id, number := range applications {
		n.numbers[id], n.applications[number] = number, id
	}
	for number, id := range messages {
		n.messages[number] = id
	}
}

// namesQuery gives the names of numbers: of applications, and of messages.
const namesQuery = `
	SELECT seq, account_id, id, FALSE FROM applications WHERE seq = ANY ($1::bigint[])
	UNION ALL SELECT seq, account_id, id, TRUE FROM messages WHERE seq = ANY ($2::bigint[])`

// nameAll names PINs, with one more round trip by ask if some belong to what is not remembered. Those that belong to what is
// gone get no names.
func (n *names) nameAll(pins []*storedPIN, ask func(*pgx.Batch) error) error {
	var unknown []*storedPIN
	var applications, messages []int64
	for _, p := range pins {
		if !n.name(p) {
			unknown = append(unknown, p)
			applications, messages = append(applications, p.application), append(messages, p.message)
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	batch := &pgx.Batch{}
	found := names{numbers: map[ownID]int64{}, applications: map[int64]ownID{}, messages: map[int64]string{}}
	readEach(batch, readName, func(one named) {
		if one.isMessage {
			found.messages[one.number] = one.id
		} else {
			found.numbers[one.ownID], found.applications[one.number] = one.number, one.ownID
		}
	}, namesQuery, applications, messages)
	if err := ask(batch); err != nil {
		return err
	}
	for _, p := range unknown {
		found.name(p)
	}
	n.learn(found.numbers, found.messages)
	return nil
}

// named is an application or a message with its number.
type named struct {
	ownID
	number    int64
	isMessage bool
}

func readName(r row) (n named, err error) {
	err = r.Scan(&n.number, &n.account, &n.id, &n.isMessage)
	return n, err
}
