package server

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/pinpost/pinpost"
	"github.com/pinpost/pinpost/api"
	"github.com/pinpost/pinpost/api/spec"
	"github.com/pinpost/pinpost/internal/account"
	"github.com/pinpost/pinpost/internal/application"
	"github.com/pinpost/pinpost/internal/conform"
	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/message"
	"github.com/pinpost/pinpost/internal/metrics"
	"github.com/pinpost/pinpost/internal/phone"
	"github.com/pinpost/pinpost/internal/pin"
)

// FuzzDecodeStrict compares the decoder of the gate with the standard one: what ours takes, the other takes as the same value; what
// ours refuses of valid JSON in UTF-8 is a member given twice, or too deep.
func FuzzDecodeStrict(f *testing.F) {
	for _, seed := range []string{
		`{"to":"41793026727"}`, `{"a":1,"\u0061":2}`, `[[[]]]`, `{"a":[1,{"b":null}],"c":-0.5e+3}`, `"\ud800"`, `"\ud83d\udd11"`, `{}{}`, `{} `,
		`[1,]`, `{"a":1,}`, `{"a" 1}`, `[1 2]`, `[}`, "\xef\xbb\xbf{}", "\xff", `01`, `1e400`, `nul`, ``, strings.Repeat("[", 40), "{\"\x00\":1}",
		strings.Repeat("[", 32) + strings.Repeat("]", 32), strings.Repeat("[", 33) + strings.Repeat("]", 33), `{"\udc00":1,"\udc01":2}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := conform.Decode(body)
		if err != nil {
			if got != nil {
				t.Errorf("a value beside the error %v", err)
			}
			ours := errors.Is(err, conform.ErrDuplicate) || errors.Is(err, conform.ErrDepth)
			if !ours && utf8.Valid(body) && json.Valid(body) {
				t.Errorf("refused with %v, and is valid JSON", err)
			}
			return
		}
		var want any
		decoder := json.NewDecoder(bytes.NewReader(body))
		decoder.UseNumber()
		if err := decoder.Decode(&want); err != nil || !json.Valid(body) || !utf8.Valid(body) {
			t.Fatalf("taken, and is not valid: %v", err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got %#v, want %#v", got, want)
		}
	})
}

// FuzzRequestBody sends bodies through the whole handler to every operation that takes one. None may be a fault of ours,
// and every refusal is the error object.
func FuzzRequestBody(f *testing.F) {
	s := fuzzServer(f)
	operations := spec.Operations(s.deps.Contract)
	ids := slices.DeleteFunc(slices.Sorted(maps.Keys(operations)), func(id string) bool {
		return operations[id].Spec.RequestBody == nil
	})
	for _, seed := range []string{
		``, `null`, `{}`, `[]`, `"x"`, `{"pin":"1598"}`, `{"name":"n","enabled":null,"configuration":{"pinAttempts":4.0,"pinTimeToLive":9e5}}`,
		`{"to":"41790013377","applicationId":"A","messageId":"B","from":"Pinpost","ncNeeded":false}`, `{"pinType":null,"pinLength":1e0}`,
		`{"pinType":"HEX","pinPlaceholder":"<pin>","messageText":"<pin> 🔑","pinLength":8,"sender":"Pinpost"}`, `{"a":{"b":[{"c":1}]}}`,
		`{"name":"n","configuration":{"pinAttempts":1e400,"x":1}}`, `{"pinType":"X","pinLength":-0,"sender":"` + "\\u0000" + `"}`,
	} {
		for i := range ids {
			f.Add(byte(i), "application/json", []byte(seed))
		}
	}
	f.Add(byte(0), "application/json; charset=utf-16", []byte(`{}`))
	f.Fuzz(func(t *testing.T, which byte, mediaType string, body []byte) {
		op := operations[ids[int(which)%len(ids)]]
		target := strings.NewReplacer("{pinId}", "P", "{applicationId}", "A", "{messageId}", "M").Replace(op.Path)
		req := httptest.NewRequest(op.Method, target, bytes.NewReader(body))
		req.Header.Set("Content-Type", mediaType)
		req.SetBasicAuth("user", "password")
		recorder := httptest.NewRecorder()
		s.ServeHTTP(recorder, req)
		answer := recorder.Result()
		if answer.StatusCode >= http.StatusInternalServerError || answer.Header.Get("Content-Type") != "application/json" {
			t.Fatalf("%s: status %d as %s: %s", op.ID, answer.StatusCode, answer.Header.Get("Content-Type"), recorder.Body)
		}
		if answer.StatusCode < http.StatusBadRequest {
			return
		}
		var object api.ErrorObject
		decoder := json.NewDecoder(recorder.Body)
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&object); err != nil || object.RequestError.ServiceException.Text == "" {
			t.Errorf("%s: status %d without an error object: %v", op.ID, answer.StatusCode, err)
		}
	})
}

var appliedPattern = regexp.MustCompile(`^(respond-async|(respond-async, )?wait=([0-9]|[1-5][0-9]|60))$`)

// FuzzPrefer wants a wait within its bounds, and in Preference-Applied nothing of the caller's own.
func FuzzPrefer(f *testing.F) {
	for _, seed := range []string{
		"", "respond-async", "wait=10", "wait=0", "wait=61", `wait="5"`, "Wait = 5 ; x=y", "wait=1, wait=2", "wait=-1", "wait=+1", "respond-async, wait=0", "foo, respond-async; wait=3",
		"wait=18446744073709551616", "respond-async=\r\nX: y", ",,;=", `foo="a,wait=1"`, "wait=５",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		p := parsePrefer(header)
		if (p.wait == nil) != (p.applied == nil) {
			t.Fatalf("wait %v with applied %v, want both or none", p.wait, p.applied)
		}
		if p.wait == nil {
			return
		}
		if *p.wait < 0 || *p.wait > pin.MaxCallWait || *p.wait%time.Second != 0 {
			t.Errorf("wait is %v, want whole seconds up to %v", *p.wait, pin.MaxCallWait)
		}
		if !appliedPattern.MatchString(*p.applied) {
			t.Errorf("applied is %q", *p.applied)
		}
		if again := parsePrefer(*p.applied); again.wait == nil || *again.wait != *p.wait {
			t.Errorf("applied %q means something else than %q", *p.applied, header)
		}
	})
}

// FuzzAuthorization wants no account for anything but one header with the key or the password that is good.
func FuzzAuthorization(f *testing.F) {
	s := &Server{deps: Deps{Accounts: onlyAccount{}}}
	basic := base64.StdEncoding.EncodeToString([]byte("user:password"))
	for _, seed := range []string{
		"", " ", "App", "App ", "App the-key", "aPP   the-key ", "App App the-key", "App the-key,", "Bearer the-key", "Basic", "Basic " + basic,
		"basic  " + strings.TrimRight(basic, "="), "Basic ====", "Basic dXNlcg==", "Basic /zov", "App\tthe-key", "\xff the-key", "Basic " + basic + "\r\n",
	} {
		f.Add(seed, "", false)
	}
	f.Add("App the-key", "App the-key", true)
	f.Fuzz(func(t *testing.T, first, second string, two bool) {
		headers := []string{first}
		if two {
			headers = append(headers, second)
		}
		for _, accepted := range []schemes{{app: true, basic: true}, {app: true}, {basic: true}} {
			id, err := s.identify(t.Context(), headers, accepted)
			if err != nil {
				if id != (account.Caller{}) || (!errors.Is(err, errMissing) && !errors.Is(err, account.ErrRefused)) {
					t.Errorf("account %v and error %v, want none and a refusal", id, err)
				}
				continue
			}
			scheme, rest, _ := strings.Cut(strings.TrimSpace(first), " ")
			decoded, _ := base64.RawStdEncoding.DecodeString(strings.TrimRight(strings.ReplaceAll(strings.TrimSpace(rest), " ", ""), "="))
			byKey := accepted.app && strings.EqualFold(scheme, "App") && strings.TrimSpace(rest) == "the-key"
			byPassword := accepted.basic && strings.EqualFold(scheme, "Basic") && string(decoded) == "user:password"
			if two || id.AccountID != "account" || (!byKey && !byPassword) {
				t.Errorf("%q opens account %v", headers, id)
			}
		}
	})
}

func fuzzServer(f testing.TB) *Server {
	f.Helper()
	contract, err := spec.Load()
	fatal(f, err)
	spec.Close(contract)
	applications, err := application.New(application.Deps{Store: oneApplication{}, Now: time.Now, Rand: rand.Reader})
	fatal(f, err)
	messages, err := message.New(message.Deps{Store: oneMessage{}, Applications: applications, Now: time.Now, Rand: rand.Reader})
	fatal(f, err)
	s, err := New(Deps{
		PINs: onePIN{}, Applications: applications, Messages: messages, Accounts: onlyAccount{}, Neighbours: quiet{},
		Metrics: metrics.New(), Contract: contract, Document: pinpost.OpenAPI,
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)), ValidateResponses: ResponsesFail,
	})
	fatal(f, err)
	return s
}

func fatal(f testing.TB, err error) {
	f.Helper()
	if err != nil {
		f.Fatal(err)
	}
}

// onlyAccount knows one key and one password.
type onlyAccount struct{}

func (onlyAccount) ByKey(_ context.Context, key string) (account.Caller, error) {
	if key != "the-key" {
		return account.Caller{}, account.ErrRefused
	}
	return account.Caller{AccountID: "account", KeyID: "key"}, nil
}

func (onlyAccount) ByPassword(_ context.Context, name, password string) (string, error) {
	if name != "user" || password != "password" {
		return "", account.ErrRefused
	}
	return "account", nil
}

func (onlyAccount) CreateKey(context.Context, string, string) (account.Key, string, error) {
	return account.Key{}, "a-key", nil
}

// oneApplication is a store of an application that has every id; the rules before it are the real ones.
type oneApplication struct{ application.Store }

func (oneApplication) CreateApplication(context.Context, application.Application) error { return nil }

func (oneApplication) Application(_ context.Context, accountID, id string) (application.Application, error) {
	return application.Application{ID: id, AccountID: accountID, Name: "n", Configuration: application.DefaultConfiguration()}, nil
}

func (s oneApplication) UpdateApplication(ctx context.Context, accountID, id string, change func(*application.Application) error) (application.Application, error) {
	a, _ := s.Application(ctx, accountID, id)
	return a, change(&a)
}

// oneMessage is a store of a message that has every id.
type oneMessage struct{ message.Store }

func (oneMessage) CreateMessage(context.Context, message.Message) error { return nil }

func (oneMessage) UpdateMessage(_ context.Context, accountID, applicationID, id string, change func(*message.Message) error) (message.Message, error) {
	m := message.Message{
		ID: id, AccountID: accountID, ApplicationID: applicationID, Text: "#", Placeholder: "#", PINType: message.PINTypeHex,
		PINLength: 6, Sender: "Pinpost",
	}
	return m, change(&m)
}

// onePIN sends what is valid, and finds every PIN wrong.
type onePIN struct{ PINs }

func (onePIN) SendSMS(_ context.Context, in pin.SendInput) (pin.SMSResult, error) {
	to, _ := phone.Parse(in.To)
	return pin.SMSResult{To: to, NCStatus: "NC_NOT_CONFIGURED", SMSStatus: "MESSAGE_SENT", PINID: "P"}, in.Validate()
}

func (onePIN) SendVoice(_ context.Context, in pin.SendInput, _ *time.Duration) (pin.CallResult, error) {
	to, _ := phone.Parse(in.To)
	return pin.CallResult{To: to, PINID: "P", Status: "PROCESSING"}, in.Validate()
}

func (onePIN) ResendSMS(context.Context, pin.ResendInput) (pin.SMSResult, error) {
	return pin.SMSResult{To: "41790013377", NCStatus: "NC_NOT_CONFIGURED", SMSStatus: "MESSAGE_SENT", PINID: "P"}, nil
}

func (onePIN) ResendVoice(context.Context, pin.ResendInput, *time.Duration) (pin.CallResult, error) {
	return pin.CallResult{To: "41790013377", PINID: "P", Status: "PROCESSING"}, nil
}

func (onePIN) Verify(context.Context, pin.VerifyInput) (pin.VerifyResult, error) {
	return pin.VerifyResult{PINID: "P", To: "41790013377", Mistake: pin.MistakeWrongPIN}, nil
}

// quiet are neighbours that are well.
type quiet struct{}

func (quiet) Ping(context.Context) error           { return nil }
func (quiet) Carriers() map[string]delivery.Health { return nil }
