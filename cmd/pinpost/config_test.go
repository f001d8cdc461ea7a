package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestConfigCheck wants everything that is wrong at once, and what is right without its secrets.
func TestConfigCheck(t *testing.T) {
	t.Parallel()
	const password = "p4ssw0rd-of-the-smsc"
	folder := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(folder, name)
		must(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	hidden := file("secret", password)
	good := file("good.yaml", "countries: [CH]\ncarriers:\n- smpp: {name: main, addresses: ['smsc.example.com:2775'], system_id: p, password: {file: "+hidden+"}}\n")
	bad := file("bad.yaml", "countries: [XX]\ncarriers:\n- smpp: {name: main, system_id: p, password: {file: "+hidden+"}}\n")
	tests := map[string]struct {
		args   []string
		status int
		says   []string
	}{
		"the defaults": {nil, exitOK, []string{"mode: sandbox", "listen: 127.0.0.1:8080", "validate-responses: fail", "log-format: text"}},
		"carriers": {
			[]string{"--mode", "production", "--carriers", good}, exitOK,
			[]string{"mode: production", "log-format: json", "name: main", "smsc.example.com:2775", "[secret]"},
		},
		"a store": {
			[]string{"--store", "postgres://pins:" + password + "@db/pins?password=" + password}, exitOK,
			[]string{"postgres://pins:xxxxx@db/pins"},
		},
		"wrong carriers": {
			[]string{"--mode", "production", "--carriers", bad}, exitFault,
			[]string{`countries has "XX"`, "addresses must not be empty"},
		},
		"carriers of a sandbox": {[]string{"--carriers", good}, exitUsage, []string{"must not be able to send one"}},
		"no such file":          {[]string{"--mode", "production", "--carriers", filepath.Join(folder, "none")}, exitFault, []string{"read carriers"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			status, out, errOut := call("", append([]string{"config", "check"}, tt.args...)...)
			if status != tt.status {
				t.Errorf("exit status %d, want %d: %s", status, tt.status, errOut)
			}
			for _, want := range tt.says {
				if !strings.Contains(out+errOut, want) {
					t.Errorf("it says %q and %q, want %q in it", out, errOut, want)
				}
			}
			if strings.Contains(out+errOut, password) {
				t.Errorf("it shows the password: %s%s", out, errOut)
			}
		})
	}
}
