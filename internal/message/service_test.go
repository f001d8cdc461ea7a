package message_test

import (
	"crypto/rand"
	"errors"
	"io"
	"maps"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/pinpost/pinpost/internal/fault"
	"github.com/pinpost/pinpost/internal/message"
)

func TestNew_refuses_missing_dependencies(t *testing.T) {
	t.Parallel()
	whole := message.Deps{Store: &store{}, Applications: applications{}, Now: time.Now, Rand: rand.Reader}
	if _, err := message.New(whole); err != nil {
		t.Errorf("New with everything = %v, want nil", err)
	}
	tests := map[string]func(*message.Deps){
		"Store":        func(d *message.Deps) { d.Store = nil },
		"Applications": func(d *message.Deps) { d.Applications = nil },
		"Now":          func(d *message.Deps) { d.Now = nil },
		"Rand":         func(d *message.Deps) { d.Rand = nil },
	}
	for name, without := range tests {
		deps := whole
		without(&deps)
		if service, err := message.New(deps); service != nil || err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("New without %s = %v, %v, want an error that names it", name, service, err)
		}
	}
}

func TestCreate_keeps_the_documented_example(t *testing.T) {
	t.Parallel()
	service, kept := setup(t)
	m, err := service.Create(t.Context(), good())
	if err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(`^[0-9A-F]{32}$`).MatchString(m.ID) {
		t.Errorf("id = %q, want 32 upper-case hex digits", m.ID)
	}
	want := message.Message{
		ID: m.ID, AccountID: "A", ApplicationID: "shop", Text: "Your pin is <pin>", Placeholder: "<pin>",
		PINType: message.PINTypeNumeric, PINLength: 4, Sender: "Infobip 2FA", CreatedAt: noon,
	}
	if m != want || len(kept.kept) != 1 || kept.kept[0] != want {
		t.Errorf("Create = %+v with %+v kept, want %+v", m, kept.kept, want)
	}
}

