// Package archtest holds the import rules of the house as a test, so that a wrong import fails in a second with the
// rule's name.
package archtest

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/pinpost/pinpost"

// rooms says which packages of the module each package may import; "*" means all. A package that is not listed fails, so
// that a new room gets its rule.
var rooms = map[string][]string{
	".":                                     {},
	"api":                                   {},
	"api/sandbox":                           {},
	"api/spec":                              {".", "api/sandbox"},
	"client":                                {"api", "client/internal/gen"},
	"client/internal/gen":                   {"api"},
	"client/otelpinpost":                    {"client"},
	"client/sandbox":                        {"api/sandbox", "client", "client/sandbox/internal/gen"},
	"client/sandbox/internal/gen":           {"api/sandbox"},
	"internal/fault":                        {},
	"internal/phone":                        {},
	"internal/random":                       {},
	"internal/sms":                          {},
	"internal/account":                      {"internal/fault", "internal/random"},
	"internal/application":                  {"internal/fault", "internal/random"},
	"internal/message":                      {"internal/application", "internal/fault", "internal/random", "internal/sms"},
	"internal/delivery":                     {"internal/patience", "internal/phone"},
	"internal/delivery/inbox":               {"internal/delivery", "internal/phone", "internal/sms"},
	"internal/delivery/route":               {"internal/delivery", "internal/phone"},
	"internal/delivery/lookup":              {"internal/delivery", "internal/phone"},
	"internal/delivery/foreign":             {"internal/voice/wav"},
	"internal/delivery/deliverytest":        {"internal/delivery", "internal/phone"},
	"internal/delivery/smpp":                {"internal/delivery", "internal/delivery/smpp/pdu", "internal/phone", "internal/sms"},
	"internal/delivery/smpp/pdu":            {},
	"internal/delivery/smpp/smpptest":       {"internal/delivery/smpp/pdu", "internal/sms"},
	"internal/delivery/smshttp":             {"internal/delivery", "internal/phone", "internal/sms"},
	"internal/delivery/smshttp/infobip":     {"internal/delivery", "internal/delivery/smshttp", "internal/phone", "internal/sms"},
	"internal/delivery/smshttp/kannel":      {"internal/delivery", "internal/delivery/smshttp", "internal/phone", "internal/sms"},
	"internal/delivery/smshttp/twilio":      {"internal/delivery", "internal/delivery/smshttp", "internal/phone", "internal/sms"},
	"internal/delivery/smshttp/templated":   {"internal/delivery", "internal/delivery/smshttp", "internal/phone", "internal/sms"},
	"internal/delivery/smshttp/smshttptest": {},
	"internal/delivery/sip":                 {"internal/delivery", "internal/delivery/sip/media", "internal/phone"},
	"internal/delivery/sip/media":           {},
	"internal/delivery/sip/siptest":         {"internal/delivery/sip/media"},
	"internal/voice":                        {"internal/delivery", "internal/voice/prompts", "internal/voice/sound", "internal/voice/wav"},
	"internal/voice/hear":                   {"internal/voice/prompts", "internal/voice/sound"},
	"internal/voice/promptgen":              {"internal/voice/prompts", "internal/voice/sound", "internal/voice/wav"},
	"internal/voice/prompts":                {"internal/voice/sound"},
	"internal/voice/sound":                  {},
	"internal/voice/wav":                    {},
	"internal/carrier": {
		"internal/delivery", "internal/delivery/lookup", "internal/delivery/route", "internal/delivery/sip", "internal/delivery/smpp",
		"internal/delivery/smshttp", "internal/delivery/smshttp/infobip", "internal/delivery/smshttp/kannel",
		"internal/delivery/smshttp/templated", "internal/delivery/smshttp/twilio", "internal/phone", "internal/voice",
	},
	"internal/pin": {
		"internal/application", "internal/message", "internal/delivery",
		"internal/fault", "internal/observe", "internal/patience", "internal/phone", "internal/random", "internal/sms",
	},
	"internal/sandbox":          {"internal/delivery", "internal/fault", "internal/phone", "internal/random"},
	"internal/sandbox/tablegen": {"internal/sandbox"},
	"internal/world": {
		"internal/account", "internal/application", "internal/message", "internal/fault", "internal/random",
	},
	"internal/store/blockid":     {},
	"internal/store/deliverylog": {"internal/delivery", "internal/pin"},
	"internal/store/cache":       {"internal/account", "internal/application", "internal/message"},
	"internal/store/sqlite": {
		"internal/account", "internal/application", "internal/message", "internal/pin", "internal/delivery",
		"internal/delivery/inbox", "internal/fault", "internal/phone", "internal/world",
		"internal/store/blockid", "internal/store/deliverylog",
	},
	"internal/store/postgres": {
		"internal/account", "internal/application", "internal/message", "internal/pin", "internal/delivery",
		"internal/delivery/inbox", "internal/fault", "internal/phone", "internal/world",
		"internal/store/blockid", "internal/store/deliverylog",
	},
	"internal/store/postgres/pgtest": {},
	"internal/store/storetest": {
		"internal/account", "internal/application", "internal/message", "internal/pin", "internal/delivery",
		"internal/delivery/inbox", "internal/fault", "internal/phone", "internal/world",
	},
	"internal/config":            {},
	"internal/observe":           {},
	"internal/metrics":           {},
	"internal/patience":          {},
	"internal/canary":            {},
	"internal/kill9":             {},
	"internal/web":               {},
	"internal/conform":           {"api/spec", "internal/fault"},
	"internal/quick":             {},
	"internal/contract":          {".", "api/spec", "internal/conform"},
	"internal/contract/wrong":    {},
	"internal/record":            {"internal/conform", "internal/phone"},
	"internal/proxy":             {"api/spec", "internal/conform", "internal/observe"},
	"internal/proxy/page":        {"internal/conform", "internal/proxy", "internal/web"},
	"server/internal/gen":        {"api"},
	"server/internal/sandboxgen": {"api/sandbox"},
	"server": {
		"api", "api/spec", "server/internal/gen", "internal/account", "internal/application", "internal/message",
		"internal/pin", "internal/delivery", "internal/delivery/inbox", "internal/fault", "internal/observe", "internal/patience", "internal/phone", "internal/sms",
		"api/sandbox", "server/internal/sandboxgen", "internal/conform", "internal/quick", "internal/sandbox", "internal/world",
	},
	"internal/wire": {"*"},
	"pinposttest":   {"*"},
	"cmd/pinpost":   {"*"},
	"bench":         {"*"},
}

