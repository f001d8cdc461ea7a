package contract

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"
)

// JUnit writes a report as CI systems read it, when the run is over.
type JUnit struct {
	To io.Writer

	suites junitSuites
}

type junitSuites struct {
	XMLName  xml.Name      `xml:"testsuites"`
	Name     string        `xml:"name,attr"`
	Tests    int           `xml:"tests,attr"`
	Failures int           `xml:"failures,attr"`
	Errors   int           `xml:"errors,attr"`
	Skipped  int           `xml:"skipped,attr"`
	Suites   []*junitSuite `xml:"testsuite"`

	times []time.Duration
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Errors   int         `xml:"errors,attr"`
	Skipped  int         `xml:"skipped,attr"`
	Time     string      `xml:"time,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Class   string       `xml:"classname,attr"`
	Name    string       `xml:"name,attr"`
	Time    string       `xml:"time,attr"`
	Failure *junitReason `xml:"failure"`
	Error   *junitReason `xml:"error"`
	Skipped *junitReason `xml:"skipped"`
}

type junitReason struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// Begin notes what is tested.
func (j *JUnit) Begin(_ int, about string) error {
	j.suites = junitSuites{Name: "pinpost contract: " + about}
	return nil
}

// Case keeps a result in the suite of its operation.
func (j *JUnit) Case(r Result) error {
	suite := j.suite(r.Operation, r.Took)
	c := junitCase{Class: r.Operation, Name: r.Name, Time: seconds(r.Took)}
	reason := &junitReason{Message: plain(strings.Join(r.Reasons, "; "))}
	switch r.State {
	case Failed:
		reason.Text = plain(r.Title + "\n" + strings.Join(r.Reasons, "\n") + "\n" + r.Curl + "\n")
		c.Failure = reason
		suite.Failures++
		j.suites.Failures++
	case NotApplicable:
		c.Skipped = reason
		suite.Skipped++
		j.suites.Skipped++
	}
	suite.Cases = append(suite.Cases, c)
	suite.Tests++
	j.suites.Tests++
	return nil
}

// suite gives that of an operation. Cases come operation by operation.
func (j *JUnit) suite(name string, took time.Duration) *junitSuite {
	last := len(j.suites.Suites) - 1
	if last < 0 || j.suites.Suites[last].Name != name {
		j.suites.Suites = append(j.suites.Suites, &junitSuite{Name: name})
		j.suites.times = append(j.suites.times, 0)
		last++
	}
	j.suites.times[last] += took
	j.suites.Suites[last].Time = seconds(j.suites.times[last])
	return j.suites.Suites[last]
}

// End writes the report. What ended the run early is an error of its own.
func (j *JUnit) End(ended error) error {
	if ended != nil {
		j.suites.Suites = append(j.suites.Suites, &junitSuite{Name: "run", Tests: 1, Errors: 1, Time: seconds(0), Cases: []junitCase{{
			Class: "run", Name: "all cases are tried", Time: seconds(0), Error: &junitReason{Message: plain(ended.Error())},
		}}})
		j.suites.Tests++
		j.suites.Errors++
	}
	if _, err := io.WriteString(j.To, xml.Header); err != nil {
		return err
	}
	encoder := xml.NewEncoder(j.To)
	encoder.Indent("", "  ")
	if err := encoder.Encode(j.suites); err != nil {
		return fmt.Errorf("write JUnit report: %w", err)
	}
	_, err := io.WriteString(j.To, "\n")
	return err
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.3f", d.Seconds()) }

// plain leaves out what XML has no characters for.
func plain(text string) string { return strings.ToValidUTF8(text, "\uFFFD") }
