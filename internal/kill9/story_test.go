//go:build peers || postgres

package kill9

import (
	"fmt"
	"sync"
	"time"

	"github.com/pinpost/pinpost/api"
	"github.com/pinpost/pinpost/client"
)

// stories are what clients do with a number: s sends, S sends with a key and asks again when no answer comes, r resends, w verifies
// wrongly and v rightly, the last PIN each time.
var stories = []string{
	"s", "sr", "sw", "swv", "sww", "svv", "ssss", "swr", "srrr", "swwwwv", "swwwwwswwww", "svs", "S", "SwSv", "SS",
}

// load has clients tell stories until rest is called.
func (s *service) load() {
	for i := range clients {
		s.loads.Go(func() {
			for told := i; ; told++ {
				select {
				case <-s.stop:
					return
				default:
				}
				if s.book.size() >= s.allowed.Load() {
					time.Sleep(2 * time.Millisecond)
					continue
				}
				n := &number{to: fmt.Sprintf("4179%07d", s.last.Add(1))}
				if !s.tell(n, stories[told%len(stories)]) {
					time.Sleep(50 * time.Millisecond)
				}
				s.book.add(n)
			}
		})
	}
	s.t.Cleanup(s.rest)
}

// rest ends the load; doing it again does nothing.
func (s *service) rest() {
	select {
	case <-s.stop:
	default:
		close(s.stop)
	}
	s.loads.Wait()
}

// tell goes on with a number until an answer is lost.
func (s *service) tell(n *number, story string) bool {
	for _, step := range story {
		answered := false
		switch step {
		case 's':
			answered = s.send(n)
		case 'S':
			answered = s.insist(n)
		case 'r':
			answered = s.resend(n)
		case 'w':
			answered = s.verify(n, n.pins[len(n.pins)-1], false)
		case 'v':
			answered = s.known(n.pins[len(n.pins)-1]) && s.verify(n, n.pins[len(n.pins)-1], true)
		}
		if !answered {
			return false
		}
	}
	return true
}

// known reads the code of a PIN when that was not done yet; one that no text was sent of has none.
func (s *service) known(p *kept) bool { return p.code != "" || s.read(p) && p.code != "" }

// look reads what is there of some numbers, and guesses wrongly at half of them.
func (s *service) look(numbers []*number) {
	parallel(numbers, func(i int, n *number) {
		for _, p := range n.pins {
			s.status(p)
			s.read(p)
		}
		if i%2 == 0 {
			s.verify(n, n.pins[len(n.pins)-1], false)
		}
	})
}

// settle ends the load and holds everything that was acknowledged against what is there.
func (s *service) settle() {
	s.t.Helper()
	s.rest()
	numbers := s.book.all()
	pins := 0
	for _, n := range numbers {
		pins += len(n.pins)
	}
	parallel(numbers, func(_ int, n *number) {
		for _, p := range n.pins {
			s.status(p)
			s.read(p)
			s.verify(n, p, false)
			if p.code != "" {
				s.verify(n, p, true)
			}
		}
	})
	parallel(numbers, func(i int, n *number) {
		for _, p := range n.pins {
			if p.key != "" {
				s.repeat(n, p)
			}
		}
		if s.send(n); i%8 == 0 {
			s.send(n)
			s.send(n)
		}
	})
	s.overall()
	total := s.book.sends()
	s.t.Logf("%d acknowledged PINs of %d numbers were there; %d sends counted, and %d whose answers were lost may have been; "+
		"the longest answer took %v, the longest refusal %v",
		pins, len(numbers), total.least, total.lost, s.longer[done], s.longer[lost])
}

// overall makes the limit of the whole application as small as what it has certainly sent, and then larger than what it may
// have: the first must be full, the second not.
func (s *service) overall() {
	s.t.Helper()
	total := s.book.sends()
	for limit, want := range map[int]outcome{total.least: tooMany, total.most() + 1: done} {
		got := s.call("update", func(c *client.Client) error {
			_, err := c.UpdateApplication(s.t.Context(), s.applicationID, api.UpdateApplicationRequest{
				Configuration: &api.ConfigurationInput{OverallInitiationAttempts: new(int32(limit))},
			})
			return err
		})
		if got != done {
			s.t.Fatalf("update of the application: got outcome %d, want it done", got)
		}
		got = s.call("send", func(c *client.Client) error {
			_, err := c.SendPIN(s.t.Context(), api.SendPinOverSmsRequest{
				To: fmt.Sprintf("4179%07d", s.last.Add(1)), ApplicationID: s.applicationID, MessageID: s.messageID,
			})
			return err
		})
		if got != want {
			s.t.Errorf("send with an overall limit of %d after %+v sends: got outcome %d, want %d", limit, total, got, want)
		}
	}
}

// parallel works on all numbers, several at a time.
func parallel(numbers []*number, work func(i int, n *number)) {
	queue := make(chan int)
	var workers sync.WaitGroup
	for range 24 {
		workers.Go(func() {
			for i := range queue {
				work(i, numbers[i])
			}
		})
	}
	for i := range numbers {
		queue <- i
	}
	close(queue)
	workers.Wait()
}
