package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var printedKey = regexp.MustCompile(`key  ([0-9a-f]{32}-[0-9a-f-]{36}) `)

// TestAccounts makes an account and a key on the command line, calls with them, and revokes them while the service runs.
func TestAccounts(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	p := start(t, data)
	step := func(in string, args ...string) string {
		t.Helper()
		status, out, errOut := call(in, append(args, "--data", data)...)
		if status != exitOK {
			t.Fatalf("%v: exit status %d: %s", args, status, errOut)
		}
		return out
	}
	step("a password by hand\n", "account", "create", "acme", "--password-stdin")
	if generated := step("", "account", "create", "generated"); !strings.Contains(generated, "shown this once") {
		t.Errorf("account create prints %q, want a generated password", generated)
	}
	key := printedKey.FindStringSubmatch(step("", "key", "create", "acme", "--name", "laptop"))[1]
	works := func(args ...string) bool {
		t.Helper()
		status, _, errOut := call("", append([]string{
			"send", "--to", "41793026727", "--application", "A", "--message", "M", "--url", p.address,
		}, args...)...)
		if strings.Contains(errOut, key) || strings.Contains(errOut, "41793026727") {
			t.Errorf("the command prints the key or the number: %s", errOut)
		}
		return status == exitFault && strings.Contains(errOut, "Application with given ID cannot be found")
	}
	if !works("--key", key) || !works("--user", "acme", "--password", "a password by hand") {
		t.Error("a new key or password does not work")
	}
	if status, _, errOut := call("a password by hand", "account", "create", "acme", "--password-stdin", "--data", data); status != exitFault || !strings.Contains(errOut, "name") {
		t.Errorf("a name that is taken: exit status %d, %q", status, errOut)
	}
	list := step("", "key", "list", "acme")
	id := regexp.MustCompile(`[0-9A-F]{32}`).FindString(list)
	if strings.Contains(list, key) || !strings.Contains(list, "laptop") {
		t.Errorf("key list prints %q, want the name and not the key", list)
	}
	step("", "key", "revoke", id)
	if works("--key", key) {
		t.Error("a revoked key works")
	}
	step("", "account", "revoke", "acme")
	if works("--user", "acme", "--password", "a password by hand") {
		t.Error("the password of a revoked account works")
	}
	if accounts := step("", "account", "list"); !strings.Contains(accounts, "acme") || !strings.Contains(accounts, "demo-") {
		t.Errorf("account list prints %q", accounts)
	}
}

// TestAccounts_wants_a_database wants a mistyped folder named, and nothing made in it.
func TestAccounts_wants_a_database(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"account", "list"}, {"account", "revoke", "acme"},
		{"key", "create", "acme"}, {"key", "list", "acme"}, {"key", "revoke", "K"},
	} {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			t.Parallel()
			data := filepath.Join(t.TempDir(), "mistyped")
			status, _, errOut := call("", append(args, "--data", data)...)
			if status != exitFault || !strings.Contains(errOut, "no database in "+data) {
				t.Errorf("exit status %d, printed %q; want 1 and the folder", status, errOut)
			}
			if _, err := os.Stat(data); !os.IsNotExist(err) {
				t.Errorf("the folder was made (%v)", err)
			}
		})
	}
}

func TestKeyCreate_refuses_a_revoked_account(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	for _, args := range [][]string{{"account", "create", "acme"}, {"account", "revoke", "acme"}} {
		if status, _, errOut := call("", append(args, "--data", data)...); status != exitOK {
			t.Fatalf("%v: exit status %d: %s", args, status, errOut)
		}
	}
	status, out, errOut := call("", "key", "create", "acme", "--data", data)
	if status != exitFault || out != "" || !strings.Contains(errOut, "account acme is revoked") {
		t.Errorf("exit status %d, printed %q and %q; want 1 and that the account is revoked", status, out, errOut)
	}
	if _, list, _ := call("", "key", "list", "acme", "--data", data); strings.Count(list, "\n") != 1 {
		t.Errorf("key list prints %q, want the heading alone", list)
	}
}
