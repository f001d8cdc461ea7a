package smshttptest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"
)

// Plain starts a gateway such as many are, for the adapter with templates: JSON at /send with a bearer key, of the members
// to, from, text, ttl (seconds), ref and report; {"state": "ok", "id": …} or {"state": "no", "error": {"code": …}}; and
// receipts as {"reports": [{"id", "ref", "status", "at"}]} of status DELIVRD, UNDELIV or EXPIRED.
func Plain(key string) *Gateway { return start(&plain{key: key}) }

type plain struct {
	key   string
	count atomic.Int64
}

func (k *plain) decode(r *http.Request) (Text, bool) {
	if r.URL.Path != "/send" || r.Header.Get("Authorization") != "Bearer "+k.key {
		return Text{}, false
	}
	var in struct {
		To, From, Text, Ref, Report string
		TTL                         int64
		Params                      map[string]string
	}
	if json.NewDecoder(r.Body).Decode(&in) != nil {
		return Text{}, false
	}
	return Text{
		ID: fmt.Sprintf("p-%d", k.count.Add(1)), AttemptID: in.Ref, To: in.To, From: in.From, Text: in.Text,
		Validity: time.Duration(in.TTL) * time.Second, Params: in.Params, CallbackURL: in.Report,
	}, true
}

func (*plain) accept(w http.ResponseWriter, t Text) {
	answer(w, http.StatusOK, object{"state": "ok", "id": t.ID})
}

func (*plain) deny(w http.ResponseWriter) {
	answer(w, http.StatusUnauthorized, object{"state": "no", "error": object{"code": 1}})
}

func (*plain) refuse(w http.ResponseWriter, suffix string) {
	codes := map[string]int{SuffixBadNumber: 1003, SuffixRejected: 1004, SuffixNoCredit: 1005}
	switch {
	case codes[suffix] != 0:
		answer(w, http.StatusOK, object{"state": "no", "error": object{"code": codes[suffix]}})
	case suffix == SuffixThrottle:
		w.Header().Set("Retry-After", "2")
		answer(w, http.StatusTooManyRequests, object{"state": "no"})
	default:
		fail(w, suffix, "oh")
	}
}

func (*plain) report(ctx context.Context, t Text, suffix string) (*http.Request, error) {
	became := "DELIVRD"
	switch suffix {
	case SuffixFailed:
		became = "UNDELIV"
	case SuffixExpired:
		became = "EXPIRED"
	}
	body, err := json.Marshal(object{"reports": []object{{"id": t.ID, "ref": t.AttemptID, "status": became, "at": 1795298462}}})
	if err != nil {
		return nil, err
	}
	return post(ctx, t.CallbackURL, "application/json", string(body))
}
