package kannel

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/delivery/smshttp"
	"github.com/pinpost/pinpost/internal/sms"
)

// finalReports asks Kannel for the reports that end a message: delivered (1), not delivered (2), refused by the SMSC (16).
// That a message waits (4, 8) we know since Kannel took it.
const finalReports = 1 + 2 + 16

// maxValidity is a week, in minutes.
const maxValidity = 7 * 24 * 60

type gateway struct{ cfg Config }

// Request asks for the text by GET, as Kannel has it; user, number and text stand in the address.
func (g *gateway) Request(ctx context.Context, m delivery.SMS) (*http.Request, error) {
	u, err := url.Parse(g.cfg.URL)
	if err != nil {
		return nil, err
	}
	query, err := g.query(m)
	if err != nil {
		return nil, err
	}
	u.RawQuery = query.Encode()
	return http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
}

func (g *gateway) query(m delivery.SMS) (url.Values, error) {
	text := m.Text.Reveal()
	q := url.Values{
		"username": {g.cfg.Username}, "password": {g.cfg.Password.Reveal()},
		"to": {"+" + m.To.Digits()}, "text": {text}, "charset": {"UTF-8"}, "coding": {"0"},
	}
	if sms.SegmentsOf(text).Encoding == sms.EncodingUCS2 {
		q.Set("coding", "2")
	}
	set(q, "from", first(m.From, g.cfg.From))
	set(q, "smsc", g.cfg.SMSC)
	set(q, "account", g.cfg.Account)
	set(q, "meta-data", metaData(m.Params))
	if minutes := smshttp.Rest(m.Validity, time.Minute, 1, maxValidity); minutes > 0 {
		q.Set("validity", strconv.FormatInt(minutes, 10))
	}
	if !g.cfg.Receipts.Asked() {
		return q, nil
	}
	address, err := g.reportURL(m.AttemptID)
	if err != nil {
		return nil, err
	}
	q.Set("dlr-mask", strconv.Itoa(finalReports))
	q.Set("dlr-url", address)
	return q, nil
}

// reportURL is what Kannel fetches to report. Kannel gives a message no id of its own, so that ours comes back. A % begins
// one of Kannel's own escapes there, and %% stands for itself.
func (g *gateway) reportURL(attemptID string) (string, error) {
	u, err := g.cfg.Receipts.Address(url.Values{"attempt": {attemptID}})
	if err != nil {
		return "", err
	}
	if g.cfg.Receipts.Auth == smshttp.AuthBasic {
		u.User = url.UserPassword(g.cfg.Receipts.User, g.cfg.Receipts.Token.Reveal())
	}
	return strings.ReplaceAll(u.String(), "%", "%%") + "&type=%d&answer=%A", nil
}

// metaData puts what a region asks for into the TLVs of the same names in Kannel's smpp-tlv groups.
func metaData(params map[string]string) string {
	if len(params) == 0 {
		return ""
	}
	pairs := make([]string, 0, len(params))
	for _, key := range slices.Sorted(maps.Keys(params)) {
		pairs = append(pairs, url.QueryEscape(key)+"="+url.QueryEscape(params[key]))
	}
	return "?smpp?" + strings.Join(pairs, "&")
}

// Accept reads Kannel's answer, a line of text. That the carrier behind it takes the text is not said yet.
func (g *gateway) Accept(_ delivery.SMS, a smshttp.Answer) (string, error) {
	if a.Success() {
		return "", nil
	}
	line := strings.TrimSpace(string(a.Body))
	for _, r := range refusals {
		if strings.Contains(line, r.words) {
			return "", smshttp.Refuse(r.class, r.words)
		}
	}
	return "", smshttp.ByStatus(a, "")
}

// refusals are the answers that Kannel gives one status with others, by what they say.
var refusals = []struct {
	words string
	class delivery.Class
}{
	{"Authorization failed", delivery.Unauthorised}, // 403
	{"Not routable", delivery.Rejected},             // 403 too
	{"denied by white- and/or black-lists", delivery.Rejected},
	{"receiver number", delivery.BadDestination}, // missing or empty
	{"Temporal failure", delivery.LinkDown},      // 503: its queue is full or no SMSC connection will take it
	{"Sender missing", delivery.Rejected},
}

func set(q url.Values, key, value string) {
	if value != "" {
		q.Set(key, value)
	}
}

func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
