package world

import (
	"context"
	"fmt"

	"github.com/pinpost/pinpost/internal/application"
	"github.com/pinpost/pinpost/internal/message"
)

// Seed is what a world can be loaded with: applications with given ids, and their messages.
type Seed struct{ Applications []SeedApplication }

// SeedApplication is an application with its messages.
type SeedApplication struct {
	ID       string
	Input    application.Input
	Messages []SeedMessage
}

// SeedMessage is a message with a given id.
type SeedMessage struct {
	ID    string
	Input message.Input
}

// Load keeps the applications and messages of a seed, in place of those with the same ids. All of it is checked before
// any of it is kept.
func (s *Service) Load(ctx context.Context, accountID string, seed Seed) error {
	var applications []application.Application
	var messages []message.Message
	for i, sa := range seed.Applications {
		sa.Input.AccountID = accountID
		a, err := s.deps.Applications.Make(sa.ID, sa.Input)
		if err != nil {
			return fmt.Errorf("application %d: %w", i+1, err)
		}
		applications = append(applications, a)
		for j, sm := range sa.Messages {
			sm.Input.AccountID, sm.Input.ApplicationID = accountID, sa.ID
			m, err := s.deps.Messages.Make(sm.ID, sm.Input)
			if err != nil {
				return fmt.Errorf("application %d, message %d: %w", i+1, j+1, err)
			}
			messages = append(messages, m)
		}
	}
	for _, a := range applications {
		if err := s.deps.Store.PutApplication(ctx, a); err != nil {
			return err
		}
	}
	for _, m := range messages {
		if err := s.deps.Store.PutMessage(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

// Content is an application of a world with its messages.
type Content struct {
	Application application.Application
	Messages    []message.Message
}

// Dump gives the applications of a world with their messages, oldest first.
func (s *Service) Dump(ctx context.Context, accountID string) ([]Content, error) {
	applications, err := s.deps.Applications.List(ctx, accountID)
	if err != nil {
		return nil, err
	}
	contents := make([]Content, len(applications))
	for i, a := range applications {
		messages, err := s.deps.Messages.List(ctx, accountID, a.ID)
		if err != nil {
			return nil, err
		}
		contents[i] = Content{a, messages}
	}
	return contents, nil
}
