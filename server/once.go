package server

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/labstack/echo/v4"

	"github.com/pinpost/pinpost/internal/conform"
	"github.com/pinpost/pinpost/internal/fault"
	"github.com/pinpost/pinpost/internal/pin"
)

// onceHeader names the key with which a request can be made again.
const onceHeader = "Idempotency-Key"

// onceOf is the key of a request for the rules, or nil when it has none. parts are everything beside the operation that
// makes the request another one: what is in its path, its query and its body. Prefer does not: it says how to answer.
func onceOf(key *string, operation string, parts ...any) (*pin.Once, error) {
	if key == nil {
		return nil, nil
	}
	if *key == "" { // for kin-openapi, a header without a value is not there
		return nil, fault.Members{onceHeader: {"must not be empty"}}.Err()
	}
	text, err := canonical(append([]any{operation}, parts...))
	if err != nil {
		return nil, fmt.Errorf("fingerprint of %s: %w", operation, err)
	}
	return &pin.Once{KeyHash: sha256.Sum256([]byte(*key)), Fingerprint: sha256.Sum256(text)}, nil
}

// canonical is one text for one value, in whatever order and with whatever spaces it was sent. It goes through a map, so
// that it stays the same when a later program has the members of a struct in another order.
func canonical(value any) ([]byte, error) {
	text, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	decoded, err := conform.Decode(text)
	if err != nil {
		return nil, err
	}
	return json.Marshal(decoded)
}

// nameCursorAgain gives a repeated answer the cursor of the message that went out at the first request.
func (s *Server) nameCursorAgain(operation string) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		if s.deps.Sandbox == nil || !sends[operation] {
			return next
		}
		return func(c echo.Context) error {
			ctx := c.Request().Context()
			err := next(c)
			v := visitOf(ctx)
			if v.repeat == "" {
				return err
			}
			// One that was never captured, or was deleted since, leaves the cursor of now.
			if entry, missing := s.deps.Sandbox.Inbox.Get(ctx, v.account, v.repeat); missing == nil {
				c.Response().Header().Set(cursorHeader, strconv.FormatInt(entry.Cursor-1, 10))
			}
			return err
		}
	}
}
