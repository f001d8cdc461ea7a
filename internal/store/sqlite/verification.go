package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"slices"

	"github.com/pinpost/pinpost/internal/pin"
)

// chunksAtOnce is how many chunks of the list one query looks through at most.
const chunksAtOnce = 64

const (
	applicationNumberQuery = "SELECT seq FROM applications WHERE account_id = ? AND id = ?"

	chunksQuery = "SELECT last FROM pin_chunks WHERE last > 0 ORDER BY last DESC"

	// Of what is not listed yet.
	newestVerifications = "SELECT " + verificationColumns + " FROM pins p WHERE p.number > ? AND p.application = ?"

	// Of the chunks from one to another.
	listedVerifications = "SELECT " + verificationColumns + " FROM pin_chunks c CROSS JOIN pin_list l ON l.chunk = c.last" +
		" CROSS JOIN pins p ON p.number = l.number WHERE c.last BETWEEN ? AND ? AND l.application = ?"
)

// numbered is a verification and the number of its PIN.
type numbered struct {
	pin.Verification
	number int64
}

// Verifications lists an application's PINs, newest first, at most most of them: in the order in which they were made.
func (s *Store) Verifications(
	ctx context.Context, accountID, applicationID string, f pin.VerificationFilter, most int,
) ([]pin.Verification, error) {
	if err := s.see(ctx); err != nil {
		return nil, err
	}
	// One transaction, so that a chunk that is listed beside us is there once.
	tx, err := s.readers.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return nil, s.fail("list verifications", err)
	}
	defer func() { _ = tx.Rollback() }()
	found, err := verifications(ctx, tx, accountID, applicationID, f, most)
	if err != nil {
		return nil, s.fail("list verifications", err)
	}
	all := make([]pin.Verification, len(found))
	for i, v := range found {
		all[i] = v.Verification
	}
	return all, nil
}

func verifications(
	ctx context.Context, tx *sql.Tx, accountID, applicationID string, f pin.VerificationFilter, most int,
) ([]numbered, error) {
	var application int64
	err := tx.QueryRowContext(ctx, applicationNumberQuery, accountID, applicationID).Scan(&application)
	if errors.Is(err, sql.ErrNoRows) || most < 1 {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	chunks, err := queryAll(ctx, tx, number, chunksQuery)
	if err != nil {
		return nil, err
	}
	var highest int64
	if len(chunks) > 0 {
		highest = chunks[0]
	}
	found, err := verificationsOf(ctx, tx, newestVerifications, []any{highest, application}, "p.phone", f, most)
	// Then chunk by chunk, and then those that were listed late, which may be of any age.
	for n := 1; err == nil && len(chunks) > 0 && len(found) < most; n = min(2*n, chunksAtOnce) {
		n = min(n, len(chunks))
		var more []numbered
		more, err = verificationsOf(ctx, tx, listedVerifications, []any{chunks[n-1], chunks[0], application}, "l.phone", f, most)
		found, chunks = append(found, more...), chunks[n:]
	}
	if err == nil {
		var late []numbered
		late, err = verificationsOf(ctx, tx, listedVerifications, []any{0, 0, application}, "l.phone", f, most)
		found = append(found, late...)
	}
	slices.SortFunc(found, func(a, b numbered) int { return cmp.Compare(b.number, a.number) })
	return found[:min(most, len(found))], err
}

// verificationsOf carries out a query that is narrowed by a filter.
func verificationsOf(
	ctx context.Context, tx *sql.Tx, query string, args []any, phoneColumn string, f pin.VerificationFilter, most int,
) ([]numbered, error) {
	query, args, err := verificationsQuery(query, args, phoneColumn, f, most)
	if err != nil {
		return nil, err
	}
	return queryAll(ctx, tx, fromDBNumbered, query, args...)
}

func verificationsQuery(
	query string, args []any, phoneColumn string, f pin.VerificationFilter, most int,
) (string, []any, error) {
	if f.To != "" {
		phone, err := toPhone(f.To)
		if err != nil {
			return "", nil, err
		}
		query, args = query+" AND "+phoneColumn+" = ?", append(args, phone)
	}
	if f.Verified != nil {
		query, args = query+" AND (p.verified_at <> 0) = ?", append(args, *f.Verified)
	}
	if f.Sent != nil {
		query, args = query+" AND (p.sent_at <> 0) = ?", append(args, *f.Sent)
	}
	return query + " ORDER BY p.number DESC LIMIT ?", append(args, most), nil
}
