package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/pinpost/pinpost/internal/fault"
	"github.com/pinpost/pinpost/internal/message"
)

const (
	messageQuery = "SELECT " + messageColumns + " FROM messages" +
		" WHERE account_id = $1 AND application_id = $2 AND id = $3"
	messagesQuery = "SELECT " + messageColumns + " FROM messages" +
		" WHERE account_id = $1 AND application_id = $2 ORDER BY created_at, seq"
)

// CreateMessage keeps a new message; it is durable when the call returns.
func (s *Store) CreateMessage(ctx context.Context, m message.Message) error {
	return s.exec(ctx, "create message", insertInto("messages", messageColumns), ToDBMessage(m)...)
}

// Message gives one message of an application, or fault.NotFound.
func (s *Store) Message(ctx context.Context, accountID, applicationID, id string) (message.Message, error) {
	m, err := s.readers.messages.get(ctx, ownID{accountID, id})
	if err == nil && m.ApplicationID != applicationID {
		return message.Message{}, fault.NotFoundf("%s", noMessage)
	}
	return m, err
}

// Messages lists an application's messages, oldest first.
func (s *Store) Messages(ctx context.Context, accountID, applicationID string) ([]message.Message, error) {
	return list(ctx, s, "list messages", FromDBMessage, messagesQuery, accountID, applicationID)
}

// UpdateMessage loads, changes and keeps a message in one step, or gives fault.NotFound or what change gives. change
// must not call the store, and may be called again when another replica was in the way.
func (s *Store) UpdateMessage(
	ctx context.Context, accountID, applicationID, id string, change func(*message.Message) error,
) (message.Message, error) {
	var m message.Message
	err := s.settle(ctx, "update message", func(ctx context.Context, tx pgx.Tx) (err error) {
		m, err = FromDBMessage(tx.QueryRow(ctx, messageQuery+" FOR NO KEY UPDATE", accountID, findableText(applicationID), findableText(id)))
		if err != nil {
			return absent(err, noMessage)
		}
		if err := change(&m); err != nil {
			return refusal{err}
		}
		statement := "UPDATE messages SET (" + messageSettings + ") = (" + marks(messageSettings, 4) + ")" +
			" WHERE account_id = $1 AND application_id = $2 AND id = $3"
		_, err = tx.Exec(ctx, statement, append([]any{accountID, applicationID, id}, toDBMessageSettings(m)...)...)
		return err
	})
	if err != nil {
		return message.Message{}, err
	}
	return m, nil
}
