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
// have no case, and what is not understood is ignored. respond-async wins over wait.
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
	if _, ok := seen["respond-async"]; ok {
		return preference{new(time.Duration(0)), new("respond-async")}
	}
	longest := uint64(pin.MaxCallWait / time.Second)
	seconds, err := strconv.ParseUint(seen["wait"], 10, 32)
	if err != nil {
		return preference{}
	}
	seconds = min(seconds, longest)
	return preference{new(time.Duration(seconds) * time.Second), new("wait=" + strconv.FormatUint(seconds, 10))}
}
