package application_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/pinpost/pinpost/internal/application"
	"github.com/pinpost/pinpost/internal/fault"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

var errBusy = fault.Unavailablef(io.EOF, "The store is busy")

// store keeps applications in memory, in the order they came.
type store struct {
	kept []application.Application
	err  error
}

func (s *store) CreateApplication(_ context.Context, a application.Application) error {
	if s.err == nil {
		s.kept = append(s.kept, a)
	}
	return s.err
}

func (s *store) find(accountID, id string) int {
	return slices.IndexFunc(s.kept, func(a application.Application) bool { return a.ID == id && a.AccountID == accountID })
}

func (s *store) Application(_ context.Context, accountID, id string) (application.Application, error) {
	i := s.find(accountID, id)
	if i < 0 {
		return application.Application{}, fault.NotFoundf("No such application")
	}
	return s.kept[i], s.err
}

func (s *store) Applications(_ context.Context, accountID string) ([]application.Application, error) {
	var own []application.Application
	for _, a := range s.kept {
		if a.AccountID == accountID {
			own = append(own, a)
		}
	}
	return own, s.err
}

func (s *store) UpdateApplication(_ context.Context, accountID, id string, change func(*application.Application) error) (application.Application, error) {
	i := s.find(accountID, id)
	if i < 0 {
		return application.Application{}, fault.NotFoundf("No such application")
	}
	changed := s.kept[i]
	if err := change(&changed); err != nil {
		return application.Application{}, err
	}
	s.kept[i] = changed
	return changed, nil
}

func setup(t *testing.T) (*application.Service, *store) {
	t.Helper()
	kept := &store{}
	service, err := application.New(application.Deps{Store: kept, Now: func() time.Time { return noon }, Rand: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	return service, kept
}

func TestNew_refuses_missing_dependencies(t *testing.T) {
	t.Parallel()
	whole := application.Deps{Store: &store{}, Now: time.Now, Rand: rand.Reader}
	if _, err := application.New(whole); err != nil {
		t.Errorf("New with everything = %v, want nil", err)
	}
	tests := map[string]func(*application.Deps){
		"Store": func(d *application.Deps) { d.Store = nil },
		"Now":   func(d *application.Deps) { d.Now = nil },
		"Rand":  func(d *application.Deps) { d.Rand = nil },
	}
	for name, without := range tests {
		deps := whole
		without(&deps)
		if service, err := application.New(deps); service != nil || err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("New without %s = %v, %v, want an error that names it", name, service, err)
		}
	}
}

// TestCreate_defaults spells out the documented defaults in milliseconds.
func TestCreate_defaults(t *testing.T) {
	t.Parallel()
	service, kept := setup(t)
	a, err := service.Create(t.Context(), application.Input{AccountID: "A", Name: new("Shop")})
	if err != nil {
		t.Fatal(err)
	}
	id := regexp.MustCompile(`^[0-9A-F]{32}$`)
	if !id.MatchString(a.ID) || !id.MatchString(a.ProcessID) || a.ID == a.ProcessID {
		t.Errorf("ids = %q and %q, want two of 32 upper-case hex digits", a.ID, a.ProcessID)
	}
	want := application.Application{
		ID: a.ID, AccountID: "A", Name: "Shop", Enabled: true, ProcessID: a.ProcessID, CreatedAt: noon,
		Configuration: application.Configuration{
			PINTimeToLive: 900000 * time.Millisecond, PINAttempts: 10,
			VerificationAttempts: 1, VerificationInterval: 3000 * time.Millisecond,
			InitiationAttempts: 3, InitiationInterval: 86400000 * time.Millisecond,
			OverallInitiationAttempts: 10000, OverallInitiationInterval: 86400000 * time.Millisecond,
			AllowMultiplePINVerifications: true,
		},
	}
	if a != want {
		t.Errorf("Create = %+v, want %+v", a, want)
	}
	if len(kept.kept) != 1 || kept.kept[0] != want {
		t.Errorf("kept %+v, want the same", kept.kept)
	}
}

func TestCreate_takes_what_it_is_told(t *testing.T) {
	t.Parallel()
	service, _ := setup(t)
	a, err := service.Create(t.Context(), application.Input{
		AccountID: "A", Name: new("Shop"), Enabled: new(false),
		Configuration: application.ConfigurationInput{
			PINTimeToLive: new(int64(1)), PINAttempts: new(2),
			VerificationAttempts: new(3), VerificationIntervalLength: new(int64(4)),
			InitiationAttempts: new(5), InitiationIntervalLength: new(int64(6)),
			OverallInitiationAttempts: new(7), OverallInitiationIntervalLength: new(int64(8)),
			AllowMultiplePINVerifications: new(false),
		},
	})
	want := application.Configuration{
		PINTimeToLive: time.Millisecond, PINAttempts: 2, VerificationAttempts: 3, VerificationInterval: 4 * time.Millisecond,
		InitiationAttempts: 5, InitiationInterval: 6 * time.Millisecond,
		OverallInitiationAttempts: 7, OverallInitiationInterval: 8 * time.Millisecond,
	}
	if err != nil || a.Configuration != want || a.Enabled {
		t.Errorf("Create = %+v, %v, want it disabled with %+v", a, err, want)
	}
}

func TestCreate_name(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		name *string
		want string
	}{
		"missing":               {nil, "name: must not be empty"},
		"empty":                 {new(""), "name: must not be empty"},
		"spaces alone":          {new(" \t "), "name: must not be empty"},
		"one letter":            {new("a"), ""},
		"255 letters":           {new(strings.Repeat("é", 255)), ""},
		"256 letters":           {new(strings.Repeat("a", 256)), "name: must be at most 255 characters"},
		"the same name is fine": {new("Shop"), ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			service, kept := setup(t)
			kept.kept = append(kept.kept, application.Application{ID: "other", AccountID: "A", Name: "Shop"})
			_, err := service.Create(t.Context(), application.Input{AccountID: "A", Name: tt.name})
			if got := textOf(err); got != tt.want || (err != nil && !fault.Is(err, fault.Invalid)) {
				t.Errorf("Create = %v, want %q", err, tt.want)
			}
			if stored := len(kept.kept) == 2; stored != (tt.want == "") {
				t.Errorf("stored = %t, want %t", stored, tt.want == "")
			}
		})
	}
}

