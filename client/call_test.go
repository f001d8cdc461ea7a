package client_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/pinpost/pinpost/api"
	"github.com/pinpost/pinpost/client"
)

type idCall func(ctx context.Context, c *client.Client, id string) (any, error)

// idCalls call each method with a path id in each place that has one. Before and after are what stands around it.
var idCalls = []struct {
	name, before, after string
	call                idCall
}{
	{"ResendPIN", "/2fa/1/pin/", "/resend", func(ctx context.Context, c *client.Client, id string) (any, error) {
		return boxed(c.ResendPIN(ctx, id))
	}},
	{"ResendPINByVoice", "/2fa/1/pin/", "/resend/voice", func(ctx context.Context, c *client.Client, id string) (any, error) {
		return boxed(c.ResendPINByVoice(ctx, id))
	}},
	{"VerifyPIN", "/2fa/1/pin/", "/verify", func(ctx context.Context, c *client.Client, id string) (any, error) {
		return boxed(c.VerifyPIN(ctx, id, pin))
	}},
	{"PINStatus", "/2fa/1/pin/", "/status", func(ctx context.Context, c *client.Client, id string) (any, error) {
		return boxed(c.PINStatus(ctx, id))
	}},
	{"GetApplication", "/2fa/1/applications/", "", func(ctx context.Context, c *client.Client, id string) (any, error) {
		return boxed(c.GetApplication(ctx, id))
	}},
	{"UpdateApplication", "/2fa/1/applications/", "", func(ctx context.Context, c *client.Client, id string) (any, error) {
		return boxed(c.UpdateApplication(ctx, id, api.UpdateApplicationRequest{}))
	}},
	{"CreateMessage", "/2fa/1/applications/", "/messages", func(ctx context.Context, c *client.Client, id string) (any, error) {
		return boxed(c.CreateMessage(ctx, id, api.CreateMessageRequest{}))
	}},
	{"ListMessages", "/2fa/1/applications/", "/messages", func(ctx context.Context, c *client.Client, id string) (any, error) {
		return boxed(c.ListMessages(ctx, id))
	}},
	{"GetMessage of", "/2fa/1/applications/", "/messages/m", func(ctx context.Context, c *client.Client, id string) (any, error) {
		return boxed(c.GetMessage(ctx, id, "m"))
	}},
	{"GetMessage", "/2fa/1/applications/a/messages/", "", func(ctx context.Context, c *client.Client, id string) (any, error) {
		return boxed(c.GetMessage(ctx, "a", id))
	}},
	{"UpdateMessage of", "/2fa/1/applications/", "/messages/m", func(ctx context.Context, c *client.Client, id string) (any, error) {
		return boxed(c.UpdateMessage(ctx, id, "m", api.UpdateMessageRequest{}))
	}},
	{"UpdateMessage", "/2fa/1/applications/a/messages/", "", func(ctx context.Context, c *client.Client, id string) (any, error) {
		return boxed(c.UpdateMessage(ctx, "a", id, api.UpdateMessageRequest{}))
	}},
	{
		"ListVerifications", "/2fa/1/applications/", "/verifications",
		func(ctx context.Context, c *client.Client, id string) (any, error) {
			return boxed(c.ListVerifications(ctx, id, client.VerificationFilter{}))
		},
	},
}

func TestPathIDs(t *testing.T) {
	t.Parallel()
	for _, tt := range idCalls {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t, says(http.StatusNotFound, ""))
			c := newClient(t, f.URL+"/some/prefix")
			odd := []string{"a/b", "../x", "...", "%2F", "%2e%2e", "a b", "a+b", "?x=1", "#x", ";x", "ä", ":", "\n", `\`, "a:b@c"}
			for i, id := range odd {
				if _, err := tt.call(t.Context(), c, id); !client.IsNotFound(err) {
					t.Fatalf("id %q: error %v, want the server's", id, err)
				}
				uri := f.requests()[i].uri
				segment, ok := strings.CutPrefix(uri, "/some/prefix"+tt.before)
				segment, ok2 := strings.CutSuffix(segment, tt.after)
				got, err := url.PathUnescape(segment)
				if !ok || !ok2 || err != nil || strings.ContainsAny(segment, "/?#") || got != id {
					t.Errorf("id %q arrived in %s", id, uri)
				}
			}
			for _, id := range []string{"", ".", ".."} {
				value, err := tt.call(t.Context(), c, id)
				if err == nil {
					t.Errorf("id %q gave %v", id, value)
				}
			}
			if got := len(f.requests()); got != len(odd) {
				t.Errorf("%d requests arrived, want %d: refused ids reached the server", got, len(odd))
			}
		})
	}
}
