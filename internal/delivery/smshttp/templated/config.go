// Package templated takes texts to a gateway that has no package of its own: what it wants to be asked, how it answers and
// how it reports is all in its settings.
package templated

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/delivery/smshttp"
)

// Config says how a gateway is spoken to. URL, the values of Headers, and Body are Go templates over the fields of Fields;
// what a template prints is always escaped for its place.
type Config struct {
	smshttp.Settings `yaml:",inline"`
	// Method is GET, POST (default) or PUT.
	Method string `yaml:"method"`
	// URL is where requests go; scheme and host are written out. A GET holds all of it in its query.
	URL string `yaml:"url"`
	// Headers go out with each request.
	Headers map[string]string `yaml:"headers"`
	// Body is what is posted, in Format: json (default), form or xml.
	Body   string `yaml:"body"`
	Format string `yaml:"format"`
	// From is the sender of texts that have none.
	From string `yaml:"from"`
	// Secrets are what {{secret "name"}} stands for.
	Secrets map[string]smshttp.Secret `yaml:"secrets"`
	// Success, ID and Errors read the answer.
	Success Success `yaml:"success"`
	ID      ID      `yaml:"id"`
	Errors  Errors  `yaml:"errors"`
	// Callback reads receipts.
	Callback Callback `yaml:"callback"`
}

// Success says when a text was taken: by its status alone, or besides by a value or pattern in the body.
type Success struct {
	Status  []int           `yaml:"status"`  // default: 200 to 299
	Pointer smshttp.Pointer `yaml:"pointer"` // a JSON value that must be there
	Values  []string        `yaml:"values"`  // and be one of these, if there are any
	Pattern string          `yaml:"pattern"` // a regular expression that the body must match
}

// ID says where the gateway's id of the message is; the first that is set counts.
type ID struct {
	Pointer smshttp.Pointer `yaml:"pointer"`
	Pattern string          `yaml:"pattern"` // its first group is the id
	Header  string          `yaml:"header"`
}

// Errors says what a refusal means. Classes are temporary, throttled, link_down, ambiguous, bad_destination, rejected,
// unauthorised and no_credit.
type Errors struct {
	Pointer  smshttp.Pointer   `yaml:"pointer"`  // where the gateway's code is
	Pattern  string            `yaml:"pattern"`  // or a regular expression with the code as its first group
	Codes    map[string]string `yaml:"codes"`    // code to class
	Bodies   []BodyRule        `yaml:"bodies"`   // what the body says, in order
	Statuses map[int]string    `yaml:"statuses"` // HTTP status to class
}

// BodyRule gives a class to bodies.
type BodyRule struct {
	Pattern string `yaml:"pattern"`
	Class   string `yaml:"class"`
}

// classes are the names of delivery's classes in settings.
var classes = map[string]delivery.Class{
	"temporary": delivery.Temporary, "throttled": delivery.Throttled, "link_down": delivery.LinkDown,
	"ambiguous": delivery.Ambiguous, "bad_destination": delivery.BadDestination, "rejected": delivery.Rejected,
	"unauthorised": delivery.Unauthorised, "no_credit": delivery.NoCredit,
}

// New makes the carrier. Its error lists all faults of the settings. The carrier must be closed.
func New(cfg Config, deps smshttp.Deps) (*smshttp.Carrier, error) {
	g, err := newGateway(cfg)
	if err != nil {
		return nil, err
	}
	return smshttp.New(g, cfg.Settings, cfg.URL, deps)
}

// Validate lists all that is wrong with the settings.
func (c Config) Validate() error {
	_, err := newGateway(c)
	return err
}

// gateway is a Config with its templates and patterns compiled.
type gateway struct {
	cfg       Config
	templates templates
	patterns  map[string]*regexp.Regexp
}

func newGateway(cfg Config) (*gateway, error) {
	if cfg.Method == "" {
		cfg.Method = http.MethodPost
	}
	if cfg.Format == "" {
		cfg.Format = formatJSON
	}
	var faults smshttp.Faults
	cfg.Check(&faults)
	if !slices.Contains([]string{http.MethodGet, http.MethodPost, http.MethodPut}, cfg.Method) {
		faults.Add("method", "must be GET, POST or PUT")
	}
	if cfg.Method == http.MethodGet && cfg.Body != "" {
		faults.Add("body", "must be empty for GET")
	}
	g := &gateway{cfg: cfg, patterns: map[string]*regexp.Regexp{}}
	cfg.checkAnswer(&faults)
	cfg.checkCallback(&faults)
	g.compilePatterns(&faults)
	g.compileTemplates(&faults)
	if err := faults.Err("template", cfg.Name); err != nil {
		return nil, err
	}
	return g, nil
}

func (c Config) checkAnswer(faults *smshttp.Faults) {
	for setting, p := range map[string]smshttp.Pointer{
		"success.pointer": c.Success.Pointer, "id.pointer": c.ID.Pointer, "errors.pointer": c.Errors.Pointer,
	} {
		if text := p.Fault(); text != "" {
			faults.Add(setting, text)
		}
	}
	if len(c.Success.Values) > 0 && c.Success.Pointer == "" {
		faults.Add("success.values", "need success.pointer")
	}
	for _, status := range c.Success.Status {
		if status < 200 || status > 299 {
			faults.Add("success.status", "must be of 200 to 299")
		}
	}
	for code, class := range c.Errors.Codes {
		checkClass("errors.codes."+code, class, faults)
	}
	for status, class := range c.Errors.Statuses {
		checkClass(fmt.Sprintf("errors.statuses.%d", status), class, faults)
	}
	for i, rule := range c.Errors.Bodies {
		checkClass(fmt.Sprintf("errors.bodies.%d.class", i), rule.Class, faults)
	}
}

func checkClass(setting, class string, faults *smshttp.Faults) {
	if _, known := classes[class]; !known {
		faults.Add(setting, "must be a class such as bad_destination")
	}
}

// compilePatterns compiles each regular expression under itself.
func (g *gateway) compilePatterns(faults *smshttp.Faults) {
	compile := func(setting, pattern string, group bool) {
		if pattern == "" {
			return
		}
		compiled, err := regexp.Compile(pattern)
		if err != nil {
			faults.Add(setting, "must be a regular expression: "+err.Error())
			return
		}
		if group && compiled.NumSubexp() == 0 {
			faults.Add(setting, "must have a group: what stands in its first parentheses counts")
		}
		g.patterns[pattern] = compiled
	}
	compile("success.pattern", g.cfg.Success.Pattern, false)
	compile("id.pattern", g.cfg.ID.Pattern, true)
	compile("errors.pattern", g.cfg.Errors.Pattern, true)
	for i, rule := range g.cfg.Errors.Bodies {
		if strings.TrimSpace(rule.Pattern) == "" {
			faults.Add(fmt.Sprintf("errors.bodies.%d.pattern", i), "must be set")
		}
		compile(fmt.Sprintf("errors.bodies.%d.pattern", i), rule.Pattern, false)
	}
}

// group gives what the first group of a pattern matches in a body.
func (g *gateway) group(pattern string, body []byte) string {
	compiled := g.patterns[pattern]
	if compiled == nil {
		return ""
	}
	if found := compiled.FindSubmatch(body); found != nil {
		return string(found[1])
	}
	return ""
}
