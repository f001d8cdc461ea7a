package contract

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/pinpost/pinpost/internal/conform"
)

// curl writes a request as a command line that can be copied. Credentials stand in it as $PINPOST_KEY, and $PINPOST_USER
// with $PINPOST_PASSWORD.
func (t *target) curl(req conform.Request, path string) string {
	line := []string{"curl -sS -i"}
	if req.Method != http.MethodGet || req.Body != nil {
		line = append(line, "-X "+req.Method)
	}
	line = append(line, quote(t.base+path))
	for _, name := range slices.Sorted(maps.Keys(req.Header)) {
		line = append(line, t.curlHeader(name, req.Header.Get(name)))
	}
	if req.Body != nil {
		if req.Header.Get("Content-Type") == "" {
			line = append(line, "-H 'Content-Type:'") // or curl would send one of its own
		}
		line = append(line, "--data-raw "+quote(string(req.Body)))
	}
	return strings.Join(line, " ")
}

func (t *target) curlHeader(name, value string) string {
	switch {
	case value == "":
		return "-H " + quote(name+";") // with a colon curl would leave the header out
	case t.basic != "" && value == "Basic "+t.basic:
		return `-u "$PINPOST_USER:$PINPOST_PASSWORD"`
	case t.key != "" && strings.Contains(value, t.key):
		before, after, _ := strings.Cut(value, t.key)
		return "-H " + quote(name+": "+before) + `"$PINPOST_KEY"` + optional(after)
	}
	return "-H " + quote(name+": "+value)
}

func optional(text string) string {
	if text == "" {
		return ""
	}
	return quote(text)
}

// quote makes one word of a text, as a POSIX shell reads it.
func quote(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }
