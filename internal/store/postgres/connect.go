package postgres

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

const (
	oldestServer = 13 // what is older has no maintainers
	defaultConns = 10 // when the address does not say pool_max_conns
)

// configOf reads an address and adds what every connection of ours has.
func configOf(address string, patience time.Duration) (*pgxpool.Config, error) {
	parsed, err := url.Parse(address)
	if err != nil || parsed.Scheme != "postgres" && parsed.Scheme != "postgresql" {
		// Without a cause: it would quote the address, and with it the password.
		return nil, errors.New("the address of the database is no postgres:// URL")
	}
	config, err := pgxpool.ParseConfig(address)
	if err != nil {
		// What is wrong is worth telling, and does not need the address it is wrong in.
		if cause := errors.Unwrap(err); cause != nil && !mentions(cause.Error(), parsed) {
			return nil, fmt.Errorf("the address of the database cannot be used: %w", cause)
		}
		return nil, errors.New("the address of the database cannot be used: a part of it is unknown or malformed")
	}
	if !parsed.Query().Has("pool_max_conns") {
		config.MaxConns = defaultConns
	}
	if c := config.ConnConfig; c.ConnectTimeout == 0 || c.ConnectTimeout > patience {
		c.ConnectTimeout = patience
	}
	config.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeCacheStatement // the other modes know no columns
	config.ConnConfig.OnNotice = noteUnreplicated
	config.AfterConnect = func(ctx context.Context, conn *pgx.Conn) error {
		writeColumns(conn.TypeMap())
		return greet(ctx, conn, patience)
	}
	return config, nil
}

// mentions tells whether a text has a secret of the address in it.
func mentions(text string, address *url.URL) bool {
	password, _ := address.User.Password()
	for _, secret := range []string{password, address.Query().Get("password"), address.Query().Get("sslpassword")} {
		if secret != "" && strings.Contains(text, secret) {
			return true
		}
	}
	return strings.Contains(text, "://")
}

// greetQuery sets what every statement of ours needs, and asks what the server promises. The server gives up a little
// earlier than the caller, so that the connection outlives it. A transaction whose replica has stopped in the middle
// frees its locks. Each statement has its index; how big the planner believes a table to be must not keep it from it.
const greetQuery = `
	SELECT current_setting('server_version_num'), current_setting('server_encoding'),
		current_setting('synchronous_commit'), current_setting('synchronous_standby_names'), current_setting('fsync'),
		current_setting('transaction_read_only'),
		set_config('statement_timeout', $1, false), set_config('lock_timeout', $1, false),
		set_config('idle_in_transaction_session_timeout', $2, false),
		set_config('enable_seqscan', 'off', false), set_config('enable_hashjoin', 'off', false),
		set_config('enable_mergejoin', 'off', false), set_config('jit', 'off', false),
		set_config('plan_cache_mode', 'force_generic_plan', false)`

// server is what a server says of itself.
type server struct{ version, encoding, commit, standbys, fsync, readOnly string }

// greet prepares a new connection and refuses a server that this program cannot trust or cannot write to. It looks at each
// connection: a failover may lead to a server with other settings, or to one that is a standby and would stay in the pool.
func greet(ctx context.Context, conn *pgx.Conn, patience time.Duration) error {
	var s server
	var ignored string
	milliseconds := func(d time.Duration) string { return strconv.FormatInt(max(1, d.Milliseconds()), 10) }
	err := conn.QueryRow(ctx, greetQuery, milliseconds(patience*4/5), milliseconds(2*patience)).Scan(&s.version,
		&s.encoding, &s.commit, &s.standbys, &s.fsync, &s.readOnly, &ignored, &ignored, &ignored, &ignored, &ignored, &ignored, &ignored, &ignored)
	if err != nil {
		return err
	}
	return s.refuse()
}

// settingError says which setting of the server cannot be worked with.
type settingError string

// Error says so.
func (e settingError) Error() string { return string(e) }

// refuse says what is wrong with a server.
func (s server) refuse() error {
	number, err := strconv.Atoi(s.version)
	switch {
	case err != nil || number < oldestServer*10_000:
		return settingError(fmt.Sprintf("the server has version %s; at least PostgreSQL %d is needed", s.version, oldestServer))
	case s.encoding != "UTF8":
		return settingError(fmt.Sprintf("the database has encoding %s; it must be UTF8", s.encoding))
	case s.commit == "off":
		return settingError("synchronous_commit is off: a crash would lose PINs that were acknowledged; set it to on")
	case s.commit == "local" && strings.TrimSpace(s.standbys) != "":
		// The operator wants commits on a standby, and this setting answers before they are there.
		return settingError("synchronous_commit is local though there are synchronous standbys: " +
			"a failover would lose PINs that were acknowledged; set it to on")
	case s.fsync != "on":
		return settingError("fsync is off: a crash would lose PINs that were acknowledged; set it to on")
	case s.readOnly != "off":
		return settingError("the server is read-only: it is a standby, or was made so")
	}
	return nil
}

// unreplicated marks a connection whose COMMIT was answered before a synchronous standby had it.
const unreplicated = "pinpost.unreplicated"

// noteUnreplicated hears the warning that comes with such a COMMIT: the server was told to stop waiting. It is the one
// warning (01000) that a COMMIT of ours can bring, and its words depend on the server's language.
func noteUnreplicated(conn *pgconn.PgConn, n *pgconn.Notice) {
	if n.Code == "01000" {
		conn.CustomData()[unreplicated] = true
	}
}
