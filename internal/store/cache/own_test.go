package cache

import (
	"context"
	"crypto/sha256"
	"strings"
	"testing"
	"unsafe"

	"github.com/pinpost/pinpost/internal/account"
	"github.com/pinpost/pinpost/internal/application"
	"github.com/pinpost/pinpost/internal/message"
)

// anything finds whatever it is asked for.
type anything struct{}

func (anything) Generation(context.Context) (int64, error) { return 1, nil }

func (anything) GoodKey(context.Context, [sha256.Size]byte) (account.Key, error) {
	return account.Key{}, nil
}

func (anything) Application(context.Context, string, string) (application.Application, error) {
	return application.Application{}, nil
}

func (anything) Message(context.Context, string, string, string) (message.Message, error) {
	return message.Message{}, nil
}

// TestKeys_are_their_own asks for what is named by parts of a body: the body must not stay in memory for as long as they do.
func TestKeys_are_their_own(t *testing.T) {
	t.Parallel()
	c, err := New(anything{})
	if err != nil {
		t.Fatal(err)
	}
	body := strings.Repeat("A", 1000)
	accountID, applicationID, messageID := body[1:5], body[11:15], body[21:25]
	if _, err := c.Application(t.Context(), accountID, applicationID); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Message(t.Context(), accountID, applicationID, messageID); err != nil {
		t.Fatal(err)
	}
	a, m := c.applications.Keys()[0], c.messages.Keys()[0]
	for kept, given := range map[*string]string{
		&a.account: accountID, &a.application: applicationID,
		&m.account: accountID, &m.application: applicationID, &m.message: messageID,
	} {
		if *kept != given || unsafe.StringData(*kept) == unsafe.StringData(given) {
			t.Errorf("%q is kept, a part of what was asked with", *kept)
		}
	}
}
