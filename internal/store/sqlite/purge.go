package sqlite

import (
	"context"
	"database/sql"
	"time"
)

// Each statement finds its rows by an index, in the order of expiry, and looks at no more of them than it may touch.
const (
	wipeExpiredStatement = `
	UPDATE pins SET sealed = NULL WHERE seq IN (
		SELECT seq FROM pins WHERE sealed IS NOT NULL AND expires_at <= ? ORDER BY expires_at LIMIT ?)`

	removeDeliveriesStatement = `
	DELETE FROM deliveries WHERE seq IN (
		SELECT d.seq FROM pins p CROSS JOIN deliveries d ON d.pin_id = p.id
		WHERE p.expires_at < ? ORDER BY p.expires_at, p.seq LIMIT ?)`

	// A PIN whose deliveries did not all fit into this step waits for the next.
	removePINsStatement = `
	DELETE FROM pins WHERE seq IN (SELECT seq FROM pins WHERE expires_at < ? ORDER BY expires_at, seq LIMIT ?)
		AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.pin_id = pins.id)`

	// A place counts until the longest interval of its kind is over. The numbers are pin.LimitSends and pin.LimitChecks.
	removePlacesStatement = `
	DELETE FROM places WHERE seq IN (
		SELECT p.seq FROM applications a CROSS JOIN places p ON p.application_id = a.id AND p.kind = 0
			AND p.at <= ?1 - max(a.initiation_interval, a.overall_initiation_interval)
		UNION ALL
		SELECT p.seq FROM applications a CROSS JOIN places p ON p.application_id = a.id AND p.kind = 1
			AND p.at <= ?1 - a.verification_interval
		LIMIT ?2)`
)

// PurgePINs does one bounded step of cleaning: wipes Sealed of PINs expired at now, removes PINs and their deliveries
// that expired before now-grace, and removes places that no application's limits can still count. It touches at most
// most rows of each kind and says how many rows it touched.
func (s *Store) PurgePINs(ctx context.Context, now time.Time, grace time.Duration, most int) (int, error) {
	if most < 1 {
		return 0, nil // SQLite would take a negative limit for none
	}
	total := 0
	err := s.write(ctx, "purge PINs", func(tx *sql.Tx) error {
		for _, step := range []struct {
			statement string
			before    time.Time
		}{
			{wipeExpiredStatement, now},
			{removeDeliveriesStatement, now.Add(-grace)},
			{removePINsStatement, now.Add(-grace)},
			{removePlacesStatement, now},
		} {
			n, err := affected(ctx, tx, step.statement, toMillis(step.before), most)
			if err != nil {
				return err
			}
			total += n
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return total, nil
}
