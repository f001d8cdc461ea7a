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
		{"verifications of a number", ofNumber, "pins_by_number"},
		{"keys", goodKeysQuery, "keys_hash_key"},
		{"applications", manyApplicationsQuery, "applications_pkey"},
		{"applications of an account", applicationsQuery, "applications_pkey"},
		{"messages", manyMessagesQuery, "messages_pkey"},
		{"messages of an application", messagesQuery, "messages_pkey"},
		{"PINs", manyPINsQuery, "pins_pkey"},
		{"applications to lock", lockApplicationsQuery, "applications_pkey"},
		{"deliveries to lock", lockDeliveriesQuery, "deliveries_pkey"},
		{"PINs to lock", lockPINsQuery, "pins_pkey"},
		{"places to free", freePlacesStatement, "places_pkey"},
		{"messages that are there", messagesThereQuery, "messages_pkey"},
		{"first requests", firstsQuery, "firsts_pkey"},
		{"windows of numbers", numberWindowsQuery, "places_pkey"},
		{"windows of applications", wholeWindowsQuery, "places_by_application"},
		{"slots of applications", wholeWindowsQuery, "place_counts_pkey"},
		{"PINs to change", updatePINs, "pins_pkey"},
		{"PINs that were sent", noteSentStatement, "pins_pkey"},
		{"deliveries to change", updateDeliveries, "deliveries_pkey"},
		{"first requests to replace", removeFirsts, "firsts_pkey"},
		{"answers", keepAnswers, "firsts_delivery_id_key"},
		{"deliveries", deliveriesQuery, "deliveries_by_pin"},
		{"delivery by remote id", remoteDeliveryQuery, "deliveries_by_remote_id"},
		{"PINs to wipe", wipeExpiredStatement, "pins_to_wipe"},
		{"deliveries to remove", removeDeliveriesStatement, "pins_to_remove"},
		{"PINs to find", lockExpiredQuery, "pins_to_remove"},
		{"PINs to remove", removePINsStatement, "pins_pkey"},
		{"entries to remove", removeEntriesStatement, "inbox_by_time"},
		{"deliveries to give up", abandonedQuery, "deliveries_open"},
		{"first requests to remove", removeFirstsStatement, "firsts_by_age"},
		{"places to remove", removePlacesStatement, "places_pkey"},
		{"old places", oldPlacesQuery, "places_by_application"},
		{"sealed sample", sealedSampleQuery, "pins_to_wipe"},
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
