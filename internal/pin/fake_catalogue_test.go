package pin

import (
	"context"
	"sync"

	"github.com/pinpost/pinpost/internal/application"
	"github.com/pinpost/pinpost/internal/fault"
	"github.com/pinpost/pinpost/internal/message"
)

// catalogue has the applications and messages of a test.
type catalogue struct {
	mu           sync.Mutex
	applications map[owned]application.Application
	messages     map[owned]message.Message
}

// owned is an id that is an account's own.
type owned struct{ accountID, id string }

type fakeApplications struct{ *catalogue }

func (c fakeApplications) Get(_ context.Context, accountID, id string) (application.Application, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	a, ok := c.applications[owned{accountID, id}]
	if !ok {
		return application.Application{}, fault.NotFoundf("No such application")
	}
	return a, nil
}

type fakeMessages struct{ *catalogue }

func (c fakeMessages) Get(_ context.Context, accountID, applicationID, id string) (message.Message, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	m, ok := c.messages[owned{accountID, id}]
	if !ok || m.ApplicationID != applicationID {
		return message.Message{}, fault.NotFoundf("No such message")
	}
	return m, nil
}
