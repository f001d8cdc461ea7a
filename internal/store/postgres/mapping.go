package postgres

import (
	"crypto/sha256"
	"fmt"

	"github.com/pinpost/pinpost/internal/account"
	"github.com/pinpost/pinpost/internal/application"
	"github.com/pinpost/pinpost/internal/delivery/inbox"
	"github.com/pinpost/pinpost/internal/message"
	"github.com/pinpost/pinpost/internal/pin"
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

	pinColumns = "number, application, message, phone, created_at, expires_at, lookup_needed, sender, sealed, attempts, " +
		"verified_at, sent_at, open_since, deliveries"
	firstColumns        = "account_id, key_hash, fingerprint, pin_id, delivery_id, channel, phone, created_at, answer"
	verificationColumns = "phone, verified_at, sent_at"

	entryColumns = "seq, id, account_id, application_id, message_id, pin_id, channel, phone, sender, text, spoken, pin, " +
		"encoding, segments, nc_status, call_status, at"
)

// ToDBAccount gives the values of accountColumns.
func ToDBAccount(a account.Account) []any {
	return []any{a.ID, a.Name, a.PasswordHash, a.ParentID, a.WorldName, toMillis(a.CreatedAt), toMillis(a.RevokedAt)}
}

// FromDBAccount reads accountColumns.
func FromDBAccount(r row) (a account.Account, err error) {
	err = r.Scan(&a.ID, &a.Name, &a.PasswordHash, &a.ParentID, &a.WorldName, instant{&a.CreatedAt}, instant{&a.RevokedAt})
	return a, err
}

// ToDBKey gives the values of keyColumns.
func ToDBKey(k account.Key) []any {
	return []any{k.ID, k.AccountID, k.Name, k.Hash[:], toMillis(k.CreatedAt), toMillis(k.RevokedAt)}
}

// FromDBKey reads keyColumns.
func FromDBKey(r row) (k account.Key, err error) {
	var hash []byte
	err = r.Scan(&k.ID, &k.AccountID, &k.Name, &hash, instant{&k.CreatedAt}, instant{&k.RevokedAt})
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
func FromDBApplication(r row) (a application.Application, err error) {
	c := &a.Configuration
	err = r.Scan(&a.ID, &a.AccountID, instant{&a.CreatedAt},
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
func FromDBMessage(r row) (m message.Message, err error) {
	err = r.Scan(&m.ID, &m.AccountID, &m.ApplicationID, instant{&m.CreatedAt},
		&m.Text, &m.Placeholder, &m.PINType, &m.PINLength, &m.Sender, &m.Speech.Language, &m.Speech.Rate, &m.Speech.RepeatDTMF)
	return m, err
}

// storedPIN is a PIN as it is stored: its ids are those of its account, application and message, which have numbers there.
type storedPIN struct {
	pin.PIN
	number, application, message, phone int64
	openSince                           int64
	deliveries                          []byte
}

// FromDBPIN reads pinColumns. The PIN has no ids yet.
func FromDBPIN(r row) (*storedPIN, error) {
	var p storedPIN
	err := r.Scan(&p.number, &p.application, &p.message, &p.phone, instant{&p.CreatedAt}, instant{&p.ExpiresAt}, &p.LookupNeeded,
		&p.From, &p.Sealed, &p.Attempts, instant{&p.VerifiedAt}, instant{&p.SentAt}, &p.openSince, &p.deliveries)
	p.To = fromPhone(p.phone)
	return &p, err
}

// FromDBFirst reads firstColumns.
func FromDBFirst(r row) (f pin.First, err error) {
	var key, fingerprint []byte
	var answer *string
	err = r.Scan(&f.AccountID, &key, &fingerprint, &f.PINID, &f.DeliveryID, &f.Channel, &f.To, instant{&f.At}, &answer)
	if err == nil {
		f.Answer, err = readAnswer(answer)
	}
	copy(f.KeyHash[:], key) // the table has hashes of this length alone
	copy(f.Fingerprint[:], fingerprint)
	return f, err
}

// FromDBVerification reads verificationColumns.
func FromDBVerification(r row) (v pin.Verification, err error) {
	var to int64
	err = r.Scan(&to, instant{&v.VerifiedAt}, instant{&v.SentAt})
	v.To = fromPhone(to)
	v.Verified = !v.VerifiedAt.IsZero()
	return v, err
}

// FromDBEntry reads entryColumns.
func FromDBEntry(r row) (e inbox.Entry, err error) {
	err = r.Scan(&e.Cursor, &e.ID, &e.AccountID, &e.ApplicationID, &e.MessageID, &e.PINID, &e.Channel, &e.To, &e.From,
		&e.Text, &e.Spoken, &e.PIN, &e.Encoding, &e.Segments, &e.NCStatus, &e.CallStatus, instant{&e.At})
	return e, err
}