// TestCreate_validates says for each wrong template which member is blamed, and for what; none means accepted.
func TestCreate_validates(t *testing.T) {
	t.Parallel()
	type input = message.Input
	tests := map[string]struct {
		change       func(*input)
		member, text string
	}{
		"no type":                {func(in *input) { in.PINType = nil }, "pinType", "must be NUMERIC, ALPHA, HEX or ALPHANUMERIC"},
		"an unknown type":        {func(in *input) { in.PINType = new(message.PINType("HEXA")) }, "pinType", "must be NUMERIC, ALPHA, HEX or ALPHANUMERIC"},
		"type ALPHA":             {func(in *input) { in.PINType = new(message.PINTypeAlpha) }, "", ""},
		"type HEX":               {func(in *input) { in.PINType = new(message.PINTypeHex) }, "", ""},
		"type ALPHANUMERIC":      {func(in *input) { in.PINType = new(message.PINTypeAlphanumeric) }, "", ""},
		"no length":              {func(in *input) { in.PINLength = nil }, "pinLength", "must be from 1 to 8"},
		"length 0":               {func(in *input) { in.PINLength = new(0) }, "pinLength", "must be from 1 to 8"},
		"a negative length":      {func(in *input) { in.PINLength = new(-1) }, "pinLength", "must be from 1 to 8"},
		"length 1":               {func(in *input) { in.PINLength = new(1) }, "", ""},
		"length 8":               {func(in *input) { in.PINLength = new(8) }, "", ""},
		"length 9":               {func(in *input) { in.PINLength = new(9) }, "pinLength", "must be from 1 to 8"},
		"an endless length":      {func(in *input) { in.PINLength = new(1 << 60) }, "pinLength", "must be from 1 to 8"},
		"no placeholder":         {func(in *input) { in.Placeholder = nil }, "pinPlaceholder", "must not be empty"},
		"an empty placeholder":   {func(in *input) { in.Placeholder = new("") }, "pinPlaceholder", "must not be empty"},
		"a blank placeholder":    {func(in *input) { in.Placeholder = new(" ") }, "pinPlaceholder", "must not be empty"},
		"a placeholder of 64":    {holding(strings.Repeat("x", 64)), "", ""},
		"a placeholder of 65":    {holding(strings.Repeat("x", 65)), "pinPlaceholder", "must have at most 64 characters"},
		"no text":                {func(in *input) { in.Text = nil }, "messageText", "must contain the pinPlaceholder"},
		"text without the place": {func(in *input) { in.Text = new("Your pin is <PIN>") }, "messageText", "must contain the pinPlaceholder"},
		"text with two places":   {func(in *input) { in.Text = new("<pin> <pin>") }, "", ""},
		"line breaks":            {func(in *input) { in.Text = new("a\r\n<pin>") }, "", ""},
		"a tab":                  {func(in *input) { in.Text = new("a\t<pin>") }, "messageText", "must not contain control characters other than line breaks"},
		"a NUL":                  {func(in *input) { in.Text = new("a\x00<pin>") }, "messageText", "must not contain control characters other than line breaks"},
		"an escape":              {func(in *input) { in.Text = new("a\x1b[2J<pin>") }, "messageText", "must not contain control characters other than line breaks"},
		"a delete":               {func(in *input) { in.Text = new("a\x7f<pin>") }, "messageText", "must not contain control characters other than line breaks"},
		"a control placeholder":  {holding("\x01"), "messageText", "must not contain control characters other than line breaks"},
		"ten full parts":         {func(in *input) { in.Text = new("<pin>" + strings.Repeat("a", 1526)) }, "", ""},
		"ten parts and a letter": {func(in *input) { in.Text = new("<pin>" + strings.Repeat("a", 1527)) }, "messageText", "makes 11 SMS parts; at most 10 are sent"},
		"ten full parts, UTF-16": {func(in *input) { in.Text = new("<pin>" + strings.Repeat("ж", 666)) }, "", ""},
		"eleven parts, UTF-16":   {func(in *input) { in.Text = new("<pin>" + strings.Repeat("ж", 667)) }, "messageText", "makes 11 SMS parts; at most 10 are sent"},
		"a long place, short PIN": {func(in *input) {
			in.Placeholder = new(strings.Repeat("#", 60))
			in.Text = new(strings.Repeat("#", 60) + strings.Repeat("a", 1526))
		}, "", ""},
		"every language": {func(in *input) { in.Language = new("zh_tw") }, "", ""},
		"another spelling of a language": {func(in *input) { in.Language = new("pt-br") }, "language",
			"must be one of en, es, ca, da, nl, fr, de, it, ja, ko, no, pl, ru, sv, fi, hr, sl, ro, pt_pt, pt_br, zh_cn, zh_tw"},
		"the slowest speech":  {func(in *input) { in.SpeechRate = new(0.5) }, "", ""},
		"slower speech":       {func(in *input) { in.SpeechRate = new(0.49) }, "speechRate", "must be from 0.5 to 2"},
		"the fastest speech":  {func(in *input) { in.SpeechRate = new(2.0) }, "", ""},
		"faster speech":       {func(in *input) { in.SpeechRate = new(2.01) }, "speechRate", "must be from 0.5 to 2"},
		"a rate that is none": {func(in *input) { in.SpeechRate = new(math.NaN()) }, "speechRate", "must be from 0.5 to 2"},
		"every key":           {func(in *input) { in.RepeatDTMF = new("12*90#") }, "", ""},
		"a key that no phone has": {func(in *input) { in.RepeatDTMF = new("1,#") }, "repeatDTMF",
			"must be at most 8 digits, stars and hashes"},
		"nine keys":        {func(in *input) { in.RepeatDTMF = new("123456789") }, "repeatDTMF", "must be at most 8 digits, stars and hashes"},
		"no sender":        {func(in *input) { in.Sender = nil }, "sender", "must not be empty"},
		"a long sender":    {func(in *input) { in.Sender = new("A very long sender") }, "sender", "must be at most 11 characters when alphanumeric"},
		"a numeric sender": {func(in *input) { in.Sender = new("41793026727") }, "", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			service, kept := setup(t)
			in := good()
			tt.change(&in)
			_, err := service.Create(t.Context(), in)
			if tt.member == "" {
				if err != nil || len(kept.kept) != 1 {
					t.Errorf("Create = %v with %d kept, want it kept", err, len(kept.kept))
				}
				return
			}
			f, ok := errors.AsType[*fault.Error](err)
			if !ok || f.Kind != fault.Invalid || !slices.Equal(f.Members[tt.member], []string{tt.text}) || len(f.Members) != 1 {
				t.Errorf("Create = %#v, want %s alone: %s", err, tt.member, tt.text)
			}
			if len(kept.kept) != 0 {
				t.Errorf("kept %d, want none", len(kept.kept))
			}
		})
	}
}

