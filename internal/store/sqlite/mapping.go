package sqlite

import (
	"crypto/sha256"
	"fmt"
	"strconv"
	"time"

	"github.com/pinpost/pinpost/internal/account"
	"github.com/pinpost/pinpost/internal/application"
	"github.com/pinpost/pinpost/internal/delivery/inbox"
	"github.com/pinpost/pinpost/internal/message"
	"github.com/pinpost/pinpost/internal/phone"
	"github.com/pinpost/pinpost/internal/pin"
	"github.com/pinpost/pinpost/internal/store/deliverylog"
)

// The columns of each table, in the order of its ToDB and FromDB. Settings are the columns that an update may change.
const (
	accountColumns = "id, name, password_hash, parent_id, world_name, created_at, revoked_at"
	keyColumns     = "id, account_id, name, hash, created_at, revoked_at"

	applicationSettings = "name, enabled, process_id, pin_time_to_live, pin_attempts, verification_attempts, " +
		"verification_interval, initiation_attempts, initiation_interval, overall_initiation_attempts, " +
		"overall_initiation_interval, multiple_verifications"
	applicationColumns = "id, account_id, created_at, " + applicationSettings

	messageSettings = "text, placeholder, pin_type, pin_length, sender, language, speech_rate, repeat_dtmf"
	messageColumns  = "id, account_id, application_id, created_at, " + messageSettings

	pinColumns = "number, application, message, phone, sender, lookup_needed, sealed, created_at, expires_at, attempts, " +
		"verified_at, sent_at, open_since, deliveries"

	// What is read of a PIN, with the ids of what it refers to.
	pinFields = "p.number, p.application, a.account_id, a.id, m.id, p.phone, p.sender, p.lookup_needed, p.sealed, " +
		"p.created_at, p.expires_at, p.attempts, p.verified_at, p.sent_at, p.deliveries"

	firstColumns        = "account_id, key_hash, fingerprint, pin_id, delivery_id, channel, phone, created_at, answer"
	verificationColumns = "p.number, p.phone, p.verified_at, p.sent_at"

	entryMembers = "id, account_id, application_id, message_id, pin_id, channel, phone, sender, text, spoken, pin, " +
		"encoding, segments, nc_status, call_status, at"
	entryColumns = "seq, " + entryMembers
)

// Row is a row to read: *sql.Row or *sql.Rows.
type Row interface{ Scan(into ...any) error }

// ToDBAccount gives the values of accountColumns.
func ToDBAccount(a account.Account) []any {
	return []any{a.ID, a.Name, a.PasswordHash, a.ParentID, a.WorldName, toMillis(a.CreatedAt), toMillis(a.RevokedAt)}
}

// FromDBAccount reads accountColumns.
func FromDBAccount(row Row) (a account.Account, err error) {
	err = row.Scan(&a.ID, &a.Name, &a.PasswordHash, &a.ParentID, &a.WorldName,
		instant{&a.CreatedAt}, instant{&a.RevokedAt})
	return a, err
}

// ToDBKey gives the values of keyColumns.
func ToDBKey(k account.Key) []any {
	return []any{k.ID, k.AccountID, k.Name, k.Hash[:], toMillis(k.CreatedAt), toMillis(k.RevokedAt)}
}

// FromDBKey reads keyColumns.
func FromDBKey(row Row) (k account.Key, err error) {
	var hash []byte
	err = row.Scan(&k.ID, &k.AccountID, &k.Name, &hash, instant{&k.CreatedAt}, instant{&k.RevokedAt})
	if err == nil && copy(k.Hash[:], hash) != sha256.Size {
		err = fmt.Errorf("hash has %d bytes, want %d", len(hash), sha256.Size)
	}
	return k, err
}

// ToDBApplication gives the values of applicationColumns.
func ToDBApplication(a application.Application) []any {
	return append([]any{a.ID, a.AccountID, toMillis(a.CreatedAt)}, toDBApplicationSettings(a)...)
}

func toDBApplicationSettings(a application.Application) []any {
	c := a.Configuration
	return []any{
		a.Name, a.Enabled, a.ProcessID, c.PINTimeToLive.Milliseconds(), c.PINAttempts, c.VerificationAttempts,
		c.VerificationInterval.Milliseconds(), c.InitiationAttempts, c.InitiationInterval.Milliseconds(),
		c.OverallInitiationAttempts, c.OverallInitiationInterval.Milliseconds(), c.AllowMultiplePINVerifications,
	}
}

// FromDBApplication reads applicationColumns.
func FromDBApplication(row Row) (a application.Application, err error) {
	c := &a.Configuration
	err = row.Scan(&a.ID, &a.AccountID, instant{&a.CreatedAt},
		&a.Name, &a.Enabled, &a.ProcessID, span{&c.PINTimeToLive}, &c.PINAttempts, &c.VerificationAttempts,
		span{&c.VerificationInterval}, &c.InitiationAttempts, span{&c.InitiationInterval},
		&c.OverallInitiationAttempts, span{&c.OverallInitiationInterval}, &c.AllowMultiplePINVerifications)
	return a, err
}

// ToDBMessage gives the values of messageColumns.
func ToDBMessage(m message.Message) []any {
	return append([]any{m.ID, m.AccountID, m.ApplicationID, toMillis(m.CreatedAt)}, toDBMessageSettings(m)...)
}

func toDBMessageSettings(m message.Message) []any {
	return []any{
		m.Text, m.Placeholder, m.PINType, m.PINLength, m.Sender, m.Speech.Language, m.Speech.Rate, m.Speech.RepeatDTMF,
	}
}

