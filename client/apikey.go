package client

import (
	"context"
	"net/http"

	"github.com/pinpost/pinpost/api"
)

// CreateAPIKey creates a key for the account and gives it, ready for WithAPIKey. The key is shown this once; treat it as
// opaque and keep it out of logs.
//
// Errors: IsUnauthorized for a client made with WithAPIKey, as this operation takes user name and password only
// (WithBasic).
//
// Source page: https://dev.infobip.com/docs/api-key-create
func (c *Client) CreateAPIKey(ctx context.Context) (string, error) {
	return ask[api.APIKey](ctx, "create API key", func(ctx context.Context) (*http.Response, error) {
		return c.calls.CreateAPIKeyWithBody(ctx, mediaType, http.NoBody)
	})
}