// holding makes a template around a placeholder of its own.
func holding(placeholder string) func(*message.Input) {
	return func(in *message.Input) {
		in.Placeholder, in.Text = new(placeholder), new("Your pin is "+placeholder)
	}
}

func TestCreate_reports_every_fault_at_once(t *testing.T) {
	t.Parallel()
	service, _ := setup(t)
	_, err := service.Create(t.Context(), message.Input{AccountID: "A", ApplicationID: "shop", Placeholder: new("<pin>")})
	f, ok := errors.AsType[*fault.Error](err)
	if !ok {
		t.Fatalf("Create = %v, want a *fault.Error", err)
	}
	got, want := slices.Sorted(maps.Keys(f.Members)), []string{"messageText", "pinLength", "pinType", "sender"}
	if !slices.Equal(got, want) {
		t.Errorf("members = %q, want %q", got, want)
	}
}

func TestCreate_fails_with_its_neighbours(t *testing.T) {
	t.Parallel()
	t.Run("a store that is busy", func(t *testing.T) {
		t.Parallel()
		service, kept := setup(t)
		kept.err = errBusy
		if _, err := service.Create(t.Context(), good()); !fault.Is(err, fault.Unavailable) {
			t.Errorf("Create = %v, want the store's kind kept", err)
		}
	})
	t.Run("a source that is dry", func(t *testing.T) {
		t.Parallel()
		service, err := message.New(message.Deps{
			Store: &store{}, Applications: applications{}, Now: time.Now, Rand: iotest.ErrReader(io.ErrClosedPipe),
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := service.Create(t.Context(), good()); !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("Create = %v, want the source's failure", err)
		}
	})
}

func TestUpdate_changes_what_it_is_told_and_nothing_else(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		in   message.Input
		want func(*message.Message)
	}{
		"nothing": {message.Input{}, func(*message.Message) {}},
		"the documented example": {
			message.Input{PINType: new(message.PINTypeAlphanumeric), PINLength: new(6)},
			func(m *message.Message) { m.PINType, m.PINLength = message.PINTypeAlphanumeric, 6 },
		},
		"the text":   {message.Input{Text: new("<pin> it is")}, func(m *message.Message) { m.Text = "<pin> it is" }},
		"the sender": {message.Input{Sender: new("Bank")}, func(m *message.Message) { m.Sender = "Bank" }},
		"how it is spoken": {
			message.Input{Language: new("fr"), SpeechRate: new(1.5), RepeatDTMF: new("1#")},
			func(m *message.Message) { m.Speech = message.Speech{Language: "fr", Rate: 1.5, RepeatDTMF: "1#"} },
		},
		"text and placeholder together": {
			message.Input{Text: new("{{pin}}"), Placeholder: new("{{pin}}")},
			func(m *message.Message) { m.Text, m.Placeholder = "{{pin}}", "{{pin}}" },
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			service, kept := setup(t)
			before, err := service.Create(t.Context(), good())
			if err != nil {
				t.Fatal(err)
			}
			want := before
			tt.want(&want)
			tt.in.AccountID, tt.in.ApplicationID = "A", "shop"
			got, err := service.Update(t.Context(), before.ID, tt.in)
			if err != nil || got != want || kept.kept[0] != want {
				t.Errorf("Update = %+v, %v with %+v kept, want %+v", got, err, kept.kept[0], want)
			}
		})
	}
}

