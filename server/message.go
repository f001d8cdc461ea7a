package server

import (
	"context"

	"github.com/pinpost/pinpost/api"
	"github.com/pinpost/pinpost/internal/message"
	"github.com/pinpost/pinpost/server/internal/gen"
)

// Messages creates, finds and changes message templates.
type Messages interface {
	Create(ctx context.Context, in message.Input) (message.Message, error)
	Get(ctx context.Context, accountID, applicationID, id string) (message.Message, error)
	List(ctx context.Context, accountID, applicationID string) ([]message.Message, error)
	Update(ctx context.Context, id string, in message.Input) (message.Message, error)
}

// CreateMessage implements https://dev.infobip.com/docs/message-create.
func (d desk) CreateMessage(ctx context.Context, req gen.CreateMessageRequestObject) (gen.CreateMessageResponseObject, error) {
	m, err := d.Messages.Create(ctx, message.Input{
		AccountID: accountOf(ctx), ApplicationID: req.ApplicationID,
		Text: &req.Body.MessageText, Placeholder: &req.Body.PinPlaceholder, PINType: pinType(&req.Body.PinType),
		PINLength: wide(&req.Body.PinLength), Sender: &req.Body.Sender,
		Language: (*string)(req.Body.Language), SpeechRate: req.Body.SpeechRate, RepeatDTMF: req.Body.RepeatDTMF,
	})
	if err != nil {
		return nil, err
	}
	return gen.CreateMessage200JSONResponse{OneMessageJSONResponse: gen.OneMessageJSONResponse(ToAPIMessage(m))}, nil
}

// ListMessages implements http://2-fa.github.io/http-api.html.
func (d desk) ListMessages(ctx context.Context, req gen.ListMessagesRequestObject) (gen.ListMessagesResponseObject, error) {
	all, err := d.Messages.List(ctx, accountOf(ctx), req.ApplicationID)
	if err != nil {
		return nil, err
	}
	return gen.ListMessages200JSONResponse(list(all, ToAPIMessage)), nil
}

// GetMessage implements http://2-fa.github.io/http-api.html.
func (d desk) GetMessage(ctx context.Context, req gen.GetMessageRequestObject) (gen.GetMessageResponseObject, error) {
	m, err := d.Messages.Get(ctx, accountOf(ctx), req.ApplicationID, req.MessageID)
	if err != nil {
		return nil, err
	}
	return gen.GetMessage200JSONResponse{OneMessageJSONResponse: gen.OneMessageJSONResponse(ToAPIMessage(m))}, nil
}

// UpdateMessage implements https://dev.infobip.com/docs/message-update.
func (d desk) UpdateMessage(ctx context.Context, req gen.UpdateMessageRequestObject) (gen.UpdateMessageResponseObject, error) {
	m, err := d.Messages.Update(ctx, req.MessageID, message.Input{
		AccountID: accountOf(ctx), ApplicationID: req.ApplicationID,
		Text: req.Body.MessageText, Placeholder: req.Body.PinPlaceholder, PINType: pinType(req.Body.PinType),
		PINLength: wide(req.Body.PinLength), Sender: req.Body.Sender,
		Language: (*string)(req.Body.Language), SpeechRate: req.Body.SpeechRate, RepeatDTMF: req.Body.RepeatDTMF,
	})
	if err != nil {
		return nil, err
	}
	return gen.UpdateMessage200JSONResponse{OneMessageJSONResponse: gen.OneMessageJSONResponse(ToAPIMessage(m))}, nil
}

func pinType(t *api.PinType) *message.PINType {
	if t == nil {
		return nil
	}
	return new(message.PINType(*t))
}
