package smshttptest

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Kannel starts a gateway that speaks as Kannel does, at /cgi-bin/sendsms.
func Kannel(username, password string) *Gateway { return start(kannel{username, password}) }

type kannel struct{ username, password string }

func (k kannel) decode(r *http.Request) (Text, bool) {
	q := r.URL.Query()
	if r.URL.Path != "/cgi-bin/sendsms" || q.Get("username") != k.username || q.Get("password") != k.password {
		return Text{}, false
	}
	minutes, _ := strconv.Atoi(q.Get("validity"))
	t := Text{
		To: strings.TrimPrefix(q.Get("to"), "+"), From: q.Get("from"), Text: q.Get("text"), Unicode: q.Get("coding") == "2",
		Validity: time.Duration(minutes) * time.Minute, Params: map[string]string{},
	}
	if q.Get("dlr-mask") != "" {
		t.CallbackURL = q.Get("dlr-url")
	}
	_, pairs, _ := strings.Cut(q.Get("meta-data"), "?smpp?")
	params, _ := url.ParseQuery(pairs)
	for name := range params {
		t.Params[name] = params.Get(name)
	}
	if u, err := url.Parse(expand(t.CallbackURL, "", "")); err == nil {
		t.AttemptID = u.Query().Get("attempt")
	}
	t.ID = t.AttemptID
	return t, true
}

// expand puts values into Kannel's escapes.
func expand(address, kind, answer string) string {
	return strings.NewReplacer("%%", "%", "%d", kind, "%A", url.QueryEscape(answer)).Replace(address)
}

func (kannel) accept(w http.ResponseWriter, _ Text) {
	say(w, http.StatusAccepted, "0: Accepted for delivery")
}

func (kannel) deny(w http.ResponseWriter) {
	say(w, http.StatusForbidden, "Authorization failed for sendsms")
}

func (kannel) refuse(w http.ResponseWriter, suffix string) {
	switch suffix {
	case SuffixBadNumber:
		say(w, http.StatusBadRequest, "Empty receiver number not allowed, rejected")
	case SuffixRejected:
		say(w, http.StatusForbidden, "Not routable. Do not try again.")
	case SuffixNoCredit:
		say(w, http.StatusPaymentRequired, "no credit")
	case SuffixThrottle:
		say(w, http.StatusTooManyRequests, "slow down")
	default:
		fail(w, suffix, "Temporal failure, try again later.")
	}
}

func (kannel) report(ctx context.Context, t Text, suffix string) (*http.Request, error) {
	kind, answer := "1", "id:7 sub:001 dlvrd:001 submit date:2611212200 done date:2611212201 stat:DELIVRD err:000 text:"+t.Text
	switch suffix {
	case SuffixFailed:
		kind, answer = "2", "id:7 stat:UNDELIV err:00A text:"+t.Text
	case SuffixExpired:
		kind, answer = "2", "id:7 stat:EXPIRED err:000 text:"+t.Text
	}
	return http.NewRequestWithContext(ctx, http.MethodGet, expand(t.CallbackURL, kind, answer), nil)
}

func say(w http.ResponseWriter, status int, text string) {
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text)
}

// fail answers with the failures that all kinds of gateways share.
func fail(w http.ResponseWriter, suffix, text string) {
	switch suffix {
	case SuffixBadProxy:
		say(w, http.StatusBadGateway, "<html>bad gateway</html>")
	case SuffixDown:
		w.Header().Set("Retry-After", "60")
		say(w, http.StatusServiceUnavailable, text)
	default:
		say(w, http.StatusInternalServerError, text)
	}
}
