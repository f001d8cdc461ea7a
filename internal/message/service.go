package message

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/pinpost/pinpost/internal/application"
	"github.com/pinpost/pinpost/internal/fault"
	"github.com/pinpost/pinpost/internal/random"
	"github.com/pinpost/pinpost/internal/sms"
)

// Bounds of a template.
const (
	MinPINLength         = 1
	MaxPINLength         = 8
	MaxPlaceholderLength = 64
)

// Applications finds the application that a message belongs to.
type Applications interface {
	// Get gives one application, or fault.NotFound.
	Get(ctx context.Context, accountID, id string) (application.Application, error)
}

// Deps are what the service works with.
type Deps struct {
	Store        Store
	Applications Applications
	Now          func() time.Time
	Rand         io.Reader
}

// Service creates, finds and changes message templates.
type Service struct{ deps Deps }

// New checks the dependencies.
func New(deps Deps) (*Service, error) {
	if deps.Store == nil || deps.Applications == nil || deps.Now == nil || deps.Rand == nil {
		return nil, errors.New("message service needs Store, Applications, Now and Rand")
	}
	return &Service{deps}, nil
}

// Input is what a caller says of a message; nil leaves a value as it is. On creation every member but those of speech is
// required.
type Input struct {
	AccountID     string
	ApplicationID string
	Text          *string
	Placeholder   *string
	PINType       *PINType
	PINLength     *int
	Sender        *string
	Language      *string  // these three are optional, and matter to calls alone
	SpeechRate    *float64 // 1 is the usual rate
	RepeatDTMF    *string
}

// Create keeps a new template of an application the account has.
func (s *Service) Create(ctx context.Context, in Input) (Message, error) {
	if _, err := s.deps.Applications.Get(ctx, in.AccountID, in.ApplicationID); err != nil {
		return Message{}, err
	}
	id, err := random.ID(s.deps.Rand)
	if err != nil {
		return Message{}, err
	}
	m, err := s.Make(id, in)
	if err != nil {
		return Message{}, err
	}
	if err := s.deps.Store.CreateMessage(ctx, m); err != nil {
		return Message{}, fmt.Errorf("create message: %w", err)
	}
	return m, nil
}

// Make gives the message that Create would keep, with an id that is given, and keeps nothing.
func (s *Service) Make(id string, in Input) (Message, error) {
	m := Message{ID: id, AccountID: in.AccountID, ApplicationID: in.ApplicationID, CreatedAt: s.deps.Now()}
	return m, in.apply(&m)
}

// Get gives one message of an application, or fault.NotFound that says which of the two ids is unknown.
func (s *Service) Get(ctx context.Context, accountID, applicationID, id string) (Message, error) {
	if _, err := s.deps.Applications.Get(ctx, accountID, applicationID); err != nil {
		return Message{}, err
	}
	return s.deps.Store.Message(ctx, accountID, applicationID, id)
}

// List gives the messages of an application the account has, oldest first.
func (s *Service) List(ctx context.Context, accountID, applicationID string) ([]Message, error) {
	if _, err := s.deps.Applications.Get(ctx, accountID, applicationID); err != nil {
		return nil, err
	}
	return s.deps.Store.Messages(ctx, accountID, applicationID)
}

// Update changes what in says and leaves the rest; the outcome must be a template that Create would accept.
func (s *Service) Update(ctx context.Context, id string, in Input) (Message, error) {
	if _, err := s.deps.Applications.Get(ctx, in.AccountID, in.ApplicationID); err != nil {
		return Message{}, err
	}
	return s.deps.Store.UpdateMessage(ctx, in.AccountID, in.ApplicationID, id, in.apply)
}

// apply writes the input over m and checks the outcome; every fault is reported at once.
func (in Input) apply(m *Message) error {
	set(&m.Text, in.Text)
	set(&m.Placeholder, in.Placeholder)
	set(&m.PINType, in.PINType)
	set(&m.PINLength, in.PINLength)
	set(&m.Sender, in.Sender)
	set(&m.Speech.Language, in.Language)
	set(&m.Speech.Rate, in.SpeechRate)
	set(&m.Speech.RepeatDTMF, in.RepeatDTMF)
	return m.validate()
}

func set[T any](to, from *T) {
	if from != nil {
		*to = *from
	}
}

// validate reports everything that keeps the template from becoming an SMS.
func (m Message) validate() error {
	faults := fault.Members{}
	if m.PINType.Alphabet() == "" {
		faults.Addf("pinType", "must be NUMERIC, ALPHA, HEX or ALPHANUMERIC")
	}
	if m.PINLength < MinPINLength || m.PINLength > MaxPINLength {
		faults.Addf("pinLength", "must be from %d to %d", MinPINLength, MaxPINLength)
	}
	m.validateText(faults)
	if reason := sms.SenderFault(m.Sender); reason != "" {
		faults.Addf("sender", "%s", reason)
	}
	m.Speech.validate(faults)
	return faults.Err()
}

func (m Message) validateText(faults fault.Members) {
	switch {
	case strings.TrimSpace(m.Placeholder) == "":
		faults.Addf("pinPlaceholder", "must not be empty")
		return
	case utf8.RuneCountInString(m.Placeholder) > MaxPlaceholderLength:
		faults.Addf("pinPlaceholder", "must have at most %d characters", MaxPlaceholderLength)
		return
	case !strings.Contains(m.Text, m.Placeholder):
		faults.Addf("messageText", "must contain the pinPlaceholder")
		return
	}
	longest := m.Render(strings.Repeat("0", max(0, min(m.PINLength, MaxPINLength))))
	if parts := sms.SegmentsOf(longest).Count; parts > sms.MaxSegments {
		faults.Addf("messageText", "makes %d SMS parts; at most %d are sent", parts, sms.MaxSegments)
	}
	if control := strings.IndexFunc(m.Text, unprintable); control >= 0 {
		faults.Addf("messageText", "must not contain control characters other than line breaks")
	}
}

func unprintable(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\r' }
