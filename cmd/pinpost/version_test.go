package main

import (
	"runtime/debug"
	"strings"
	"testing"
)

func TestBuiltVersion(t *testing.T) {
	t.Parallel()
	const revision = "0123456789abcdef0123456789abcdef01234567"
	vcs := func(modified string) []debug.BuildSetting {
		return []debug.BuildSetting{{Key: "vcs", Value: "git"}, {Key: "vcs.revision", Value: revision}, {Key: "vcs.modified", Value: modified}}
	}
	for name, c := range map[string]struct {
		module   string
		settings []debug.BuildSetting
		want     string
	}{
		"a release":               {"v1.2.3", nil, "v1.2.3"},
		"a release and its state": {"v1.2.3", vcs("false"), "v1.2.3"},
		"a working copy":          {"(devel)", vcs("false"), "0123456789ab"},
		"a changed working copy":  {"(devel)", vcs("true"), "0123456789ab-dirty"},
		"no module version":       {"", vcs("false"), "0123456789ab"},
		"a short revision":        {"", []debug.BuildSetting{{Key: "vcs.revision", Value: "42"}}, "42"},
		"nothing noted":           {"(devel)", nil, "dev"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			info := &debug.BuildInfo{Main: debug.Module{Version: c.module}, Settings: c.settings}
			if got := builtVersion(info); got != c.want {
				t.Errorf("builtVersion = %q, want %q", got, c.want)
			}
		})
	}
}

func TestVersion(t *testing.T) { // not parallel: it sets what the linker sets
	if _, out, _ := call("", "version"); len(strings.Fields(out)) != 2 {
		t.Errorf("version prints %q, want a version even when the linker sets none", out)
	}
	version = "v9.8.7"
	defer func() { version = "" }()
	if _, out, _ := call("", "version"); out != "pinpost v9.8.7\n" {
		t.Errorf("version prints %q, want the linker's", out)
	}
}
