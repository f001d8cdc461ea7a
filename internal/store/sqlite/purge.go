package sqlite

import (
	"context"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/pin"
)

// Each statement finds its rows by an index, the oldest first, and looks at no more of them than it may touch, unless
// it says otherwise.
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

	// The entries of PINs that outlive the grace are passed over each time.
	removeEntriesStatement = `
	DELETE FROM inbox WHERE seq IN (
		SELECT i.seq FROM inbox i WHERE i.at < ? AND NOT EXISTS (SELECT 1 FROM pins p WHERE p.id = i.pin_id)
		ORDER BY i.at LIMIT ?)`

	giveUpStatement = `
	UPDATE deliveries SET ` + changeState + `, open = 0 WHERE seq IN (
		SELECT seq FROM deliveries WHERE open = 1 AND at < ?3 ORDER BY at LIMIT ?4)`

	// A place counts until the longest interval of its kind is over, in the application of its own account. The numbers
	// are pin.LimitSends and pin.LimitChecks.
	removePlacesStatement = `
	DELETE FROM places WHERE seq IN (
		SELECT p.seq FROM applications a CROSS JOIN places p
			ON p.account_id = a.account_id AND p.application_id = a.id AND p.kind = 0
			AND p.at <= ?1 - max(a.initiation_interval, a.overall_initiation_interval)
		UNION ALL
		SELECT p.seq FROM applications a CROSS JOIN places p
			ON p.account_id = a.account_id AND p.application_id = a.id AND p.kind = 1
			AND p.at <= ?1 - a.verification_interval
		LIMIT ?2)`
)

// PurgePINs does one bounded step of cleaning: wipes Sealed of PINs expired at now, removes PINs and their deliveries
// that expired before now-grace, removes inbox entries older than now-grace whose PIN is gone, and removes places that
// no application's limits can still count. It also gives up deliveries that nobody closed and that are older than
// now-pin.AbandonedAfter, as their process has died: they become StateUnknown and closed, and keep their places, since
// the message may have gone out. And it removes first requests with keys that are older than now-pin.KeyLifetime. Each of
// these touches at most most rows; the sum of the rows touched is returned.
func (s *Store) PurgePINs(ctx context.Context, now time.Time, grace time.Duration, most int) (int, error) {
	if most < 1 {
		return 0, nil // SQLite would take a negative limit for none
	}
	total, expired := 0, toMillis(now.Add(-grace))
	err := s.write(ctx, "purge PINs", func(tx *transaction) error {
		for _, step := range []struct {
			statement string
			args      []any
		}{
			{wipeExpiredStatement, []any{toMillis(now), most}},
			{removeDeliveriesStatement, []any{expired, most}},
			{removePINsStatement, []any{expired, most}},
			{removeEntriesStatement, []any{expired, most}},
			{giveUpStatement, []any{delivery.StateUnknown, toMillis(now), toMillis(now.Add(-pin.AbandonedAfter)), most}},
			{removePlacesStatement, []any{toMillis(now), most}},
			{removeFirstStatement, []any{toMillis(now.Add(-pin.KeyLifetime)), most}},
		} {
			n, err := affected(ctx, tx, step.statement, step.args...)
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
