package lookup

import (
	"cmp"
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/miekg/dns"

	"github.com/pinpost/pinpost/internal/delivery"
)

// What is taken from a stranger's entry.
const (
	maxEntries = 50  // of one number
	maxRule    = 255 // octets of an expression with its replacement, as many as the DNS can carry in one string
	maxResult  = 1024
	maxRepeats = 100 // that counted repetitions make of a pattern: a short one could grow a thousandfold, and take seconds
)

// finding is what the entries of a number say together.
type finding struct {
	reach delivery.Reach
	tel   string // the tel URI of the number, with its parameters
}

// judge weighs the entries of a number, which is given with a plus, in the order that they ask for.
func judge(records []*dns.NAPTR, number string) finding {
	records = slices.Clone(records[:min(len(records), maxEntries)])
	slices.SortStableFunc(records, func(a, b *dns.NAPTR) int {
		return cmp.Or(cmp.Compare(a.Order, b.Order), cmp.Compare(a.Preference, b.Preference))
	})
	var found finding
	for _, record := range records {
		services := enumServices(record.Service)
		if !strings.EqualFold(record.Flags, "u") || len(services) == 0 {
			continue // not an address, or nothing that ENUM knows
		}
		uri, err := rewrite(record.Regexp, number)
		if err != nil {
			continue
		}
		switch scheme, _, _ := strings.Cut(strings.ToLower(uri), ":"); {
		case slices.Contains(services, "unused:data"):
			if found.reach == delivery.ReachUnknown { // entries that contradict each other prove nothing
				return finding{reach: delivery.NotReachable}
			}
		case scheme == "tel" && found.tel == "":
			found.reach, found.tel = delivery.Reachable, uri
		case scheme == "tel", scheme == "sip", scheme == "sips":
			found.reach = delivery.Reachable
		}
	}
	return found
}

// enumServices gives the services of an entry, such as pstn:tel of E2U+pstn:tel+sip; none of one that is not for ENUM.
func enumServices(field string) []string {
	parts := strings.Split(strings.ToLower(field), "+")
	if parts[0] != "e2u" {
		return nil
	}
	return parts[1:]
}

var (
	errRule    = errors.New("entry has no expression and replacement between three equal marks")
	errLong    = errors.New("entry has an expression that is too long")
	errNoMatch = errors.New("entry does not match the number")
)

// rewrite applies the expression of an entry, such as !^(.*)$!sip:\1@example.com!, to a number.
func rewrite(rule, number string) (string, error) {
	rule = plain(rule)
	if len(rule) > maxRule {
		return "", errLong
	}
	parts := split(rule)
	if len(parts) != 3 {
		return "", errRule
	}
	pattern, replacement, flags := parts[0], parts[1], parts[2]
	if strings.EqualFold(flags, "i") {
		pattern = "(?i)" + pattern
	} else if flags != "" {
		return "", errRule
	}
	if repeats(pattern) > maxRepeats {
		return "", errLong
	}
	// Not the POSIX flavour, although the standard names it: many entries have \d, and the language of Go knows all else of it.
	expression, err := regexp.Compile(pattern)
	if err != nil {
		return "", errRule
	}
	groups := expression.FindStringSubmatch(number)
	if groups == nil {
		return "", errNoMatch
	}
	result := fill(replacement, groups)
	if len(result) > maxResult {
		return "", errLong
	}
	return result, nil
}

// counted finds the larger count of repetitions such as {3} and {2,15}.
var counted = regexp.MustCompile(`\{(?:\d+,)?(\d+),?\}`)

// repeats is how many times longer counted repetitions make a pattern at the most.
func repeats(pattern string) int {
	product := 1
	for _, found := range counted.FindAllStringSubmatch(pattern, -1) {
		count, err := strconv.Atoi(found[1])
		if err != nil || count > maxRepeats {
			return maxRepeats + 1
		}
		if product *= max(1, count); product > maxRepeats {
			break
		}
	}
	return product
}

// plain takes the backslashes out that the library puts in when it reads a string from the wire: it leaves \\ for one, \" for a
// quotation mark and \ with three digits for an octet that cannot be printed.
func plain(text string) string {
	var out strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' || i+1 == len(text) {
			out.WriteByte(text[i])
			continue
		}
		if octet, ok := decimal(text[i+1:]); ok {
			out.WriteByte(octet)
			i += 3
			continue
		}
		i++
		out.WriteByte(text[i])
	}
	return out.String()
}

func decimal(text string) (byte, bool) {
	if len(text) < 3 || !digits(text[:3]) {
		return 0, false
	}
	value := int(text[0]-'0')*100 + int(text[1]-'0')*10 + int(text[2]-'0')
	return byte(value), value <= 255
}

// split takes a rule apart at its first character, but not where a backslash stands before it.
func split(rule string) []string {
	if rule == "" || strings.ContainsAny(rule[:1], "0123456789i\\") {
		return nil
	}
	var parts []string
	var part strings.Builder
	for i := 1; i < len(rule); i++ {
		switch {
		case rule[i] == '\\' && i+1 < len(rule) && rule[i+1] == rule[0]:
			i++
			part.WriteByte(rule[i])
		case rule[i] == '\\' && i+1 < len(rule):
			part.WriteString(rule[i : i+2])
			i++
		case rule[i] == rule[0]:
			parts = append(parts, part.String())
			part.Reset()
		default:
			part.WriteByte(rule[i])
		}
	}
	return append(parts, part.String())
}

// fill puts the groups of a match in place of \1 to \9.
func fill(replacement string, groups []string) string {
	var out strings.Builder
	for i := 0; i < len(replacement); i++ {
		if replacement[i] != '\\' || i+1 == len(replacement) {
			out.WriteByte(replacement[i])
			continue
		}
		i++
		if n := int(replacement[i]) - '0'; n >= 1 && n <= 9 {
			if n < len(groups) {
				out.WriteString(groups[n])
			}
			continue
		}
		out.WriteByte(replacement[i])
	}
	return out.String()
}

// telParams gives the parameters of a tel URI: rn=98101 of tel:+41793026727;npdi;rn=98101.
func telParams(uri string) map[string]string {
	params := map[string]string{}
	for _, param := range strings.Split(uri, ";")[1:] {
		name, value, _ := strings.Cut(param, "=")
		params[strings.ToLower(strings.TrimSpace(name))] = strings.TrimSpace(value)
	}
	return params
}