func textOf(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestConfiguration_bounds(t *testing.T) {
	t.Parallel()
	const year, day = int64(365 * 24 * 60 * 60 * 1000), int64(24 * 60 * 60 * 1000)
	type input = application.ConfigurationInput
	intervals := map[string]struct {
		set     func(*input, int64)
		longest int64
	}{
		"pinTimeToLive":                   {func(c *input, ms int64) { c.PINTimeToLive = &ms }, year},
		"verificationIntervalLength":      {func(c *input, ms int64) { c.VerificationIntervalLength = &ms }, day},
		"initiationIntervalLength":        {func(c *input, ms int64) { c.InitiationIntervalLength = &ms }, year},
		"overallInitiationIntervalLength": {func(c *input, ms int64) { c.OverallInitiationIntervalLength = &ms }, year},
	}
	counts := map[string]func(*input, int64){
		"pinAttempts":               func(c *input, n int64) { c.PINAttempts = new(int(n)) },
		"verificationAttempts":      func(c *input, n int64) { c.VerificationAttempts = new(int(n)) },
		"initiationAttempts":        func(c *input, n int64) { c.InitiationAttempts = new(int(n)) },
		"overallInitiationAttempts": func(c *input, n int64) { c.OverallInitiationAttempts = new(int(n)) },
	}
	check := func(t *testing.T, member string, set func(*input, int64), longest int64) {
		for n, good := range map[int64]bool{
			-1 << 62: false, -1: false, 0: false, 1: true, longest: true, longest + 1: false, 1<<62 - 1: false,
		} {
			service, kept := setup(t)
			in := application.Input{AccountID: "A", Name: new("Shop")}
			set(&in.Configuration, n)
			_, err := service.Create(t.Context(), in)
			if good != (err == nil) || good != (len(kept.kept) == 1) {
				t.Errorf("%s of %d = %v, want good = %t", member, n, err, good)
			}
			if f, ok := errors.AsType[*fault.Error](err); err != nil && (!ok || len(f.Members["configuration."+member]) != 1) {
				t.Errorf("%s of %d = %#v, want the member named", member, n, err)
			}
		}
	}
	for member, tt := range intervals {
		t.Run(member, func(t *testing.T) {
			t.Parallel()
			check(t, member, tt.set, tt.longest)
		})
	}
	for member, set := range counts {
		t.Run(member, func(t *testing.T) {
			t.Parallel()
			check(t, member, set, 1<<31-1)
		})
	}
}

func TestCreate_reports_every_fault_at_once(t *testing.T) {
	t.Parallel()
	service, _ := setup(t)
	_, err := service.Create(t.Context(), application.Input{
		Name: new(""),
		Configuration: application.ConfigurationInput{
			PINAttempts: new(0), PINTimeToLive: new(int64(0)), InitiationAttempts: new(-1),
		},
	})
	f, ok := errors.AsType[*fault.Error](err)
	if !ok {
		t.Fatalf("Create = %v, want a *fault.Error", err)
	}
	got := slices.Sorted(maps.Keys(f.Members))
	want := []string{"configuration.initiationAttempts", "configuration.pinAttempts", "configuration.pinTimeToLive", "name"}
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
		if _, err := service.Create(t.Context(), application.Input{Name: new("Shop")}); !fault.Is(err, fault.Unavailable) {
			t.Errorf("Create = %v, want the store's kind kept", err)
		}
	})
	for name, bytesGiven := range map[string]int{"no bytes for the id": 0, "no bytes for the process id": 16} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			source := io.MultiReader(bytes.NewReader(make([]byte, bytesGiven)), iotest.ErrReader(io.ErrClosedPipe))
			kept := &store{}
			service, err := application.New(application.Deps{Store: kept, Now: time.Now, Rand: source})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := service.Create(t.Context(), application.Input{Name: new("Shop")}); !errors.Is(err, io.ErrClosedPipe) || len(kept.kept) != 0 {
				t.Errorf("Create = %v with %d kept, want the source's failure and nothing kept", err, len(kept.kept))
			}
		})
	}
}

