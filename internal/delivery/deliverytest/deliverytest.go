// Package deliverytest is what every carrier of texts has to do, as a suite. Carriers run it against a small peer inside the
// test's process, and CI against peers that nobody of us wrote.
package deliverytest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/phone"
)

// The last two digits of a number say what a peer does with texts to it. Any other text is taken, and reported delivered.
const (
	BadNumber = "11" // there is no such phone
	Throttled = "58" // too fast, twice; then taken
	Failed    = "66" // taken, and reported as not delivered
	Silent    = "77" // no answer comes
	Dropped   = "99" // the connection ends in place of an answer
)

// Subject is a carrier with its peer.
type Subject struct {
	delivery.Sender
	// Texts gives the texts that the peer has, as it decoded them; the parts of a long one are joined. Nil when the peer does not
	// say.
	Texts func() []string
	// Lacks are the last two digits of what the peer cannot play.
	Lacks []string
}

// patience is how long anything may take that should come soon.
const patience = 15 * time.Second

// Run runs the suite. open makes a carrier whose peer has just been started, or has seen no number that open does not know of;
// it has both ended with the test.
func Run(t *testing.T, open func(t *testing.T) Subject) {
	t.Helper()
	for name, check := range map[string]func(*testing.T, Subject){
		"texts arrive as they were written":         textsArrive,
		"a refusal says whose fault it is":          refusal,
		"a throttled text is not lost":              throttled,
		"silence may mean that it went out":         silence,
		"a lost link may mean that it went out":     lostLink,
		"receipts name the message and its state":   receipts,
		"many texts at once each have their own id": crowd,
		"a closed carrier takes nothing":            closed,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check(t, open(t))
		})
	}
}

func number(n int, suffix string) phone.Number {
	return phone.Number(fmt.Sprintf("4179%05d%s", n, suffix))
}

const pin = "83920175"

func text(to phone.Number, words string) delivery.SMS {
	return delivery.SMS{
		AttemptID: fmt.Sprintf("%032X", len(words)) + to.Digits(), To: to, From: "Pinpost",
		Text: delivery.Text(words), PIN: pin, Validity: 5 * time.Minute,
	}
}

func send(t *testing.T, s Subject, m delivery.SMS) (delivery.Accepted, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	return s.Send(ctx, m)
}

// taken sends a text that the peer takes.
func taken(t *testing.T, s Subject, m delivery.SMS) delivery.Accepted {
	t.Helper()
	accepted, err := send(t, s, m)
	if err != nil || accepted.RemoteID == "" || accepted.Carrier != s.Name() {
		t.Fatalf("Send = %+v, %v, want it taken by %s with an id", accepted, err, s.Name())
	}
	return accepted
}

// Texts are what has to arrive character for character.
func Texts() map[string]string {
	return map[string]string{
		"Latin":    "Your PIN_ is { " + pin + " } for 5 €",
		"Cyrillic": "Ваш код: " + pin,
		"emoji":    "PIN " + pin + " 🔑",
		"long":     strings.Repeat("A text of two parts, ", 9) + pin + " €",
	}
}

func textsArrive(t *testing.T, s Subject) {
	drain(t, s)
	n := 0
	for name, words := range Texts() {
		n++
		accepted := taken(t, s, text(number(n, "00"), words))
		wantParts := 1
		if name == "long" {
			wantParts = 2
		}
		if accepted.Parts != wantParts {
			t.Errorf("%s went as %d parts, want %d", name, accepted.Parts, wantParts)
		}
		if s.Texts == nil {
			continue
		}
		if !eventually(func() bool { return slices.Contains(s.Texts(), words) }) {
			t.Errorf("%s arrived as %q, want %q among them", name, s.Texts(), words)
		}
	}
}

func refusal(t *testing.T, s Subject) {
	to := number(21, BadNumber)
	_, err := send(t, s, text(to, "PIN "+pin))
	if err == nil || delivery.ClassOf(err) != delivery.BadDestination {
		t.Fatalf("Send = %v, want %s", err, delivery.BadDestination)
	}
	if strings.Contains(err.Error(), to.Digits()) || strings.Contains(err.Error(), pin) {
		t.Errorf("the error shows the number or the PIN: %v", err)
	}
}

