package postgres

import (
	"strings"
	"testing"
	"time"
)

func TestRefuse(t *testing.T) {
	t.Parallel()
	good := server{"150004", "UTF8", "on", "", "on", "off"}
	for _, one := range []struct {
		name   string
		change func(s *server)
		want   string // a word of the refusal; empty when there is none
	}{
		{"as it comes", func(*server) {}, ""},
		{"applied on a standby", func(s *server) { s.commit, s.standbys = "remote_apply", "one" }, ""},
		{"written on a standby", func(s *server) { s.commit, s.standbys = "remote_write", "one" }, ""},
		{"local, and no standby", func(s *server) { s.commit, s.standbys = "local", " " }, ""},
		{"local in spite of a standby", func(s *server) { s.commit, s.standbys = "local", "one" }, "standbys"},
		{"not waiting for the disk", func(s *server) { s.commit = "off" }, "synchronous_commit is off"},
		{"not writing to the disk", func(s *server) { s.fsync = "off" }, "fsync"},
		{"an old server", func(s *server) { s.version = "120010" }, "version"},
		{"no version", func(s *server) { s.version = "" }, "version"},
		{"another encoding", func(s *server) { s.encoding = "LATIN1" }, "UTF8"},
		{"a standby", func(s *server) { s.readOnly = "on" }, "read-only"},
	} {
		s := good
		one.change(&s)
		err := s.refuse()
		switch {
		case one.want == "" && err != nil:
			t.Errorf("%s: got error %v, want none", one.name, err)
		case one.want != "" && (err == nil || !strings.Contains(err.Error(), one.want)):
			t.Errorf("%s: got error %v, want one that says %q", one.name, err, one.want)
		}
	}
}

// TestAddresses asks for an error for each address that cannot be used, and that none has the password in it.
func TestAddresses(t *testing.T) {
	t.Parallel()
	for _, address := range []string{
		"", "host=h password=s3cret", "mysql://u:s3cret@h/d", "postgres://u:s3cret@h:port/d", "postgres://u:s3cret@h/d?sslmode=odd",
		"postgres://u:s3cret@h/d%zz", "postgres://u@h/d?password=s3cret&sslmode=odd", "postgres://u:s3cret@h/d?pool_max_conns=s3cret",
		"postgres://u:s3cret@h/d?sslmode=verify-full&sslrootcert=/nowhere/s3cret",
	} {
		_, err := configOf(address, time.Second)
		if err == nil {
			t.Errorf("%q: got no error, want one", address)
			continue
		}
		if strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%q: got error %q, want it without the password", address, err)
		}
	}
	for address, want := range map[string]int32{
		"postgres://u:p@h/d": defaultConns, "postgresql://u:p@h,i/d?pool_max_conns=3&target_session_attrs=read-write": 3,
	} {
		config, err := configOf(address, time.Second)
		if err != nil || config.MaxConns != want || config.ConnConfig.ConnectTimeout != time.Second {
			t.Errorf("%q: got %+v, error %v; want %d connections, and no more than a second to connect", address, config, err, want)
		}
	}
}
