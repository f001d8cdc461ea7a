// Package delivery is the dock: what a carrier of texts or calls is, and which one takes a message. Wording, limits and
// retries are decided before a message comes here; protocols live in the carriers' own packages.
package delivery

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"github.com/pinpost/pinpost/internal/phone"
)

// Code is a PIN on its way to a carrier. It prints as a placeholder, so that no log or error shows it by accident.
type Code string

// String hides the PIN.
func (Code) String() string { return "[PIN]" }

// GoString hides the PIN from %#v.
func (Code) GoString() string { return "[PIN]" }

// LogValue hides the PIN from structured logs.
func (Code) LogValue() slog.Value { return slog.StringValue("[PIN]") }

// MarshalText hides the PIN where a log writes a whole struct as JSON.
func (Code) MarshalText() ([]byte, error) { return []byte("[PIN]"), nil }

// Reveal gives the PIN itself.
func (c Code) Reveal() string { return string(c) }

// Origin says whose message it is, for carriers that file or report by it.
type Origin struct{ AccountID, ApplicationID, MessageID, PINID string }

// SMS is one text to one phone.
type SMS struct {
	Origin
	AttemptID string // our key, new for each try
	To        phone.Number
	From      string
	Text      Text // with the PIN in it
	PIN       Code // the PIN that Text holds
	Validity  time.Duration
	NCStatus  string            // the documented outcome of the number lookup before it; empty when none was asked for
	Params    map[string]string // what a region or carrier asks for besides, such as registered template ids
}

// Text is a message with a PIN in it; like Code it hides itself when printed.
type Text string

// String hides the text.
func (Text) String() string { return "[message]" }

// GoString hides the text from %#v.
func (Text) GoString() string { return "[message]" }

// LogValue hides the text from structured logs.
func (Text) LogValue() slog.Value { return slog.StringValue("[message]") }

// MarshalText hides the text where a log writes a whole struct as JSON.
func (Text) MarshalText() ([]byte, error) { return []byte("[message]"), nil }

// Reveal gives the text itself.
func (t Text) Reveal() string { return string(t) }

// String names the text without its PIN and number; fmt would print the fields of a pointer deep in a value bare.
func (m SMS) String() string { return "text " + m.AttemptID + " to " + m.To.String() }

// Accepted says that a carrier took a text.
type Accepted struct {
	Carrier, RemoteID string
	Parts             int
	Encoding          string
	// State is how far the message is: StateWaiting when a Receipt will follow, StateDelivered when it is there already,
	// StateAccepted (or nothing) when acceptance is all that will ever be known.
	State State
	// Attempts are the tries that led to it, where there were several carriers to ask.
	Attempts []Attempt
}

// Receipt is what became of a text or call that a carrier took.
type Receipt struct {
	Carrier, RemoteID string
	AttemptID         string // when the carrier repeats our key; RemoteID counts otherwise
	State             State
	Code              string // the carrier's own word, for the operator
	At                time.Time
}

// ReceiptDelivery is a receipt that the carrier keeps until Ack is called; call it after the receipt is stored.
type ReceiptDelivery struct {
	Receipt
	Ack func()
}

// Health is what a carrier says of its link.
type Health struct {
	Up     bool
	Since  time.Time
	Detail string
}

// Sender takes texts to phones.
type Sender interface {
	// Name is the carrier's name in records and logs.
	Name() string
	// Send returns when the carrier has answered; a refusal is an *Error.
	Send(ctx context.Context, m SMS) (Accepted, error)
	// Receipts is closed when the carrier is.
	Receipts() <-chan ReceiptDelivery
	// Health says whether messages can go out.
	Health() Health
	// Close sends what is queued, and ends.
	Close(ctx context.Context) error
}

// Prompt is what a call says: phrases with the PIN spoken between each two.
type Prompt struct {
	Phrases  []string
	PIN      Code
	Language string  // a documented code such as en or pt_br; empty means en
	Rate     float64 // how fast it is said, 0.5 to 2; 0 means 1
}

// String hides the PIN, as SMS.String does.
func (Prompt) String() string { return "[message]" }

// Text is the message as it would be read on a screen.
func (p Prompt) Text() Text { return Text(strings.Join(p.Phrases, p.PIN.Reveal())) }

// Spoken is the message as it is said: the characters of the PIN one by one, so that 48 is not "forty-eight".
func (p Prompt) Spoken() Text {
	spelled := strings.Join(strings.Split(p.PIN.Reveal(), ""), ". ")
	return Text(strings.Join(p.Phrases, spelled))
}

// Call is one call to one phone.
type Call struct {
	Origin
	AttemptID string
	To        phone.Number
	From      string
	Prompt    Prompt
	Ring, Max time.Duration // how long it may ring, and how long the whole call may take
	// RepeatKeys are the keys of a phone that, pressed one after the other, have the message said again, such as "1#"; empty
	// means that none does.
	RepeatKeys string
}

// String names the call without its PIN and number, as SMS.String does.
func (c Call) String() string { return "call " + c.AttemptID + " to " + c.To.String() }

// CallEnd is how a call ended.
type CallEnd struct {
	Status          CallStatus
	Carrier         string
	Code            string // the carrier's own word, such as "SIP 486" or "Q.850 17", for the operator
	Answered, Ended time.Time
	Plays           int // how often the message was said to its end
	// Attempts are the tries that led to it, where there were several carriers to ask.
	Attempts []Attempt
}

// Caller takes calls to phones.
type Caller interface {
	// Name is the carrier's name in records and logs.
	Name() string
	// Dial returns once the call is under way; a refusal is an *Error.
	Dial(ctx context.Context, c Call) (Ongoing, error)
	// Health says whether calls can go out.
	Health() Health
	// Close waits for the calls under way, and ends.
	Close(ctx context.Context) error
}

// Ongoing is a call under way.
type Ongoing interface {
	// Done is closed when the call has ended.
	Done() <-chan struct{}
	// Result says how it ended; call it after Done.
	Result() (CallEnd, error)
	// Hangup ends it.
	Hangup()
}

// Reach is what a lookup knows of a phone.
type Reach int

// What a lookup may find.
const (
	ReachUnknown Reach = iota
	Reachable
	NotReachable
)

// NumberInfo is the answer of a lookup.
type NumberInfo struct {
	Reach   Reach
	Source  string
	At      time.Time
	Network string // country and network code of the network that serves the phone, such as 22801; empty when not known
}

// Lookup asks whether a phone can be reached.
type Lookup interface {
	// Name is the lookup's name in records and logs.
	Name() string
	// Lookup answers within ctx's deadline; an error counts as ReachUnknown.
	Lookup(ctx context.Context, to phone.Number) (NumberInfo, error)
}
