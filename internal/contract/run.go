package contract

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pinpost/pinpost/api/spec"
	"github.com/pinpost/pinpost/internal/conform"
)

// State is what became of a case.
type State string

// The states.
const (
	Passed        State = "passed"
	Failed        State = "failed"
	NotApplicable State = "not applicable"
)

// Result is what became of one case.
type Result struct {
	Operation, Name, Title string
	State                  State
	Reasons                []string // why it failed, or why it is not applicable
	Curl                   string   // the request that failed, as a command line
	Took                   time.Duration
}

// ID names the case.
func (r Result) ID() string { return r.Operation + "/" + r.Name }

// Reporter is told what becomes of cases, as it becomes.
type Reporter interface {
	// Begin tells how many cases there are, and what is tested.
	Begin(total int, about string) error
	// Case tells one result.
	Case(Result) error
	// End tells that there are no more; err is what ended the run before all cases were tried.
	End(err error) error
}

// run is one run of all cases.
type run struct {
	options  Options
	fixture  *Fixture
	target   *target
	stage    stage
	sandbox  bool
	sends    int // messages that went out
	open     bool
	anyText  bool
	addition bool
}

// Run plays all chosen cases against the target. It gives the number of those that failed. A UsageError says that the run
// was not begun; any other error ended it.
func Run(ctx context.Context, o Options, reporter Reporter) (failed int, err error) {
	if err := o.Validate(); err != nil {
		return 0, err
	}
	chosen, err := o.choose()
	if err != nil {
		return 0, err
	}
	r, err := begin(ctx, o, chosen.fixture)
	if err != nil {
		return 0, err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), o.Timeout)
		defer cancel()
		r.stage.end(ctx)
		r.target.http.CloseIdleConnections()
	}()
	if err := reporter.Begin(len(chosen.cases), r.about()); err != nil {
		return 0, err
	}
	for _, c := range chosen.cases {
		result, err := r.play(ctx, c)
		if err != nil {
			return failed, errors.Join(err, reporter.End(err))
		}
		if result.State == Failed {
			failed++
		}
		if err := reporter.Case(result); err != nil {
			return failed, err
		}
	}
	return failed, reporter.End(nil)
}

// begin finds out what the target is.
func begin(ctx context.Context, o Options, fixture *Fixture) (*run, error) {
	client := &http.Client{
		Transport:     &http.Transport{Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	t, err := newTarget(o, client)
	if err != nil {
		return nil, err
	}
	r := &run{options: o, fixture: fixture, target: t}
	if err := r.greet(ctx); err != nil {
		return nil, err
	}
	if o.Profile == Full && !r.sandbox && !o.YesSend {
		return nil, UsageError{"this target is no sandbox, and the profile full sends real messages: add --yes-send, or take --profile cheap or read-only"}
	}
	if err := r.check(); err != nil {
		return nil, err
	}
	if !r.sandbox {
		r.stage = newForeignStage(r)
		return r, nil
	}
	if r.stage, err = newSandboxStage(ctx, r); err != nil {
		return nil, fmt.Errorf("read the sandbox's scenarios: %w", err)
	}
	return r, nil
}

// greet sees whether the target answers, whether it takes the key, and whether it is a sandbox.
func (r *run) greet(ctx context.Context) error {
	header := http.Header{"Authorization": {"App " + r.target.key}}
	x, err := r.target.do(ctx, http.MethodGet, "/2fa/1/applications", header, nil)
	if err != nil {
		return fmt.Errorf("%w at %s: %w", errDown, r.target.base, errors.Unwrap(err))
	}
	if x.resp.Status == http.StatusUnauthorized || x.resp.Status == http.StatusForbidden {
		return fmt.Errorf("the target refuses the key: GET /2fa/1/applications answers %d", x.resp.Status)
	}
	if x, err = r.target.do(ctx, http.MethodGet, "/sandbox/clock", header, nil); err != nil {
		return fmt.Errorf("%w at %s: %w", errDown, r.target.base, errors.Unwrap(err))
	}
	var clock struct {
		Now     *int64 `json:"now"`
		AheadMs *int64 `json:"aheadMs"`
	}
	r.sandbox = x.resp.Status == http.StatusOK && x.decode(&clock) == nil && clock.Now != nil && clock.AheadMs != nil
	return nil
}

// check settles how strictly answers are taken.
func (r *run) check() error {
	r.open = r.options.Schemas == SchemasOpen || r.options.Schemas == "" && !r.sandbox
	r.anyText = r.options.Texts == TextsAny || r.options.Texts == "" && !r.sandbox
	r.addition = r.options.Additions || r.sandbox
	if !r.addition {
		r.target.lenient = func(v conform.Violation) bool { return v.Where == "header "+replayedHeader }
	}
	checker := closedChecker
	if r.open {
		checker = openChecker
	}
	var err error
	r.target.checker, err = checker()
	return err
}

// Making a checker takes longer than most runs of one case, and nobody changes one.
var closedChecker, openChecker = checker(true), checker(false)

func checker(closed bool) func() (*conform.Checker, error) {
	return sync.OnceValues(func() (*conform.Checker, error) {
		doc, err := spec.Load()
		if err != nil {
			return nil, err
		}
		return conform.New(doc, conform.Closed(closed))
	})
}

// Headers that Pinpost adds to the documented API.
const (
	keyHeader      = "Idempotency-Key"
	replayedHeader = "Idempotency-Replayed"
)

func (r *run) about() string {
	kind, schemas, texts := "another implementation", SchemasClosed, TextsExact
	if r.sandbox {
		kind = "a Pinpost sandbox"
	}
	if r.open {
		schemas = SchemasOpen
	}
	if r.anyText {
		texts = TextsAny
	}
	return fmt.Sprintf("%s, %s; profile %s, schemas %s, texts %s", r.target.base, kind, r.options.Profile, schemas, texts)
}

// needsUser is why cases about user names are not applicable.
const needsUser = "it is about a user name and password, and no --user is given"

// usesBasic tells whether a case signs in with the fixture's user.
func (r *run) usesBasic(c *Case) bool {
	return slices.ContainsFunc(c.calls(), func(call Call) bool {
		return strings.Contains(call.Headers["Authorization"], r.fixture.basic(0))
	})
}

// unfit says why a case cannot be played against this target.
func (r *run) unfit(c *Case) string {
	if c.strange {
		return "its file has a member that this program does not know"
	}
	for given, value := range c.Given {
		if given != "lookup" || value != "none" {
			return "it is given something that this program does not know"
		}
	}
	return r.stage.unfit(c)
}
