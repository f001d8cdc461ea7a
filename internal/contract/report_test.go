package contract_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/contract"
)

// results are one of each kind, with texts that formats have to mind.
var results = []contract.Result{
	{Operation: "verifyPin", Name: "right", Title: "The right PIN", State: contract.Passed, Took: 1500 * time.Millisecond},
	{
		Operation: "verifyPin", Name: "wrong", Title: "A wrong PIN # 1 <&>", State: contract.Failed,
		Reasons: []string{"status must be 200, and is 500", `body.text must be "a < b & c"`}, Curl: "curl -sS -i 'http://h/?a&b' --data-raw 'two\nlines  \x00'",
	},
	{Operation: "createApiKey", Name: "documented", Title: "A key", State: contract.NotApplicable, Reasons: []string{"no user is given"}},
}

func tell(t *testing.T, r contract.Reporter, ended error) {
	t.Helper()
	must(t, r.Begin(len(results), "http://h, a target"))
	for _, result := range results {
		must(t, r.Case(result))
	}
	must(t, r.End(ended))
}

func TestText(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	tell(t, &contract.Text{To: &out}, nil)
	want := `3 cases against http://h, a target
FAIL verifyPin/wrong (A wrong PIN # 1 <&>): status must be 200, and is 500; body.text must be "a < b & c"
     ` + results[1].Curl + `
not applicable, as no user is given: createApiKey/documented
1 passed, 1 failed, 1 not applicable, in 1.5s
`
	if out.String() != want {
		t.Errorf("printed %s\nwant %s", out.String(), want)
	}
}

func TestJUnit_is_well_formed(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	tell(t, &contract.JUnit{To: &out}, errors.New("the target went away"))
	var read struct {
		XMLName                          xml.Name `xml:"testsuites"`
		Tests, Failures, Errors, Skipped int
		Attributes                       []xml.Attr `xml:",any,attr"`
		Suites                           []struct {
			Name  string `xml:"name,attr"`
			Tests int    `xml:"tests,attr"`
			Time  string `xml:"time,attr"`
			Cases []struct {
				Class   string `xml:"classname,attr"`
				Name    string `xml:"name,attr"`
				Failure *struct {
					Message string `xml:"message,attr"`
					Text    string `xml:",chardata"`
				} `xml:"failure"`
				Error   *struct{} `xml:"error"`
				Skipped *struct {
					Message string `xml:"message,attr"`
				} `xml:"skipped"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal(out.Bytes(), &read); err != nil {
		t.Fatalf("%v:\n%s", err, out.String())
	}
	attributes := fmt.Sprint(read.Attributes)
	if !strings.Contains(attributes, "{ tests} 4") || !strings.Contains(attributes, "{ failures} 1") ||
		!strings.Contains(attributes, "{ errors} 1") || !strings.Contains(attributes, "{ skipped} 1") {
		t.Errorf("counts are %s", attributes)
	}
	if len(read.Suites) != 3 || read.Suites[0].Name != "verifyPin" || read.Suites[0].Tests != 2 || read.Suites[0].Time != "1.500" {
		t.Fatalf("suites are %+v", read.Suites)
	}
	failure := read.Suites[0].Cases[1].Failure
	if failure == nil || failure.Message != strings.Join(results[1].Reasons, "; ") || !strings.Contains(failure.Text, "curl -sS -i 'http://h/?a&b'") {
		t.Errorf("failure is %+v", failure)
	}
	if skipped := read.Suites[1].Cases[0].Skipped; skipped == nil || skipped.Message != "no user is given" {
		t.Errorf("skipped is %+v", skipped)
	}
	if read.Suites[2].Cases[0].Error == nil {
		t.Error("the end of the run is no error")
	}
}

var testLine = regexp.MustCompile(`^(not )?ok (\d+) - [^#]+( # SKIP .+)?$`)

func TestTAP_keeps_its_plan(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	tell(t, &contract.TAP{To: &out}, errors.New("the target went\naway"))
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	if lines[0] != "TAP version 13" || lines[1] != "1..3" || lines[len(lines)-1] != "Bail out! the target went away" {
		t.Errorf("printed\n%s", out.String())
	}
	var numbers []string
	for _, line := range lines[2 : len(lines)-1] {
		if strings.HasPrefix(line, "# ") {
			continue
		}
		found := testLine.FindStringSubmatch(line)
		if found == nil {
			t.Fatalf("line %q is no test", line)
		}
		numbers = append(numbers, found[1]+found[2]+found[3])
	}
	if got := strings.Join(numbers, ","); got != "1,not 2,3 # SKIP no user is given" {
		t.Errorf("tests are %s", got)
	}
}

func TestProgress(t *testing.T) {
	t.Parallel()
	now := time.Unix(0, 0)
	clock := func() time.Time { now = now.Add(2 * time.Second); return now }
	var quiet, terminal bytes.Buffer
	tell(t, &contract.Progress{To: &quiet, Now: clock}, nil)
	if quiet.String() != "3 of 3 cases, 1 failed\n" {
		t.Errorf("in a log: %q, want a line every five seconds", quiet.String())
	}
	tell(t, &contract.Progress{To: &terminal, Terminal: true, Now: clock}, nil)
	if got := strings.Count(terminal.String(), "\r"); got != 4 || strings.Contains(terminal.String(), "\n") {
		t.Errorf("on a terminal: %q, want one line written over", terminal.String())
	}
}
