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
	verifications := func(f pin.VerificationFilter) string {
		query, _ := verificationsQuery("a", "b", f, 10)
		return query
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
		{"PIN", pinQuery, "sqlite_autoindex_pins_1"},
		{"number's window", numberWindowQuery, "COVERING INDEX places_by_phone (account_id=? AND application_id=? AND kind=? AND phone=? AND at>?)"},
		{"application's slot", slotQuery, "SEARCH place_counts USING PRIMARY KEY (account_id=? AND application_id=? AND kind=? AND slot>?)"},
		{"application's window", slotWindowQuery, "COVERING INDEX places_by_application (account_id=? AND application_id=? AND kind=? AND at>? AND at<?)"},
		{"places to give back", "DELETE FROM places WHERE delivery_id = ?", "places_by_delivery"},
		{"first request", firstQuery, "sqlite_autoindex_firsts_2 (account_id=? AND key_hash=?)"},
		{"first request to replace", replaceFirst, "sqlite_autoindex_firsts_2 (account_id=? AND key_hash=?)"},
		{"first request of a delivery", answerQuery, "sqlite_autoindex_firsts_1 (delivery_id=?)"},
		{"answer", answerStatement, "sqlite_autoindex_firsts_1 (delivery_id=?)"},
		{"first requests to remove", removeFirstStatement, "firsts_by_age (created_at<?)"},
		{"count", countStatement, "sqlite_autoindex_pins_1"},
		{"wipe", wipeStatement, "sqlite_autoindex_pins_1"},
		{"consume once", consumeOnceStatement, "sqlite_autoindex_pins_1"},
		{"consume again", consumeAgainStatement, "sqlite_autoindex_pins_1"},
		{"deliveries", deliveriesQuery, "deliveries_by_pin"},
		{"delivery", deliveryQuery, "sqlite_autoindex_deliveries_1"},
		{"delivery by remote id", remoteDeliveryQuery, "deliveries_by_remote_id"},
		{"outcome", finishStatement, "sqlite_autoindex_deliveries_1"},
		{"receipt", receiptStatement, "sqlite_autoindex_deliveries_1"},
		{"PINs to wipe", wipeExpiredStatement, "pins_to_wipe"},
		{"deliveries to remove", removeDeliveriesStatement, "pins_by_expiry"},
		{"PINs to remove", removePINsStatement, "pins_by_expiry"},
		{"inbox entries to remove", removeEntriesStatement, "SEARCH i USING INDEX inbox_by_time (at<?)"},
		{"deliveries to give up", giveUpStatement, "SEARCH deliveries USING COVERING INDEX deliveries_open (at<?)"},
		{"sealed sample", sealedSampleQuery, "SEARCH pins USING INDEX pins_to_wipe"},
		{"verifications", verifications(pin.VerificationFilter{}), "pins_by_application (account_id=? AND application_id=?)"},
		{"verifications of a number", verifications(pin.VerificationFilter{To: "1"}), "pins_by_phone (account_id=? AND application_id=? AND phone=?)"},
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
			if plan := planOf(t, s, statement); strings.Contains(plan, "SCAN") {
				t.Errorf("got\n%swant no scan", plan)
			}
		})
	}
	t.Run("places to remove", func(t *testing.T) {
		plan := planOf(t, s, removePlacesStatement)
		if got := strings.Count(plan, "SEARCH p USING COVERING INDEX places_by_application (account_id=? AND application_id=? AND kind=? AND at<?)"); got != 2 {
			t.Errorf("searches by application: got\n%swant 2", plan)
		}
	})
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
