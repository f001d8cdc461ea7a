package sandbox_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pinpost/pinpost/client"
	"github.com/pinpost/pinpost/client/sandbox"
)

// call is a call of one method, and what the contract says of it.
type call struct {
	name          string
	call          func(context.Context, *sandbox.Client) (any, error)
	request, body string
}

func boxed[T any](value T, err error) (any, error) { return value, err }

var calls = []call{
	{"List", func(ctx context.Context, c *sandbox.Client) (any, error) {
		return boxed(c.List(ctx, sandbox.ListFilter{
			To: "+1", PINID: "p", ApplicationID: "a", Channel: sandbox.ChannelSMS, Since: time.UnixMilli(1234), After: "1", Before: "2",
			Limit: 3,
		}))
	}, "GET /sandbox/inbox?to=%2B1&pinId=p&applicationId=a&channel=SMS&since=1234&after=1&before=2&limit=3", ""},
	{"Messages", func(ctx context.Context, c *sandbox.Client) (any, error) {
		for m, err := range c.Messages(ctx, sandbox.ListFilter{}) {
			return m, err
		}
		return nil, nil
	}, "GET /sandbox/inbox", ""},
	{"Drain", func(ctx context.Context, c *sandbox.Client) (any, error) {
		return boxed(c.Drain(ctx, sandbox.DrainFilter{
			To: "1", PINID: "p", ApplicationID: "a", Channel: sandbox.ChannelVoice, Since: time.UnixMilli(1234), After: "1",
		}))
	}, "DELETE /sandbox/inbox?to=1&pinId=p&applicationId=a&channel=VOICE&since=1234&after=1", ""},
	{"Message", func(ctx context.Context, c *sandbox.Client) (any, error) {
		return boxed(c.Message(ctx, "a/b"))
	}, "GET /sandbox/inbox/a%2Fb", ""},
	{"Audio", func(ctx context.Context, c *sandbox.Client) (any, error) {
		return boxed(c.Audio(ctx, "a/b"))
	}, "GET /sandbox/inbox/a%2Fb/audio", ""},
	{"Delete", func(ctx context.Context, c *sandbox.Client) (any, error) {
		return boxed(c.Delete(ctx, "../x"))
	}, "DELETE /sandbox/inbox/..%2Fx", ""},
	{"Wait", func(ctx context.Context, c *sandbox.Client) (any, error) {
		return boxed(c.Wait(ctx, sandbox.WaitFilter{
			To: "1", PINID: "p", ApplicationID: "a", Channel: sandbox.ChannelSMS, After: "1",
		}, 1500*time.Millisecond))
	}, "GET /sandbox/inbox/wait?to=1&pinId=p&applicationId=a&channel=SMS&after=1&timeout=2", ""},
	{"Follow", func(ctx context.Context, c *sandbox.Client) (any, error) {
		return boxed(c.Follow(ctx, sandbox.FollowFilter{To: "1", PINID: "p"}))
	}, "GET /sandbox/inbox/events?to=1&pinId=p", ""},
	{"Scenarios", func(ctx context.Context, c *sandbox.Client) (any, error) {
		return boxed(c.Scenarios(ctx))
	}, "GET /sandbox/scenarios", ""},
	{"Faults", func(ctx context.Context, c *sandbox.Client) (any, error) {
		return boxed(c.Faults(ctx))
	}, "GET /sandbox/faults", ""},
	{"PlanFault", func(ctx context.Context, c *sandbox.Client) (any, error) {
		return boxed(c.PlanFault(ctx, sandbox.FaultPlan{
			Effect: sandbox.EffectDelay, Delay: 1500 * time.Microsecond, Operation: sandbox.OperationVerifyPIN, To: "1", KeyID: "k",
			Count: 2, Share: 0.5, Seed: 7,
		}))
	}, "POST /sandbox/faults", `{"count":2,"delayMs":2,"effect":"DELAY","keyId":"k","operation":"verifyPin","seed":7,"share":0.5,"to":"1"}`},
	{"RemoveFault", func(ctx context.Context, c *sandbox.Client) (any, error) {
		return boxed(c.RemoveFault(ctx, "f"))
	}, "DELETE /sandbox/faults/f", ""},
	{"RemoveFaults", func(ctx context.Context, c *sandbox.Client) (any, error) {
		return boxed(c.RemoveFaults(ctx))
	}, "DELETE /sandbox/faults", ""},
	{"Clock", func(ctx context.Context, c *sandbox.Client) (any, error) {
		return boxed(c.Clock(ctx))
	}, "GET /sandbox/clock", ""},
	{"MoveClock", func(ctx context.Context, c *sandbox.Client) (any, error) {
		return boxed(c.MoveClock(ctx, time.Minute+1))
	}, "POST /sandbox/clock", `{"advanceMs":60001}`},
	{"OpenWorld", func(ctx context.Context, c *sandbox.Client) (any, error) {
		return boxed(c.OpenWorld(ctx, "n"))
	}, "POST /sandbox/worlds", `{"name":"n"}`},
	{"Worlds", func(ctx context.Context, c *sandbox.Client) (any, error) {
		return boxed(c.Worlds(ctx))
	}, "GET /sandbox/worlds", ""},
	{"CloseWorld", func(ctx context.Context, c *sandbox.Client) (any, error) {
		return boxed(c.CloseWorld(ctx, "w"))
	}, "DELETE /sandbox/worlds/w", ""},
	{"Clear", func(ctx context.Context, c *sandbox.Client) (any, error) {
		return boxed(c.Clear(ctx))
	}, "POST /sandbox/reset", `{"keepApplications":true}`},
	{"Reset", func(ctx context.Context, c *sandbox.Client) (any, error) {
		return boxed(c.Reset(ctx, nil))
	}, "POST /sandbox/reset", "{}"},
	{"LoadSeed", func(ctx context.Context, c *sandbox.Client) (any, error) {
		return boxed(c.LoadSeed(ctx, sandbox.Seed{Applications: []sandbox.SeedApplication{}}))
	}, "POST /sandbox/seed", `{"applications":[]}`},
	{"DumpSeed", func(ctx context.Context, c *sandbox.Client) (any, error) {
		return boxed(c.DumpSeed(ctx))
	}, "GET /sandbox/seed", ""},
}

