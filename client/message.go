package client

import (
	"context"
	"net/http"

	"github.com/pinpost/pinpost/api"
)

// CreateMessage creates a message in an application: the template of what is texted or spoken, and the kind of PIN that
// goes with it. All members are required. req.MessageText contains req.PinPlaceholder, which the PIN replaces;
// req.PinLength is 1 to 8 characters of req.PinType; req.Sender is up to 15 digits or 11 characters. Keep MessageID of
// the answer.
//
// Errors: IsInvalidArgument, with ValidationErrors of the APIError naming the member at fault, and IsNotFound for an
// unknown application. An empty applicationID is an error too, and nothing is sent.
//
// Source page: https://dev.infobip.com/docs/message-create
func (c *Client) CreateMessage(
	ctx context.Context, applicationID string, req api.CreateMessageRequest,
) (*api.Message, error) {
	return ask[*api.Message](ctx, "create message", func(ctx context.Context) (*http.Response, error) {
		return c.calls.CreateMessage(ctx, applicationID, req)
	}, pathID{"applicationID", applicationID})
}

// ListMessages lists the messages of an application, oldest first.
//
// Errors: IsNotFound for an unknown application. An empty applicationID is an error too, and nothing is sent.
//
// Source page: http://2-fa.github.io/http-api.html
func (c *Client) ListMessages(ctx context.Context, applicationID string) ([]api.Message, error) {
	return ask[api.MessageList](ctx, "list messages", func(ctx context.Context) (*http.Response, error) {
		return c.calls.ListMessages(ctx, applicationID)
	}, pathID{"applicationID", applicationID})
}

// GetMessage gives one message of an application.
//
// Errors: IsNotFound for an unknown application or message; the text says which. An empty id is an error too, and
// nothing is sent.
//
// Source page: http://2-fa.github.io/http-api.html
func (c *Client) GetMessage(ctx context.Context, applicationID, messageID string) (*api.Message, error) {
	return ask[*api.Message](ctx, "get message", func(ctx context.Context) (*http.Response, error) {
		return c.calls.GetMessage(ctx, applicationID, messageID)
	}, pathID{"applicationID", applicationID}, pathID{"messageID", messageID})
}

// UpdateMessage changes what is not nil in req and leaves the rest as it is. The answer is the message as it is now,
// which must be one that could be created. PINs that are resent later use the new text.
//
// Errors: IsInvalidArgument, with ValidationErrors of the APIError naming the member at fault, and IsNotFound for an
// unknown application or message; the text says which. An empty id is an error too, and nothing is sent.
//
// Source page: https://dev.infobip.com/docs/message-update
func (c *Client) UpdateMessage(
	ctx context.Context, applicationID, messageID string, req api.UpdateMessageRequest,
) (*api.Message, error) {
	return ask[*api.Message](ctx, "update message", func(ctx context.Context) (*http.Response, error) {
		return c.calls.UpdateMessage(ctx, applicationID, messageID, req)
	}, pathID{"applicationID", applicationID}, pathID{"messageID", messageID})
}
