package world

import (
	"context"
	"errors"
	"fmt"
	"regexp"

	"github.com/pinpost/pinpost/internal/application"
	"github.com/pinpost/pinpost/internal/fault"
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

// Load keeps the applications and messages of a seed, in place of the account's own with the same ids: all of them, or
// none. Other accounts and worlds may have these ids too. fault.Invalid names every member that is wrong by its place in
// the seed, ids that the seed has twice included.
func (s *Service) Load(ctx context.Context, accountID string, seed Seed) error {
	contents, err := s.contents(accountID, seed)
	if err != nil {
		return err
	}
	return s.deps.Store.PutSeed(ctx, contents)
}

// Reset removes everything in the account's or world's own world, but its keys, sets its clock back and loads a seed into
// it, all at once. A seed that is refused removes nothing.
func (s *Service) Reset(ctx context.Context, accountID string, seed Seed) error {
	contents, err := s.contents(accountID, seed)
	if err != nil {
		return err
	}
	return s.deps.Store.ResetAccount(ctx, accountID, contents)
}

// Clear is Reset for applications and messages that are to stay as they are: what was sent and counted is removed.
func (s *Service) Clear(ctx context.Context, accountID string) error {
	return s.deps.Store.ClearAccount(ctx, accountID)
}

// enoughFaults ends the search for more: one mistake may be made a thousand times.
const enoughFaults = 20

// contents checks a seed and makes what it describes.
func (s *Service) contents(accountID string, seed Seed) ([]Content, error) {
	faults := fault.Members{}
	applicationIDs, messageIDs := places{}, places{}
	contents := make([]Content, len(seed.Applications))
	for i, sa := range seed.Applications {
		if len(faults) >= enoughFaults {
			break
		}
		at := fmt.Sprintf("applications[%d]", i)
		applicationIDs.take(faults, sa.ID, at+".applicationId")
		sa.Input.AccountID = accountID
		a, err := s.deps.Applications.Make(sa.ID, sa.Input)
		if err := gather(faults, at, err); err != nil {
			return nil, err
		}
		contents[i].Application = a
		for j, sm := range sa.Messages {
			at := fmt.Sprintf("%s.messages[%d]", at, j)
			messageIDs.take(faults, sm.ID, at+".messageId")
			sm.Input.AccountID, sm.Input.ApplicationID = accountID, sa.ID
			m, err := s.deps.Messages.Make(sm.ID, sm.Input)
			if err := gather(faults, at, err); err != nil {
				return nil, err
			}
			contents[i].Messages = append(contents[i].Messages, m)
		}
	}
	return contents, faults.Err()
}

// seedID is what an id of a seed may be: it stands in paths, and in the commands of people.
var seedID = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// places are the ids of a seed, and where each stands first.
type places map[string]string

func (p places) take(faults fault.Members, id, at string) {
	switch first, twice := p[id]; {
	case id == "":
		faults.Addf(at, "must not be empty")
	case !seedID.MatchString(id):
		faults.Addf(at, "must be 1 to 64 letters, digits, hyphens and underscores")
	case twice:
		faults.Addf(at, "is the same as %s", first)
	default:
		p[id] = at
	}
}

// gather notes what is wrong with one part of a seed under the part's place. Any other failure is handed back.
func gather(faults fault.Members, at string, err error) error {
	f, ok := errors.AsType[*fault.Error](err)
	if !ok || f.Kind != fault.Invalid {
		return err
	}
	for member, texts := range f.Members {
		for _, text := range texts {
			faults.Addf(at+"."+member, "%s", text)
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
	contents := make([]Content, 0, len(applications))
	for _, a := range applications {
		messages, err := s.deps.Messages.List(ctx, accountID, a.ID)
		if fault.Is(err, fault.NotFound) {
			continue // a reset was faster
		}
		if err != nil {
			return nil, err
		}
		contents = append(contents, Content{a, messages})
	}
	return contents, nil
}
