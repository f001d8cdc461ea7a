//go:build postgres

package postgres

import (
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/pinpost/pinpost/internal/delivery/inbox"
	"github.com/pinpost/pinpost/internal/pin"
	"github.com/pinpost/pinpost/internal/store/postgres/pgtest"
)

// TestPlans asks PostgreSQL how it would carry out each statement on tables that it knows nothing of, for whatever
// arguments: by the index that is meant, and without reading whole tables.
func TestPlans(t *testing.T) {
	t.Parallel()
	s := openIn(t, pgtest.Empty(t))
	entries, _ := entriesQuery(entryColumns, inbox.Filter{AccountID: "a", After: 5}, "DESC", 10)
	verifications, _ := verificationsQuery("a", "b", pin.VerificationFilter{}, 10)
	ofNumber, _ := verificationsQuery("a", "b", pin.VerificationFilter{To: "1"}, 10)
	for _, one := range []struct{ name, statement, index string }{
		{"verifications", verifications, "pins_by_application"},
		{"verifications of a phone", ofNumber, "pins_by_phone"},
		{"keys", goodKeysQuery, "keys_hash_key"},
		{"applications", manyApplicationsQuery, "applications_pkey"},
		{"applications of an account", applicationsQuery, "applications_pkey"},
		{"messages", manyMessagesQuery, "messages_pkey"},
		{"messages of an application", messagesQuery, "messages_pkey"},
		{"PINs", manyPINsQuery, "pins_pkey"},
		{"names of applications", namesQuery, "applications_seq_key"},
		{"names of messages", namesQuery, "messages_seq_key"},
		{"applications to lock", lockApplicationsQuery, "applications_seq_key"},
		{"applications to look up", lockApplicationsQuery, "applications_pkey"},
		{"applications of places", lockNumberedQuery, "applications_seq_key"},
		{"PINs to lock", lockPINsQuery, "pins_pkey"},
		{"places to free", freePlacesStatement, "places_by_time on places f"},
		{"counts to free", freePlacesStatement, "place_counts_pkey"},
		{"messages that are there", messagesThereQuery, "messages_pkey"},
		{"first requests", firstsQuery, "firsts_pkey"},
		{"windows of phones", phoneWindowsQuery, "places_pkey"},
		{"windows of applications", wholeWindowsQuery, "places_by_time"},
		{"slots of applications", wholeWindowsQuery, "place_counts_pkey"},
		{"PINs to change", updatePINs, "pins_pkey"},
		{"PINs to finish", finishStatement, "pins_pkey"},
		{"first requests to replace", removeFirsts, "firsts_pkey"},
		{"answers", keepAnswers, "firsts_delivery_id_key"},
		{"delivery by remote id", remoteQuery, "remotes_pkey"},
		{"agenda", takeAgendaStatement, "agenda_pkey"},
		{"PINs that are open", openQuery, "pins_pkey"},
		{"PINs to give up", lockOpenQuery, "pins_pkey"},
		{"PINs that are given up", giveUpStatement, "pins_pkey"},
		{"PINs that expire", expiringQuery, "pins_pkey"},
		{"PINs that nobody holds", lockFreeQuery, "pins_pkey"},
		{"PINs to wipe", wipeStatement, "pins_pkey"},
		{"PINs that have expired", expiredQuery, "pins_pkey"},
		{"PINs to remove", removeStatement, "pins_pkey"},
		{"remote ids to remove", removeRemotesText, "remotes_pkey"},
		{"PINs of an account", lockOwnPINsQuery, "pins_by_"},
		{"entries to remove", removeEntriesStatement, "inbox_by_time"},
		{"first requests to remove", removeFirstsStatement, "firsts_by_age"},
		{"places to remove", removePlacesStatement, "places_by_time on places"},
		{"old places", oldPlacesQuery, "places_by_time"},
		{"sealed sample", sealedSampleQuery, "agenda_pkey"},
		{"worlds", worldsQuery, "accounts_by_parent"},
		{"inbox", entries, "inbox_by_account"},
		{"inbox entry", entryQuery, "inbox_by_id"},
		{"inbox entries to trim", trimStatement, "inbox_by_account"},
	} {
		plan := planOf(t, s, one.statement)
		if !strings.Contains(plan, one.index) {
			t.Errorf("%s: got\n%swant index %s", one.name, plan, one.index)
		}
		for line := range strings.Lines(plan) {
			// All applications are gone through for their old places.
			if strings.Contains(line, "Seq Scan") && !strings.Contains(line, "Seq Scan on applications a") {
				t.Errorf("%s: got\n%swant no scan of a whole table", one.name, plan)
			}
		}
	}
}

func planOf(t *testing.T, s *Store, statement string) string {
	t.Helper()
	conn, err := s.pool.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	args := 0
	for strings.Contains(statement, fmt.Sprintf("$%d", args+1)) {
		args++
	}
	nulls := strings.TrimSuffix(strings.Repeat("NULL, ", args), ", ")
	if args > 0 {
		nulls = "(" + nulls + ")"
	}
	for _, text := range []string{"SET plan_cache_mode = force_generic_plan", "DEALLOCATE ALL", "PREPARE one AS " + statement} {
		if _, err := conn.Exec(t.Context(), text, pgx.QueryExecModeSimpleProtocol); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	rows, err := conn.Query(t.Context(), "EXPLAIN EXECUTE one "+nulls, pgx.QueryExecModeSimpleProtocol)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := collect(rows, readText)
	if err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
	return strings.Join(lines, "\n") + "\n"
}
