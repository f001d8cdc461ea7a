package message_test

import (
	"context"
	"crypto/rand"
	"io"
	"slices"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/application"
	"github.com/pinpost/pinpost/internal/fault"
	"github.com/pinpost/pinpost/internal/message"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

var errBusy = fault.Unavailablef(io.EOF, "The store is busy")

// store keeps messages in memory, in the order they came.
type store struct {
	kept []message.Message
	err  error
}

func (s *store) CreateMessage(_ context.Context, m message.Message) error {
	if s.err == nil {
		s.kept = append(s.kept, m)
	}
	return s.err
}

func (s *store) find(accountID, applicationID, id string) (int, error) {
	i := slices.IndexFunc(s.kept, func(m message.Message) bool {
		return m.ID == id && m.AccountID == accountID && m.ApplicationID == applicationID
	})
	if i < 0 {
		return 0, fault.NotFoundf("No such message")
	}
	return i, s.err
}

func (s *store) Message(_ context.Context, accountID, applicationID, id string) (message.Message, error) {
	i, err := s.find(accountID, applicationID, id)
	if err != nil {
		return message.Message{}, err
	}
	return s.kept[i], nil
}

func (s *store) Messages(_ context.Context, accountID, applicationID string) ([]message.Message, error) {
	var own []message.Message
	for _, m := range s.kept {
		if m.AccountID == accountID && m.ApplicationID == applicationID {
			own = append(own, m)
		}
	}
	return own, s.err
}

func (s *store) UpdateMessage(_ context.Context, accountID, applicationID, id string, change func(*message.Message) error) (message.Message, error) {
	i, err := s.find(accountID, applicationID, id)
	if err != nil {
		return message.Message{}, err
	}
	changed := s.kept[i]
	if err := change(&changed); err != nil {
		return message.Message{}, err
	}
	s.kept[i] = changed
	return changed, nil
}

// applications has shop and bank of account A, and stall of account B.
type applications struct{}

func (applications) Get(_ context.Context, accountID, id string) (application.Application, error) {
	owners := map[string]string{"shop": "A", "bank": "A", "stall": "B"}
	if owners[id] != accountID {
		return application.Application{}, fault.NotFoundf("No such application")
	}
	return application.Application{ID: id, AccountID: accountID}, nil
}

func setup(t *testing.T) (*message.Service, *store) {
	t.Helper()
	kept := &store{}
	service, err := message.New(message.Deps{
		Store: kept, Applications: applications{}, Now: func() time.Time { return noon }, Rand: rand.Reader,
	})
	if err != nil {
		t.Fatal(err)
	}
	return service, kept
}

// good is an input that Create accepts, with the documented example's values.
func good() message.Input {
	return message.Input{
		AccountID: "A", ApplicationID: "shop", Text: new("Your pin is <pin>"), Placeholder: new("<pin>"),
		PINType: new(message.PINTypeNumeric), PINLength: new(4), Sender: new("Infobip 2FA"),
	}
}