// TestRequests wants every method to ask as the contract says.
func TestRequests(t *testing.T) {
	t.Parallel()
	for method := range reflect.TypeFor[*sandbox.Client]().Methods() {
		if !slices.ContainsFunc(calls, func(c call) bool { return c.name == method.Name }) {
			t.Errorf("method %s is not in the table", method.Name)
		}
	}
	for _, c := range calls {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var request, body string
			var header http.Header
			box := fake(t, func(w http.ResponseWriter, r *http.Request) {
				text, _ := io.ReadAll(r.Body)
				request, body, header = r.Method+" "+strings.TrimPrefix(r.RequestURI, "/behind"), string(text), r.Header
				w.WriteHeader(http.StatusServiceUnavailable)
			}, sandbox.InWorld("w"), client.WithUserAgent("shop/1"))
			_, err := c.call(t.Context(), box)
			if !client.IsUnavailable(err) {
				t.Errorf("error %v, want the server's", err)
			}
			if request != c.request || body != c.body {
				t.Errorf("asked %s %s, want %s %s", request, body, c.request, c.body)
			}
			for name, want := range map[string]string{
				"Authorization": "App k", "User-Agent": "shop/1", "Pinpost-World": "w",
			} {
				if got := header.Get(name); got != want {
					t.Errorf("%s is %q, want %q", name, got, want)
				}
			}
		})
	}
}

// TestMisfits wants an answer that is none to be an error of its own kind, which repeats nothing.
func TestMisfits(t *testing.T) {
	t.Parallel()
	const secret = "73915002"
	for _, c := range calls {
		for name, body := range map[string]string{
			"nothing": "", "HTML": "<html>" + secret, "null": "null", "a health page": `{"status":"up","pin":"` + secret + `"}`,
			"a list": `["` + secret + `"]`, "half of it": `{"messages":[{"pin":"` + secret, "a string": `"` + secret + `"`,
			"lists of no form": `{"messages":"` + secret + `","faults":1,"worlds":1,"scenarios":1,"applications":1,"id":1,"now":"",` +
				`"worldId":"","key":1}`,
		} {
			t.Run(c.name+"/"+name, func(t *testing.T) {
				t.Parallel()
				box := fake(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) })
				value, err := c.call(t.Context(), box)
				if failed, ok := errors.AsType[*client.ResponseError](err); !ok || failed.Status != http.StatusOK {
					t.Fatalf("value %v, error %v; want a ResponseError", value, err)
				}
				if !reflect.ValueOf(value).IsZero() {
					t.Errorf("value %v beside an error", value)
				}
				if strings.Contains(err.Error(), secret) {
					t.Errorf("the error repeats the answer: %v", err)
				}
			})
		}
	}
}

// TestIDs wants no call for an id that would make another path: deleting the message without an id drains the inbox.
func TestIDs(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	box := fake(t, func(http.ResponseWriter, *http.Request) { asked.Add(1) })
	for name, call := range map[string]func(id string) (any, error){
		"Message":     func(id string) (any, error) { return boxed(box.Message(t.Context(), id)) },
		"Delete":      func(id string) (any, error) { return boxed(box.Delete(t.Context(), id)) },
		"RemoveFault": func(id string) (any, error) { return boxed(box.RemoveFault(t.Context(), id)) },
		"CloseWorld":  func(id string) (any, error) { return boxed(box.CloseWorld(t.Context(), id)) },
	} {
		for _, id := range []string{"", ".", ".."} {
			if value, err := call(id); err == nil {
				t.Errorf("%s of %q gives %v, want an error", name, id, value)
			}
		}
	}
	if n := asked.Load(); n != 0 {
		t.Errorf("the server was asked %d times", n)
	}
}
