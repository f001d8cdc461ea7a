package server

import (
	"strconv"
	"strings"
	"time"

	"github.com/pinpost/pinpost/internal/pin"
)

// preference is what a Prefer header asks of a call: how long to wait for its end. nil leaves it to the setting.
type preference struct {
	wait    *time.Duration
	applied *string // for Preference-Applied
}

// parsePrefer reads the preferences of RFC 7240 that a call knows; as the RFC has it, the first of a name counts, names
// have no case, and what is not understood is ignored. Both together mean: wait that long, then answer all the same.
func parsePrefer(header string) preference {
	seen := map[string]string{}
	for one := range strings.SplitSeq(header, ",") {
		token, _, _ := strings.Cut(one, ";")
		name, val, _ := strings.Cut(token, "=")
		name = strings.ToLower(strings.TrimSpace(name))
		if _, twice := seen[name]; !twice {
			seen[name] = strings.Trim(strings.TrimSpace(val), `"`)
		}
	}
	var applied []string
	var p preference
	if _, ok := seen["respond-async"]; ok {
		p.wait = new(time.Duration(0))
		applied = append(applied, "respond-async")
	}
	if seconds, err := strconv.ParseUint(seen["wait"], 10, 32); err == nil {
		seconds = min(seconds, uint64(pin.MaxCallWait/time.Second))
		p.wait = new(time.Duration(seconds) * time.Second)
		applied = append(applied, "wait="+strconv.FormatUint(seconds, 10))
	}
	if applied != nil {
		p.applied = new(strings.Join(applied, ", "))
	}
	return p
}
