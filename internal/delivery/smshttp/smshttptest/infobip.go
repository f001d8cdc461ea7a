package smshttptest

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"
)

// Infobip starts a gateway that speaks as version 3 of Infobip's SMS interface does.
func Infobip(key string) *Gateway { return start(infobip{key}) }

type infobip struct{ key string }

type object = map[string]any

func (k infobip) decode(r *http.Request) (Text, bool) {
	if r.URL.Path != "/sms/3/messages" || r.Header.Get("Authorization") != "App "+k.key {
		return Text{}, false
	}
	var in struct {
		Messages []struct {
			Sender       string
			Destinations []struct{ To, MessageID string }
			Content      struct{ Text string }
			Options      struct {
				ValidityPeriod struct {
					Amount   int64
					TimeUnit string
				}
				Regional struct{ IndiaDlt map[string]string }
			}
			Webhooks struct{ Delivery struct{ URL string } }
		}
	}
	if json.NewDecoder(r.Body).Decode(&in) != nil || len(in.Messages) != 1 || len(in.Messages[0].Destinations) != 1 {
		return Text{}, false
	}
	m := in.Messages[0]
	t := Text{
		ID: m.Destinations[0].MessageID, AttemptID: m.Destinations[0].MessageID, To: m.Destinations[0].To, From: m.Sender,
		Text: m.Content.Text, Params: m.Options.Regional.IndiaDlt, CallbackURL: m.Webhooks.Delivery.URL,
	}
	if m.Options.ValidityPeriod.TimeUnit == "SECONDS" {
		t.Validity = time.Duration(m.Options.ValidityPeriod.Amount) * time.Second
	}
	return t, true
}

func status(group int, groupName, name string) object {
	return object{"groupId": group, "groupName": groupName, "id": 1, "name": name, "description": "…"}
}

func (infobip) accept(w http.ResponseWriter, t Text) {
	answer(w, http.StatusOK, object{"bulkId": "b", "messages": []object{
		{"messageId": t.ID, "status": status(1, "PENDING", "PENDING_ACCEPTED"), "destination": t.To, "details": object{"messageCount": 1}},
	}})
}

func (infobip) deny(w http.ResponseWriter) {
	answer(w, http.StatusUnauthorized, object{"requestError": object{
		"serviceException": object{"messageId": "UNAUTHORIZED", "text": "Invalid login details"},
	}})
}

func (infobip) refuse(w http.ResponseWriter, suffix string) {
	names := map[string]string{
		SuffixBadNumber: "REJECTED_DESTINATION", SuffixRejected: "REJECTED_SOURCE", SuffixNoCredit: "REJECTED_NOT_ENOUGH_CREDITS",
	}
	switch {
	case names[suffix] != "":
		answer(w, http.StatusOK, object{"messages": []object{{"messageId": "x", "status": status(5, "REJECTED", names[suffix])}}})
	case suffix == SuffixThrottle:
		w.Header().Set("Retry-After", "2")
		answer(w, http.StatusTooManyRequests, object{"errorCode": "E429", "description": "Too many requests"})
	default:
		fail(w, suffix, `{"errorCode": "E500"}`)
	}
}

func (infobip) report(ctx context.Context, t Text, suffix string) (*http.Request, error) {
	became, problem := status(3, "DELIVERED", "DELIVERED_TO_HANDSET"), "NO_ERROR"
	switch suffix {
	case SuffixFailed:
		became, problem = status(2, "UNDELIVERABLE", "UNDELIVERABLE_NOT_DELIVERED"), "EC_ABSENT_SUBSCRIBER"
	case SuffixExpired:
		became, problem = status(4, "EXPIRED", "EXPIRED_EXPIRED"), "EC_MESSAGE_EXPIRED"
	}
	body, err := json.Marshal(object{"results": []object{{
		"bulkId": "b", "messageId": t.ID, "to": t.To, "callbackData": t.AttemptID, "doneAt": "2026-11-21T22:01:02.345+0000",
		"messageCount": 1, "status": became, "error": object{"name": problem},
	}}})
	if err != nil {
		return nil, err
	}
	return post(ctx, t.CallbackURL, "application/json", string(body))
}

func answer(w http.ResponseWriter, status int, body object) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

func post(ctx context.Context, address, kind, body string) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(body))
	if err == nil {
		req.Header.Set("Content-Type", kind)
	}
	return req, err
}
