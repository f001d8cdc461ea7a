package contract

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"

	"github.com/pinpost/pinpost"
)

// documents are all cases, ordered by name, and what they start from. Nobody changes them.
type documents struct {
	cases   []*Case
	fixture *Fixture
}

// documents are those of the folder that is named, or our own.
func (o Options) documents() (documents, error) {
	if o.Cases == "" {
		return builtIn()
	}
	all, err := load(os.DirFS(o.Cases))
	if failure, ok := errors.AsType[fileError](err); ok {
		return documents{}, UsageError{fmt.Sprintf("--cases: %s: %v", filepath.Join(o.Cases, filepath.FromSlash(failure.file)), failure.err)}
	}
	return all, err
}

var builtIn = sync.OnceValues(func() (documents, error) {
	files, err := fs.Sub(pinpost.Testdata, "api/testdata")
	if err != nil {
		return documents{}, err
	}
	return load(files)
})

const fixtureFile = "fixture.json"

// load reads fixture.json and <operationId>/*.json.
func load(folder fs.FS) (documents, error) {
	all := documents{fixture: &Fixture{}}
	err := read(folder, fixtureFile, all.fixture)
	if err == nil {
		err = all.fixture.check()
	}
	if err != nil {
		return documents{}, fileError{fixtureFile, err}
	}
	files, err := fs.Glob(folder, "*/*.json")
	if err != nil {
		return documents{}, err
	}
	for _, file := range files {
		c := &Case{Operation: path.Base(path.Dir(file)), Name: strings.TrimSuffix(path.Base(file), ".json")}
		err := read(folder, file, c)
		if errors.Is(err, errStrange) {
			c.strange, err = true, nil
		}
		if err == nil {
			err = c.check()
		}
		if err != nil {
			return documents{}, fileError{file, err}
		}
		all.cases = append(all.cases, c)
	}
	return all, nil
}

// fileError says what is wrong with one file.
type fileError struct {
	file string
	err  error
}

func (e fileError) Error() string { return e.file + ": " + e.err.Error() }
func (e fileError) Unwrap() error { return e.err }

// errStrange says that a file was read, and has members that are not understood.
var errStrange = errors.New("has a member that is not known")

func read(folder fs.FS, file string, into any) error {
	text, err := fs.ReadFile(folder, file)
	if failure, ok := errors.AsType[*fs.PathError](err); ok {
		return failure.Err
	}
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, into); err != nil {
		return err
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if decoder.Decode(into) != nil {
		return errStrange
	}
	return nil
}

// check finds what keeps a case from being played at all.
func (c *Case) check() error {
	for _, call := range c.calls() {
		if call.Method == "" || !strings.HasPrefix(call.Path, "/") {
			return errors.New("has a request without a method, or without a path that begins with a slash")
		}
	}
	if c.Answer.Status == 0 {
		return errors.New("has no response with a status")
	}
	return nil
}

// check finds what keeps any case from being prepared.
func (f *Fixture) check() error {
	if len(f.Accounts) == 0 || f.Accounts[0].User == "" || len(f.Accounts[0].Keys) == 0 {
		return errors.New("needs an account with a user and a key")
	}
	for _, a := range f.Applications {
		if a == nil || a.ApplicationID == "" || a.ProcessID == "" || f.owner(a.ApplicationID) < 0 {
			return errors.New("needs applications with an applicationId, a processId and one of the accounts")
		}
	}
	for _, m := range f.Messages {
		if m == nil || m.MessageID == "" || f.owner(m.ApplicationID) < 0 {
			return errors.New("needs messages with a messageId and one of the applications")
		}
	}
	for _, p := range f.PINs {
		if p == nil || p.PinID == "" || p.To == "" || f.owner(p.ApplicationID) < 0 {
			return errors.New("needs pins with a pinId, a number and one of the applications")
		}
	}
	for number := range f.Lookup {
		if !numberOnly.MatchString(number) {
			return errors.New("needs phone numbers in lookup")
		}
	}
	return nil
}
