package smshttptest

import (
	"context"
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // Twilio signs with it
	"encoding/base64"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// Twilio starts a gateway that speaks as Twilio's Messages interface does, for one account.
func Twilio(accountSID, authToken string) *Gateway {
	return start(&twilio{account: accountSID, token: authToken})
}

type twilio struct {
	account, token string
	count          atomic.Int64
}

func (k *twilio) decode(r *http.Request) (Text, bool) {
	user, password, _ := r.BasicAuth()
	if r.URL.Path != "/2010-04-01/Accounts/"+k.account+"/Messages.json" || user != k.account || password != k.token {
		return Text{}, false
	}
	if r.ParseForm() != nil {
		return Text{}, false
	}
	seconds, _ := strconv.Atoi(r.PostForm.Get("ValidityPeriod"))
	t := Text{
		ID: fmt.Sprintf("SM%032x", k.count.Add(1)), To: strings.TrimPrefix(r.PostForm.Get("To"), "+"),
		From: r.PostForm.Get("From") + r.PostForm.Get("MessagingServiceSid"), Text: r.PostForm.Get("Body"),
		Validity: time.Duration(seconds) * time.Second, CallbackURL: r.PostForm.Get("StatusCallback"),
		Params: map[string]string{"ContentSid": r.PostForm.Get("ContentSid")},
	}
	if u, err := url.Parse(t.CallbackURL); err == nil {
		t.AttemptID = u.Query().Get("attempt")
	}
	return t, true
}

func (k *twilio) accept(w http.ResponseWriter, t Text) {
	answer(w, http.StatusCreated, object{"sid": t.ID, "status": "queued", "account_sid": k.account, "error_code": nil})
}

func (*twilio) deny(w http.ResponseWriter) { wrong(w, http.StatusUnauthorized, 20003) }

func wrong(w http.ResponseWriter, status, code int) {
	answer(w, status, object{"code": code, "message": "…", "more_info": "https://www.twilio.com/docs/errors", "status": status})
}

func (*twilio) refuse(w http.ResponseWriter, suffix string) {
	switch suffix {
	case SuffixBadNumber:
		wrong(w, http.StatusBadRequest, 21211)
	case SuffixRejected:
		wrong(w, http.StatusBadRequest, 21610)
	case SuffixNoCredit:
		wrong(w, http.StatusPaymentRequired, 20402)
	case SuffixThrottle:
		w.Header().Set("Retry-After", "2")
		wrong(w, http.StatusTooManyRequests, 20429)
	default:
		fail(w, suffix, `{"code": 20500}`)
	}
}

func (k *twilio) report(ctx context.Context, t Text, suffix string) (*http.Request, error) {
	form := url.Values{"MessageSid": {t.ID}, "MessageStatus": {"delivered"}, "AccountSid": {k.account}, "To": {"+" + t.To}}
	switch suffix {
	case SuffixFailed:
		form.Set("MessageStatus", "undelivered")
		form.Set("ErrorCode", "30003")
	case SuffixExpired:
		form.Set("MessageStatus", "failed")
		form.Set("ErrorCode", "30036")
	}
	req, err := post(ctx, t.CallbackURL, "application/x-www-form-urlencoded", form.Encode())
	if err == nil {
		req.Header.Set("X-Twilio-Signature", k.sign(t.CallbackURL, form))
	}
	return req, err
}

func (k *twilio) sign(address string, form url.Values) string {
	text := address
	for _, name := range slices.Sorted(maps.Keys(form)) {
		text += name + form.Get(name)
	}
	mac := hmac.New(sha1.New, []byte(k.token))
	mac.Write([]byte(text))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}
