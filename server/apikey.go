package server

import (
	"context"

	"github.com/pinpost/pinpost/server/internal/gen"
)

// CreateAPIKey implements https://dev.infobip.com/docs/api-key-create.
func (d desk) CreateAPIKey(ctx context.Context, _ gen.CreateAPIKeyRequestObject) (gen.CreateAPIKeyResponseObject, error) {
	_, key, err := d.Accounts.CreateKey(ctx, accountOf(ctx), "")
	if err != nil {
		return nil, err
	}
	return gen.CreateAPIKey200JSONResponse(key), nil
}