// libraries says which packages may bring a library in at all; everything else of the module must do without it, directly
// and through others.
var libraries = map[string][]string{
	"github.com/labstack/echo":      {"server", "server/internal/gen", "server/internal/sandboxgen", "internal/wire", "pinposttest", "cmd/pinpost", "bench"},
	"github.com/getkin/kin-openapi": {"api/spec", "internal/conform", "internal/quick", "internal/contract", "internal/record", "internal/proxy", "internal/proxy/page", "server", "internal/wire", "pinposttest", "cmd/pinpost", "bench"},
	"modernc.org/sqlite":            {"internal/store/sqlite", "internal/wire", "pinposttest", "cmd/pinpost", "bench"},
	"github.com/jackc/pgx":          {"internal/store/postgres", "internal/wire", "pinposttest", "cmd/pinpost", "bench"},
	"github.com/alecthomas/kong":    {"cmd/pinpost"},
	"github.com/emiago/sipgo":       {"internal/delivery/sip", "internal/delivery/sip/siptest", "internal/carrier", "internal/wire", "pinposttest", "cmd/pinpost", "bench"},
	"github.com/miekg/dns":          {"internal/delivery/lookup", "internal/carrier", "internal/wire", "pinposttest", "cmd/pinpost", "bench"},
	"github.com/failsafe-go":        {"internal/delivery/route", "internal/carrier", "internal/wire", "pinposttest", "cmd/pinpost", "bench"},
	"go.opentelemetry.io":           {"client/otelpinpost"},
	"net/http": {
		"server", "server/internal/gen", "server/internal/sandboxgen", "client", "client/internal/gen", "client/otelpinpost", "client/sandbox",
		"client/sandbox/internal/gen", "api/spec", "internal/conform", "internal/quick", "internal/contract", "internal/contract/wrong", "internal/record", "internal/metrics", "internal/proxy",
		"internal/delivery/smshttp", "internal/delivery/smshttp/infobip", "internal/delivery/smshttp/kannel", "internal/delivery/smshttp/twilio",
		"internal/delivery/smshttp/templated", "internal/delivery/smshttp/smshttptest", "internal/delivery/lookup", "internal/delivery/sip",
		"internal/delivery/sip/siptest", "internal/carrier",
		"internal/proxy/page", "internal/web", "internal/wire", "pinposttest", "cmd/pinpost", "bench",
	},
}

// standardOnly are packages that bring nothing but the standard library with them.
var standardOnly = []string{"api", "api/sandbox", "internal/fault", "internal/random", "internal/sms", "internal/canary", "internal/observe", "internal/patience"}

type listed struct {
	ImportPath string
	Imports    []string
	Deps       []string
}

func TestRooms(t *testing.T) {
	t.Parallel()
	packages := list(t)
	for _, p := range packages {
		room := roomOf(p.ImportPath)
		allowed, known := rooms[room]
		if !known {
			t.Errorf("package %s has no rule; add it to rooms", room)
			continue
		}
		if slices.Contains(allowed, "*") {
			continue
		}
		for _, path := range p.Imports {
			if ours(path) && !slices.Contains(allowed, roomOf(path)) {
				t.Errorf("%s imports %s; it may import %v", room, roomOf(path), allowed)
			}
		}
	}
	for name := range rooms {
		if !slices.ContainsFunc(packages, func(p listed) bool { return roomOf(p.ImportPath) == name }) {
			t.Errorf("there is a rule for %s, which is no package", name)
		}
	}
}

func TestLibraries(t *testing.T) {
	t.Parallel()
	for _, p := range list(t) {
		room := roomOf(p.ImportPath)
		for library, allowed := range libraries {
			if !slices.Contains(allowed, room) && slices.ContainsFunc(p.Deps, func(d string) bool { return within(d, library) }) {
				t.Errorf("%s brings %s with it; only %v may", room, library, allowed)
			}
		}
		if slices.Contains(standardOnly, room) {
			for _, path := range p.Deps {
				if first, _, _ := strings.Cut(path, "/"); strings.Contains(first, ".") && !ours(path) {
					t.Errorf("%s brings %s with it; it may bring the standard library alone", room, path)
				}
			}
		}
	}
}

func list(t *testing.T) []listed {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports,Deps", module+"/...")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var packages []listed
	decoder := json.NewDecoder(strings.NewReader(string(out)))
	for {
		var p listed
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatal(err)
		}
		if roomOf(p.ImportPath) != "internal/archtest" {
			packages = append(packages, p)
		}
	}
}

func ours(path string) bool { return within(path, module) }

func within(path, prefix string) bool { return path == prefix || strings.HasPrefix(path, prefix+"/") }

func roomOf(path string) string {
	if path == module {
		return "."
	}
	return strings.TrimPrefix(path, module+"/")
}
