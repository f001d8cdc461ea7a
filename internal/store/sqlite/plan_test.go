package sqlite

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/delivery/inbox"
	"github.com/pinpost/pinpost/internal/pin"
)

// TestPlans asks SQLite how it would carry out each statement: by an index, without reading or sorting whole tables.
func TestPlans(t *testing.T) {
	t.Parallel()
	s := openAt(t, newPath(t))
	verifications := func(query string, f pin.VerificationFilter) string {
		query, _, err := verificationsQuery(query, nil, "l.phone", f, 10)
		if err != nil {
			t.Fatal(err)
		}
		return strings.ReplaceAll(query, "l.phone", phoneOf(query))
	}
	entries := func(f inbox.Filter) string {
		query, _ := entriesQuery(entryColumns, f, "DESC", 10)
		return query
	}
	oldest := func(f inbox.Filter) string {
		query, _ := entriesQuery(entryColumns, f, "ASC", 1)
		return query
	}
	drain, _ := deleteEntriesStatement(inbox.Filter{AccountID: "a", After: 5}, 10)
	for _, one := range []struct{ name, query, index string }{
		{"key", goodKeyQuery, "sqlite_autoindex_keys_2"},
		{"application", applicationQuery, "sqlite_autoindex_applications_1 (account_id=? AND id=?)"},
		{"applications", applicationsQuery, "applications_by_account (account_id=?)"},
		{"message", messageQuery, "sqlite_autoindex_messages_1 (account_id=? AND id=?)"},
		{"messages", messagesQuery, "messages_by_application (account_id=? AND application_id=?)"},
		{"first request", firstQuery, "sqlite_autoindex_firsts_2 (account_id=? AND key_hash=?)"},
		{"first request to replace", replaceFirst, "sqlite_autoindex_firsts_2 (account_id=? AND key_hash=?)"},
		{"first request of a delivery", answerQuery, "sqlite_autoindex_firsts_1 (delivery_id=?)"},
		{"answer", answerStatement, "sqlite_autoindex_firsts_1 (delivery_id=?)"},
		{"first requests to remove", removeFirstStatement, "firsts_by_age (created_at<?)"},
		{"inbox entries to remove", removeEntriesStatement, "SEARCH i USING INDEX inbox_by_time (at<?)"},
		{"PIN", pinQuery, "SEARCH p USING INTEGER PRIMARY KEY"},
		{"PIN's application", pinQuery, "SEARCH a USING INTEGER PRIMARY KEY"},
		{"PIN's message", pinQuery, "SEARCH m USING INTEGER PRIMARY KEY"},
		{"attempt", countStatement, "SEARCH pins USING INTEGER PRIMARY KEY"},
		{"last attempt", spendStatement, "SEARCH pins USING INTEGER PRIMARY KEY"},
		{"deliveries", deliveriesStatement, "SEARCH pins USING INTEGER PRIMARY KEY"},
		{"delivery by remote id", remoteQuery, "SEARCH remote_ids USING PRIMARY KEY (carrier=? AND remote_id=?)"},
		{"row of places to remove", removeRowStatement, "SEARCH place_log USING INTEGER PRIMARY KEY"},
		{"PINs to wipe", wipeExpiredStatement, "SEARCH pins USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"},
		{"chunk to wipe", wiping.due, "pin_chunks_to_wipe (wipe_at<?)"},
		{"wiped chunk", wiping.renew, "SEARCH pins USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"},
		{"PINs to remove", removePINsStatement, "SEARCH pins USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"},
		{"chunk to remove PINs of", removing.due, "pin_chunks_to_remove (expire_at<?)"},
		{"chunk of removed PINs", removing.renew, "SEARCH pins USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"},
		{"remote ids to remove", removeRemotesStatement, "remote_ids_by_pin (number=?)"},
		{"abandoned PINs", abandonedQuery, "SEARCH pins USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"},
		{"chunk of abandoned PINs", ending.due, "pin_chunks_open (open_since<?)"},
		{"chunk without abandoned PINs", ending.renew, "SEARCH pins USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"},
		{"chunk to look at earlier", hastenStatement, "SEARCH pin_chunks USING INTEGER PRIMARY KEY"},
		{"newest sealed PIN", newestSealedQuery, "SEARCH pins USING INTEGER PRIMARY KEY (rowid>?)"},
		{"references", referenceQuery, "sqlite_autoindex_messages_1 (account_id=? AND id=?)"},
		{"what is listed", listedQuery, "SEARCH pin_chunks"},
		{"what is not listed", unlistedQuery, "SEARCH pins USING INTEGER PRIMARY KEY (rowid>?)"},
		{"listing late", listLateStatement, ""},
		{"list row to remove", unlistStatement, "SEARCH pin_list USING PRIMARY KEY (chunk=? AND application=? AND phone=? AND number=?)"},
		{"chunk to remove", removeChunkStatement, "SEARCH pin_chunks USING INTEGER PRIMARY KEY"},
		{"newest verifications", verifications(newestVerifications, pin.VerificationFilter{}), "SEARCH p USING INTEGER PRIMARY KEY (rowid>?)"},
		{"newest verifications of a number", verifications(newestVerifications, pin.VerificationFilter{To: "1"}), "SEARCH p USING INTEGER PRIMARY KEY (rowid>?)"},
		{"accounts", accountsQuery, "accounts_by_parent"},
		{"worlds", worldsQuery, "accounts_by_parent"},
		{"world", worldQuery, "sqlite_autoindex_accounts_1"},
		{"inbox of an account", entries(inbox.Filter{AccountID: "a"}), "inbox_by_account"},
		{"inbox between cursors", entries(inbox.Filter{After: 5, Before: 9}), "inbox_by_account (account_id=? AND rowid>? AND rowid<?)"},
		{"inbox since a time", entries(inbox.Filter{Since: time.UnixMilli(1)}), "inbox_by_account"},
		{"inbox of an application", entries(inbox.Filter{ApplicationID: "b", Channel: "SMS"}), "inbox_by_account"},
		{"inbox of a number", entries(inbox.Filter{To: "1"}), "inbox_by_phone"},
		{"inbox of a PIN", entries(inbox.Filter{PINID: "p"}), "inbox_by_pin"},
		{"oldest of a number behind a cursor", oldest(inbox.Filter{To: "1", After: 5}), "inbox_by_phone (account_id=? AND phone=? AND rowid>?)"},
		{"inbox entry", entryQuery, "inbox_by_id"},
		{"inbox entries to drain", drain, "inbox_by_account (account_id=? AND rowid>?)"},
		{"inbox entries to trim", trimStatement, "inbox_by_account (account_id=? AND rowid<?)"},
	} {
		t.Run(one.name, func(t *testing.T) {
			plan := planOf(t, s, one.query)
			if !strings.Contains(plan, one.index) {
				t.Errorf("index: got\n%swant %s", plan, one.index)
			}
			if strings.Contains(plan, "TEMP B-TREE") {
				t.Errorf("sorting: got\n%swant none", plan)
			}
			for line := range strings.Lines(plan) {
				if strings.HasPrefix(line, "SCAN") && !strings.Contains(line, "INDEX") && !strings.Contains(line, "(subquery") {
					t.Errorf("got %swant no scan of a whole table", line)
				}
			}
		})
	}
	for _, statement := range slices.Concat(emptyStatements, removeStatements) {
		t.Run(statement, func(t *testing.T) {
			// The names of the chunks are few.
			if plan := planOf(t, s, statement); strings.Contains(strings.ReplaceAll(plan, "SCAN c\n", ""), "SCAN") {
				t.Errorf("got\n%swant no scan", plan)
			}
		})
	}
	// What these find has to be sorted: the chunks are in the order of numbers, and what is in them is not.
	for name, one := range map[string]struct {
		filter pin.VerificationFilter
		index  string
	}{
		"listed verifications":             {pin.VerificationFilter{}, "SEARCH l USING PRIMARY KEY (chunk=? AND application=?)"},
		"listed verifications of a number": {pin.VerificationFilter{To: "1"}, "SEARCH l USING PRIMARY KEY (chunk=? AND application=? AND phone=?)"},
	} {
		t.Run(name, func(t *testing.T) {
			plan := planOf(t, s, verifications(listedVerifications, one.filter))
			for _, step := range []string{"SEARCH c USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)", one.index, "SEARCH p USING INTEGER PRIMARY KEY"} {
				if !strings.Contains(plan, step) {
					t.Errorf("got\n%swant %s", plan, step)
				}
			}
		})
	}
}

// phoneOf is the column of a query that a number narrows.
func phoneOf(query string) string {
	if strings.Contains(query, "pin_list") {
		return "l.phone"
	}
	return "p.phone"
}

func planOf(t *testing.T, s *Store, query string) string {
	t.Helper()
	args := make([]any, strings.Count(query, "?"))
	for n := 1; strings.Contains(query, "?"+strconv.Itoa(n)); n++ {
		args = make([]any, n)
	}
	rows, err := s.readers.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+query, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var plan strings.Builder
	for rows.Next() {
		var id, parent, unused int
		var detail string
		if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
			t.Fatal(err)
		}
		plan.WriteString(detail + "\n")
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return plan.String()
}
