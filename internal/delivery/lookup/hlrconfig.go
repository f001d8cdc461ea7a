package lookup

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/pinpost/pinpost/internal/delivery"
)

// HLRConfig says how a service is asked and how its answer is read. URL, the values of Headers, and Body are templates of
// text/template. In them {{.Number}} is the number as digits, {{.Plus}} the same after a plus sign and {{secret "name"}} one of
// Secrets; json and url write a value as a JSON string with its quotation marks, or as part of a URL:
//
//	url: https://hlr.example.com/v1/lookup/{{.Number}}
//	headers: {Authorization: 'Bearer {{secret "key"}}'}
//	body: '{"msisdn": {{json .Plus}}}'
type HLRConfig struct {
	// Name is the name in records and logs; hlr when it is empty.
	Name string `yaml:"name,omitempty"`
	URL  string `yaml:"url,omitempty"`
	// Method is GET when it is empty, or POST when there is a Body.
	Method  string            `yaml:"method,omitempty"`
	Headers map[string]string `yaml:"headers,omitempty"`
	Body    string            `yaml:"body,omitempty"`
	// Secrets are resolved already; this package reads neither the environment nor files.
	Secrets map[string]delivery.Secret `yaml:"secrets,omitempty"`
	// Status is the JSON pointer (RFC 6901) to the status in the answer, such as /result/0/status.
	Status string `yaml:"status,omitempty"`
	// Network is the pointer to the country and network code, such as 22801; MCC and MNC are those to the two parts of it.
	Network string `yaml:"network,omitempty"`
	MCC     string `yaml:"mcc,omitempty"`
	MNC     string `yaml:"mnc,omitempty"`
	// Statuses says what a status means: reachable, not_reachable or unknown; case does not matter. A phone that is off is unknown
	// unless it stands here, as a text waits for it. Common words are known when this is empty.
	Statuses map[string]string `yaml:"statuses,omitempty"`
	// HTTPStatuses says what an HTTP status means, in the same words, such as 404: not_reachable. Others than 2xx are errors.
	HTTPStatuses map[int]string `yaml:"http_statuses,omitempty"`
	// MaxResponse is how many octets of an answer are read; 65536 when it is 0. A longer answer is an error.
	MaxResponse int `yaml:"max_response,omitempty"`
}

// reach reads a word of the settings.
func reach(word string) (delivery.Reach, error) {
	switch word {
	case "reachable":
		return delivery.Reachable, nil
	case "not_reachable":
		return delivery.NotReachable, nil
	case "unknown":
		return delivery.ReachUnknown, nil
	}
	return 0, fmt.Errorf("%q is none of reachable, not_reachable and unknown", word)
}

func (c HLRConfig) withDefaults() HLRConfig {
	if c.Name == "" {
		c.Name = "hlr"
	}
	if c.Method == "" {
		c.Method = http.MethodGet
		if c.Body != "" {
			c.Method = http.MethodPost
		}
	}
	if c.MaxResponse == 0 {
		c.MaxResponse = defaultResponse
	}
	if len(c.Statuses) == 0 {
		c.Statuses = map[string]string{
			"active": "reachable", "connected": "reachable", "delivered": "reachable", "reachable": "reachable",
			"invalid": "not_reachable", "unallocated": "not_reachable", "unknown_subscriber": "not_reachable", "dead": "not_reachable",
		}
	}
	return c
}

// Validate lists every fault but those of the templates, which NewHLR tells.
func (c HLRConfig) Validate() error {
	var faults []error
	add := func(format string, args ...any) { faults = append(faults, fmt.Errorf("hlr: "+format, args...)) }
	if c.URL == "" {
		add("url must be set")
	}
	if c.Status == "" {
		add("status must be set")
	}
	for name, pointer := range map[string]string{"status": c.Status, "network": c.Network, "mcc": c.MCC, "mnc": c.MNC} {
		if pointer != "" && !strings.HasPrefix(pointer, "/") {
			add("%s must be a JSON pointer, which begins with /", name)
		}
	}
	for _, status := range slices.Sorted(maps.Keys(c.Statuses)) {
		if _, err := reach(c.Statuses[status]); err != nil {
			add("statuses: %s: %w", status, err)
		}
	}
	for _, code := range slices.Sorted(maps.Keys(c.HTTPStatuses)) {
		if _, err := reach(c.HTTPStatuses[code]); err != nil {
			add("http_statuses: %d: %w", code, err)
		}
	}
	if c.MaxResponse < 0 || c.MaxResponse > 16<<20 {
		add("max_response must be between 0 and 16777216")
	}
	return errors.Join(faults...)
}
