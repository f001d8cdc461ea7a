package infobip

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/delivery/smshttp"
)

// maxValidity is two days, the most that Infobip takes, in seconds.
const maxValidity = 48 * 60 * 60

// What a text's Params hold for India, where senders and wordings are registered.
const (
	paramIndiaEntity   = "india_principal_entity_id"
	paramIndiaTemplate = "india_content_template_id"
)

type gateway struct{ cfg Config }

type request struct {
	Messages []message `json:"messages"`
}

type message struct {
	Sender       string        `json:"sender,omitempty"`
	Destinations []destination `json:"destinations"`
	Content      content       `json:"content"`
	Options      *options      `json:"options,omitempty"`
	Webhooks     *webhooks     `json:"webhooks,omitempty"`
}

// destination carries our AttemptID, which Infobip takes once: a second request with it is refused as a duplicate.
type destination struct {
	To        string `json:"to"`
	MessageID string `json:"messageId,omitempty"`
}

type content struct {
	Text string `json:"text"`
}

type options struct {
	ValidityPeriod *period   `json:"validityPeriod,omitempty"`
	Regional       *regional `json:"regional,omitempty"`
}

type period struct {
	Amount   int64  `json:"amount"`
	TimeUnit string `json:"timeUnit"`
}

type regional struct {
	IndiaDLT indiaDLT `json:"indiaDlt"`
}

type indiaDLT struct {
	PrincipalEntityID string `json:"principalEntityId"`
	ContentTemplateID string `json:"contentTemplateId,omitempty"`
}

type webhooks struct {
	Delivery     hook   `json:"delivery"`
	ContentType  string `json:"contentType"`
	CallbackData string `json:"callbackData,omitempty"`
}

type hook struct {
	URL                string `json:"url"`
	IntermediateReport bool   `json:"intermediateReport"`
	Notify             bool   `json:"notify"`
}

// Request asks for the text by POST of JSON.
func (g *gateway) Request(ctx context.Context, m delivery.SMS) (*http.Request, error) {
	address, err := url.JoinPath(g.cfg.BaseURL, "sms/3/messages")
	if err != nil {
		return nil, err
	}
	msg := message{
		Sender:       m.From,
		Destinations: []destination{{To: m.To.Digits(), MessageID: m.AttemptID}},
		Content:      content{Text: m.Text.Reveal()},
		Options:      optionsOf(m),
	}
	if msg.Sender == "" {
		msg.Sender = g.cfg.From
	}
	if msg.Webhooks, err = g.webhooks(m.AttemptID); err != nil {
		return nil, err
	}
	body, err := json.Marshal(request{Messages: []message{msg}})
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "App "+g.cfg.APIKey.Reveal())
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	return req, nil
}

func optionsOf(m delivery.SMS) *options {
	var o options
	if seconds := smshttp.Rest(m.Validity, time.Second, 1, maxValidity); seconds > 0 {
		o.ValidityPeriod = &period{Amount: seconds, TimeUnit: "SECONDS"}
	}
	if entity := m.Params[paramIndiaEntity]; entity != "" {
		o.Regional = &regional{indiaDLT{PrincipalEntityID: entity, ContentTemplateID: m.Params[paramIndiaTemplate]}}
	}
	if o == (options{}) {
		return nil
	}
	return &o
}

func (g *gateway) webhooks(attemptID string) (*webhooks, error) {
	if !g.cfg.Receipts.Asked() {
		return nil, nil
	}
	address, err := g.cfg.Receipts.Address(nil)
	if err != nil {
		return nil, err
	}
	return &webhooks{
		Delivery:    hook{URL: address.String(), Notify: true},
		ContentType: "application/json", CallbackData: attemptID,
	}, nil
}
