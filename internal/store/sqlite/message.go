package sqlite

import (
	"context"

	"github.com/pinpost/pinpost/internal/message"
)

const (
	messageQuery = "SELECT " + messageColumns + " FROM messages" +
		" WHERE account_id = ? AND application_id = ? AND id = ?"
	messagesQuery = "SELECT " + messageColumns + " FROM messages" +
		" WHERE account_id = ? AND application_id = ? ORDER BY created_at, seq"
)

// CreateMessage keeps a new message; it is durable when the call returns.
func (s *Store) CreateMessage(ctx context.Context, m message.Message) error {
	return s.exec(ctx, "create message", insertInto("messages", messageColumns), ToDBMessage(m)...)
}

// Message gives one message of an application, or fault.NotFound.
func (s *Store) Message(ctx context.Context, accountID, applicationID, id string) (message.Message, error) {
	m, err := FromDBMessage(s.readers.QueryRowContext(ctx, messageQuery, accountID, applicationID, id))
	return m, s.fail("load message", absent(err, noMessage))
}

// Messages lists an application's messages, oldest first.
func (s *Store) Messages(ctx context.Context, accountID, applicationID string) ([]message.Message, error) {
	return list(ctx, s, "list messages", FromDBMessage, messagesQuery, accountID, applicationID)
}

// UpdateMessage loads, changes and keeps a message in one step, or gives fault.NotFound or what change gives. change
// must not call the store.
func (s *Store) UpdateMessage(
	ctx context.Context, accountID, applicationID, id string, change func(*message.Message) error,
) (message.Message, error) {
	var m message.Message
	err := s.write(ctx, "update message", func(tx *transaction) (err error) {
		if m, err = FromDBMessage(tx.QueryRowContext(ctx, messageQuery, accountID, applicationID, id)); err != nil {
			return absent(err, noMessage)
		}
		if err := change(&m); err != nil {
			return refusal{err}
		}
		statement := "UPDATE messages SET (" + messageSettings + ") = (" + marks(messageSettings) + ")" +
			" WHERE account_id = ? AND application_id = ? AND id = ?"
		_, err = tx.ExecContext(ctx, statement, append(toDBMessageSettings(m), accountID, applicationID, id)...)
		return err
	})
	if err != nil {
		return message.Message{}, err
	}
	return m, nil
}