func throttled(t *testing.T, s Subject) {
	drain(t, s)
	if slices.Contains(s.Lacks, Throttled) {
		return
	}
	for range 3 { // a carrier may wait by itself, or say that it is to be tried again
		_, err := send(t, s, text(number(22, Throttled), "PIN "+pin))
		if err == nil {
			return
		}
		if delivery.ClassOf(err) != delivery.Throttled {
			t.Fatalf("Send = %v, want %s", err, delivery.Throttled)
		}
	}
	t.Error("the text was never taken")
}

func silence(t *testing.T, s Subject) {
	if slices.Contains(s.Lacks, Silent) {
		return
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	if _, err := s.Send(ctx, text(number(23, Silent), "PIN "+pin)); err == nil || delivery.ClassOf(err) != delivery.Ambiguous {
		t.Errorf("Send = %v, want %s", err, delivery.Ambiguous)
	}
}

func lostLink(t *testing.T, s Subject) {
	drain(t, s)
	if slices.Contains(s.Lacks, Dropped) {
		return
	}
	if _, err := send(t, s, text(number(24, Dropped), "PIN "+pin)); err == nil || delivery.ClassOf(err) != delivery.Ambiguous {
		t.Errorf("Send = %v, want %s", err, delivery.Ambiguous)
	}
	if !eventually(func() bool { _, err := send(t, s, text(number(25, "00"), "PIN "+pin)); return err == nil }) {
		t.Error("the carrier does not come back")
	}
}

func receipts(t *testing.T, s Subject) {
	delivered := taken(t, s, text(number(26, "00"), "PIN "+pin))
	failed := taken(t, s, text(number(27, Failed), "PIN "+pin))
	want := map[string]delivery.State{delivered.RemoteID: delivery.StateDelivered, failed.RemoteID: delivery.StateNotDelivered}
	if delivered.State != delivery.StateWaiting {
		t.Errorf("taken as %s, want %s: a receipt follows", delivered.State, delivery.StateWaiting)
	}
	deadline := time.After(patience)
	for len(want) > 0 {
		select {
		case r := <-s.Receipts():
			if r.State == want[r.RemoteID] {
				delete(want, r.RemoteID)
			} else if r.State.Final() {
				t.Errorf("receipt for %q says %s, want %s", r.RemoteID, r.State, want[r.RemoteID])
			}
			if r.Carrier != s.Name() || r.At.IsZero() {
				t.Errorf("receipt of %q at %v, want %s and a time", r.Carrier, r.At, s.Name())
			}
			r.Ack()
		case <-deadline:
			t.Fatalf("no receipt for %v", want)
		}
	}
}

func crowd(t *testing.T, s Subject) {
	drain(t, s)
	var mu sync.Mutex
	ids := map[string]bool{}
	var all sync.WaitGroup
	const many = 40
	for i := range many {
		all.Go(func() {
			accepted, err := send(t, s, text(number(100+i, "00"), "PIN "+pin))
			if err != nil {
				t.Errorf("Send = %v", err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			ids[accepted.RemoteID] = true
		})
	}
	all.Wait()
	if len(ids) != many {
		t.Errorf("%d ids for %d texts", len(ids), many)
	}
}

func closed(t *testing.T, s Subject) {
	taken(t, s, text(number(28, "00"), "PIN "+pin))
	if health := s.Health(); !health.Up {
		t.Errorf("Health = %+v, want it up after a text", health)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	go func() {
		for r := range s.Receipts() {
			r.Ack()
		}
	}()
	if err := s.Close(ctx); err != nil {
		t.Errorf("Close = %v", err)
	}
	if _, err := s.Send(ctx, text(number(29, "00"), "PIN "+pin)); err == nil {
		t.Error("a closed carrier takes a text")
	}
	if s.Health().Up {
		t.Error("a closed carrier is up")
	}
	select {
	case _, open := <-s.Receipts():
		if open {
			t.Error("a receipt after Close")
		}
	case <-ctx.Done():
		t.Error("the receipts never end")
	}
}

// drain takes receipts that a check does not look at, until the test ends.
func drain(t *testing.T, s Subject) {
	t.Helper()
	ctx := t.Context()
	go func() {
		for {
			select {
			case r, open := <-s.Receipts():
				if !open {
					return
				}
				r.Ack()
			case <-ctx.Done():
				return
			}
		}
	}()
}

// eventually tells whether something comes to hold.
func eventually(holds func() bool) bool {
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if holds() {
			return true
		}
	}
	return holds()
}
