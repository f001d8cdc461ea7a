package contract

import (
	"context"
	"path"
	"time"
)

// Profile says how much a run may do to a target that is not a sandbox.
type Profile string

// The profiles.
const (
	Full     Profile = "full"      // all cases
	Cheap    Profile = "cheap"     // all cases, until as many messages are sent as may be
	ReadOnly Profile = "read-only" // no request that changes anything where it is answered right
)

// How schemas and texts are taken.
const (
	SchemasClosed = "closed" // answers have no member that the contract does not declare
	SchemasOpen   = "open"   // answers may have more
	TextsExact    = "exact"  // texts for people are as in the cases
	TextsAny      = "any"    // texts for people are any
)

// Options say what is tested, how, and as whom.
type Options struct {
	Target         string // address; a path before the contract's own is allowed
	Key            string
	User, Password string // for cases about them; may be empty
	Profile        Profile
	YesSend        bool     // messages may go out, as many as Full takes
	MaxSends       int      // messages that Cheap may send
	Phones         []string // numbers that messages may go to, where the target is no sandbox
	// PINOf gives the PIN of a pinId that was sent to one of Phones; nil when nobody reads them.
	PINOf      func(ctx context.Context, pinID string) (string, error)
	Schemas    string // SchemasClosed or SchemasOpen; empty is closed for a sandbox, open for others
	Texts      string // TextsExact or TextsAny; empty is exact for a sandbox, any for others
	Additions  bool   // what Pinpost adds to the documented API is wanted of others too
	Cases      string // folder with fixture.json and <operationId>/*.json; empty is api/testdata, as it was built in
	Operation  string // only cases of this operation
	Case       string // only cases whose name, with or without the operation, fits this glob
	Timeout    time.Duration
	KeepWorlds bool // worlds of a sandbox stay open, so that curl lines can be repeated
}

// UsageError is a run that cannot be as it was asked for.
type UsageError struct{ Text string }

func (e UsageError) Error() string { return e.Text }

// Validate finds what cannot be, whatever the target is.
func (o Options) Validate() error {
	switch {
	case o.Key == "":
		return UsageError{"no credentials: give --key, or PINPOST_KEY in the environment"}
	case o.Password != "" && o.User == "":
		return UsageError{"--password is for --user: give both or none"}
	case o.Timeout <= 0:
		return UsageError{"--timeout must be more than 0s"}
	case o.MaxSends < 0:
		return UsageError{"--max-sends must not be negative"}
	}
	for _, number := range o.Phones {
		if !numberOnly.MatchString(number) {
			return UsageError{"--phone must be digits in international format"}
		}
	}
	if _, err := path.Match(o.Case, ""); err != nil {
		return UsageError{"--case must be a glob such as no_* or sendPinOverSms/limit*"}
	}
	chosen, err := o.choose()
	switch {
	case err != nil:
		return err
	case len(chosen.cases) == 0 && o.Operation == "" && o.Case == "":
		return UsageError{"--cases: " + o.Cases + " has no <operationId>/*.json"}
	case len(chosen.cases) == 0:
		return UsageError{"no case fits --operation and --case"}
	}
	_, err = newTarget(o, nil)
	return err
}

// choose gives the cases that are asked for, and what they start from.
func (o Options) choose() (documents, error) {
	all, err := o.documents()
	if err != nil {
		return documents{}, err
	}
	chosen := documents{fixture: all.fixture}
	for _, c := range all.cases {
		whole, _ := path.Match(o.Case, c.ID())
		short, _ := path.Match(o.Case, c.Name)
		if (o.Operation == "" || o.Operation == c.Operation) && (o.Case == "" || whole || short) {
			chosen.cases = append(chosen.cases, c)
		}
	}
	return chosen, nil
}