func TestUpdate_keeps_the_old_when_the_outcome_is_wrong(t *testing.T) {
	t.Parallel()
	tests := map[string]message.Input{
		"a placeholder that the text lacks": {Placeholder: new("{{pin}}")},
		"a text that lacks the placeholder": {Text: new("Your pin is here")},
		"an empty sender":                   {Sender: new(""), PINLength: new(6)},
		"length 9":                          {PINLength: new(9), Text: new("<pin>")},
	}
	for name, in := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			service, kept := setup(t)
			before, err := service.Create(t.Context(), good())
			if err != nil {
				t.Fatal(err)
			}
			in.AccountID, in.ApplicationID = "A", "shop"
			if _, err := service.Update(t.Context(), before.ID, in); !fault.Is(err, fault.Invalid) || kept.kept[0] != before {
				t.Errorf("Update = %v with %+v kept, want Invalid and %+v", err, kept.kept[0], before)
			}
		})
	}
}

func TestService_looks_inside_one_application_of_one_account(t *testing.T) {
	t.Parallel()
	service, kept := setup(t)
	var ids []string
	for range 2 {
		m, err := service.Create(t.Context(), good())
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, m.ID)
	}
	if list, err := service.List(t.Context(), "A", "shop"); err != nil || len(list) != 2 || list[0].ID != ids[0] {
		t.Errorf("List = %+v, %v, want both, oldest first", list, err)
	}
	if list, err := service.List(t.Context(), "A", "bank"); err != nil || len(list) != 0 {
		t.Errorf("List of the other application = %+v, %v, want none", list, err)
	}
	if m, err := service.Get(t.Context(), "A", "shop", ids[1]); err != nil || m.ID != ids[1] {
		t.Errorf("Get = %+v, %v, want %s", m, err, ids[1])
	}

	const noApplication, noMessage = "No such application", "No such message"
	tests := map[string]struct{ account, application, id, want string }{
		"an application of another account": {"A", "stall", ids[0], noApplication},
		"an account of another application": {"B", "shop", ids[0], noApplication},
		"an application nobody has":         {"A", "none", ids[0], noApplication},
		"a message of another application":  {"A", "bank", ids[0], noMessage},
		"a message nobody has":              {"A", "shop", "none", noMessage},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			ctx := t.Context()
			if _, err := service.Get(ctx, tt.account, tt.application, tt.id); !fault.Is(err, fault.NotFound) || err.Error() != tt.want {
				t.Errorf("Get = %v, want NotFound: %s", err, tt.want)
			}
			in := message.Input{AccountID: tt.account, ApplicationID: tt.application, Sender: new("Thief")}
			if _, err := service.Update(ctx, tt.id, in); !fault.Is(err, fault.NotFound) || err.Error() != tt.want {
				t.Errorf("Update = %v, want NotFound: %s", err, tt.want)
			}
			if tt.want != noApplication {
				return
			}
			if _, err := service.List(ctx, tt.account, tt.application); !fault.Is(err, fault.NotFound) {
				t.Errorf("List = %v, want NotFound", err)
			}
			in = good()
			in.AccountID, in.ApplicationID = tt.account, tt.application
			if _, err := service.Create(ctx, in); !fault.Is(err, fault.NotFound) || len(kept.kept) != 2 {
				t.Errorf("Create = %v with %d kept, want NotFound and 2", err, len(kept.kept))
			}
		})
	}
}
