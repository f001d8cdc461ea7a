package sqlite

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"

	"github.com/pinpost/pinpost/internal/delivery"
)

// changeState sets the state of a delivery to ?1 and adds it to the history at ?2, unless it is the state already. Both
// read the state as it was before.
const changeState = `
	history = CASE state WHEN ?1 THEN history ELSE json_insert(history, '$[#]', json_object('state', ?1, 'at', ?2)) END,
	state = ?1`

// change is a delivery.Change as it is stored.
type change struct {
	State delivery.State `json:"state"`
	At    int64          `json:"at"`
}

// history writes and reads changes, oldest first.
type history struct{ changes *[]delivery.Change }

// Value implements driver.Valuer.
func (h history) Value() (driver.Value, error) {
	stored := make([]change, len(*h.changes))
	for i, c := range *h.changes {
		stored[i] = change{c.State, toMillis(c.At)}
	}
	text, err := json.Marshal(stored)
	return string(text), err
}

// Scan implements sql.Scanner.
func (h history) Scan(stored any) error {
	text, ok := stored.(string)
	if !ok {
		return fmt.Errorf("history is stored as %T", stored)
	}
	var all []change
	if err := json.Unmarshal([]byte(text), &all); err != nil {
		return fmt.Errorf("read history: %w", err)
	}
	*h.changes = make([]delivery.Change, len(all))
	for i, c := range all {
		(*h.changes)[i] = delivery.Change{State: c.State, At: fromMillis(c.At)}
	}
	return nil
}