// FromDBMessage reads messageColumns.
func FromDBMessage(row Row) (m message.Message, err error) {
	err = row.Scan(&m.ID, &m.AccountID, &m.ApplicationID, instant{&m.CreatedAt},
		&m.Text, &m.Placeholder, &m.PINType, &m.PINLength, &m.Sender, &m.Speech.Language, &m.Speech.Rate, &m.Speech.RepeatDTMF)
	return m, err
}

// PINRow is a PIN as it is stored: its numbers, and all that was sent for it.
type PINRow struct {
	pin.PIN
	Number      int64
	Application int64
	Phone       int64
	Deliveries  deliverylog.Log
	era         uint64 // of recent, in which it was remembered
}

// AppendDBPIN adds the values of pinColumns to to. The deliveries are in their stored form.
func AppendDBPIN(to []any, r *PINRow, message int64, deliveries []byte) []any {
	var sealed any // NULL, and not an empty text, is what a wiped PIN has
	if len(r.Sealed) > 0 {
		sealed = r.Sealed
	}
	return append(to,
		r.Number, r.Application, message, r.Phone, r.From, r.LookupNeeded, sealed, toMillis(r.CreatedAt),
		toMillis(r.ExpiresAt), r.Attempts, toMillis(r.VerifiedAt), toMillis(r.SentAt), openSince(r.Deliveries), deliveries)
}

// FromDBPIN reads pinFields; the id follows from the number.
func FromDBPIN(row Row) (r PINRow, err error) {
	var deliveries []byte
	err = row.Scan(&r.Number, &r.Application, &r.AccountID, &r.ApplicationID, &r.MessageID, &r.Phone, &r.From, &r.LookupNeeded,
		&r.Sealed, instant{&r.CreatedAt}, instant{&r.ExpiresAt}, &r.Attempts, instant{&r.VerifiedAt}, instant{&r.SentAt},
		&deliveries)
	if err != nil {
		return r, err
	}
	r.To = fromPhone(r.Phone)
	r.Deliveries, err = deliverylog.Parse(deliveries)
	return r, err
}

// openSince is NULL when nothing is open.
func openSince(l deliverylog.Log) any {
	if since := l.OpenSince(); !since.IsZero() {
		return toMillis(since)
	}
	return nil
}

// ToDBFirst gives the values of firstColumns.
func ToDBFirst(f pin.First) []any {
	return []any{
		f.AccountID, f.KeyHash[:], f.Fingerprint[:], f.PINID, f.DeliveryID, f.Channel, f.To.Digits(), toMillis(f.At),
		answer{&f.Answer},
	}
}

// FromDBFirst reads firstColumns.
func FromDBFirst(row Row) (f pin.First, err error) {
	var key, fingerprint []byte
	err = row.Scan(&f.AccountID, &key, &fingerprint, &f.PINID, &f.DeliveryID, &f.Channel, &f.To, instant{&f.At},
		answer{&f.Answer})
	copy(f.KeyHash[:], key) // the table has hashes of this length alone
	copy(f.Fingerprint[:], fingerprint)
	return f, err
}

// fromDBNumbered reads verificationColumns.
func fromDBNumbered(row Row) (v numbered, err error) {
	var to int64
	err = row.Scan(&v.number, &to, instant{&v.VerifiedAt}, instant{&v.SentAt})
	v.To = fromPhone(to)
	v.Verified = !v.VerifiedAt.IsZero()
	return v, err
}

// ToDBEntry gives the values of entryMembers; the store itself gives the cursor.
func ToDBEntry(e inbox.Entry) []any {
	return []any{
		e.ID, e.AccountID, e.ApplicationID, e.MessageID, e.PINID, e.Channel, e.To.Digits(), e.From, e.Text.Reveal(),
		e.Spoken.Reveal(), e.PIN.Reveal(), e.Encoding, e.Segments, e.NCStatus, e.CallStatus, toMillis(e.At),
	}
}

// FromDBEntry reads entryColumns.
func FromDBEntry(row Row) (e inbox.Entry, err error) {
	err = row.Scan(&e.Cursor, &e.ID, &e.AccountID, &e.ApplicationID, &e.MessageID, &e.PINID, &e.Channel, &e.To, &e.From,
		&e.Text, &e.Spoken, &e.PIN, &e.Encoding, &e.Segments, &e.NCStatus, &e.CallStatus, instant{&e.At})
	return e, err
}

// toPhone is a number as it is stored.
func toPhone(n phone.Number) (int64, error) { return strconv.ParseInt(n.Digits(), 10, 64) }

func fromPhone(stored int64) phone.Number { return phone.Number(strconv.FormatInt(stored, 10)) }

// toMillis is a time as it is stored.
func toMillis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// fromMillis is a stored time, in UTC.
func fromMillis(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// instant reads a stored time into t.
type instant struct{ t *time.Time }

// Scan implements sql.Scanner.
func (i instant) Scan(stored any) error {
	ms, ok := stored.(int64)
	if !ok {
		return fmt.Errorf("time is stored as %T", stored)
	}
	*i.t = fromMillis(ms)
	return nil
}

// span reads a stored interval into d.
type span struct{ d *time.Duration }

// Scan implements sql.Scanner.
func (s span) Scan(stored any) error {
	ms, ok := stored.(int64)
	if !ok {
		return fmt.Errorf("interval is stored as %T", stored)
	}
	*s.d = time.Duration(ms) * time.Millisecond
	return nil
}