func TestUpdate_changes_what_it_is_told_and_nothing_else(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		in   application.Input
		want func(*application.Application)
	}{
		"nothing":     {application.Input{}, func(*application.Application) {}},
		"the name":    {application.Input{Name: new("Bank")}, func(a *application.Application) { a.Name = "Bank" }},
		"the switch":  {application.Input{Enabled: new(false)}, func(a *application.Application) { a.Enabled = false }},
		"one count":   {config(func(c *application.ConfigurationInput) { c.PINAttempts = new(3) }), func(a *application.Application) { a.Configuration.PINAttempts = 3 }},
		"one length":  {config(func(c *application.ConfigurationInput) { c.PINTimeToLive = new(int64(60000)) }), func(a *application.Application) { a.Configuration.PINTimeToLive = time.Minute }},
		"the boolean": {config(func(c *application.ConfigurationInput) { c.AllowMultiplePINVerifications = new(false) }), func(a *application.Application) { a.Configuration.AllowMultiplePINVerifications = false }},
		"the verification interval": {
			config(func(c *application.ConfigurationInput) { c.VerificationIntervalLength = new(int64(5)) }),
			func(a *application.Application) { a.Configuration.VerificationInterval = 5 * time.Millisecond },
		},
		"the overall limit": {
			config(func(c *application.ConfigurationInput) {
				c.OverallInitiationAttempts, c.OverallInitiationIntervalLength = new(9), new(int64(1000))
			}),
			func(a *application.Application) {
				a.Configuration.OverallInitiationAttempts, a.Configuration.OverallInitiationInterval = 9, time.Second
			},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			service, kept := setup(t)
			before, err := service.Create(t.Context(), application.Input{AccountID: "A", Name: new("Shop")})
			if err != nil {
				t.Fatal(err)
			}
			want := before
			tt.want(&want)
			tt.in.AccountID = "A"
			got, err := service.Update(t.Context(), before.ID, tt.in)
			if err != nil || got != want || kept.kept[0] != want {
				t.Errorf("Update = %+v, %v with %+v kept, want %+v", got, err, kept.kept[0], want)
			}
		})
	}
}

func config(set func(*application.ConfigurationInput)) application.Input {
	in := application.Input{}
	set(&in.Configuration)
	return in
}

func TestUpdate_keeps_the_old_when_the_new_is_wrong(t *testing.T) {
	t.Parallel()
	tests := map[string]application.Input{
		"empty name":    {Name: new(" "), Enabled: new(false)},
		"no attempts":   {Name: new("Bank"), Configuration: application.ConfigurationInput{PINAttempts: new(0)}},
		"endless limit": {Configuration: application.ConfigurationInput{PINAttempts: new(4), InitiationIntervalLength: new(int64(1 << 50))}},
	}
	for name, in := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			service, kept := setup(t)
			before, err := service.Create(t.Context(), application.Input{AccountID: "A", Name: new("Shop")})
			if err != nil {
				t.Fatal(err)
			}
			in.AccountID = "A"
			if _, err := service.Update(t.Context(), before.ID, in); !fault.Is(err, fault.Invalid) || kept.kept[0] != before {
				t.Errorf("Update = %v with %+v kept, want Invalid and %+v", err, kept.kept[0], before)
			}
		})
	}
}

func TestService_shows_an_account_its_own_applications(t *testing.T) {
	t.Parallel()
	service, _ := setup(t)
	var ids []string
	for _, account := range []string{"A", "B", "A"} {
		a, err := service.Create(t.Context(), application.Input{AccountID: account, Name: new("Shop")})
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, a.ID)
	}
	list, err := service.List(t.Context(), "A")
	if err != nil || len(list) != 2 || list[0].ID != ids[0] || list[1].ID != ids[2] {
		t.Errorf("List = %+v, %v, want the first and the third", list, err)
	}
	if a, err := service.Get(t.Context(), "B", ids[1]); err != nil || a.ID != ids[1] {
		t.Errorf("Get = %+v, %v, want %s", a, err, ids[1])
	}
	if _, err := service.Get(t.Context(), "B", ids[0]); !fault.Is(err, fault.NotFound) {
		t.Errorf("Get of another account's = %v, want NotFound", err)
	}
	if _, err := service.Update(t.Context(), ids[0], application.Input{AccountID: "B", Name: new("Mine")}); !fault.Is(err, fault.NotFound) {
		t.Errorf("Update of another account's = %v, want NotFound", err)
	}
}
