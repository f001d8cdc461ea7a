package templated

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/delivery/smshttp"
)

// Callback says how receipts are worded. Places are JSON pointers for json, and names of parameters for form and query.
type Callback struct {
	// Format is json (default), form or query.
	Format string `yaml:"format"`
	// List points to an array of receipts, within which the other pointers start; without it the body is one receipt.
	List smshttp.Pointer `yaml:"list"`
	// ID is the place of the gateway's id, Attempt that of ours. The attempt in the address counts when it has no place.
	ID      string `yaml:"id"`
	Attempt string `yaml:"attempt"`
	// Status is the place of the word that States knows, Code that of a code for the operator.
	Status string `yaml:"status"`
	Code   string `yaml:"code"`
	// Time is the place of when it came about, in TimeFormat: rfc3339 (default), unix, unix_ms, or a layout of Go's.
	Time       string `yaml:"time"`
	TimeFormat string `yaml:"time_format"`
	// States gives each word its state: waiting, delivered, not_delivered, expired, rejected, unknown, invalid_destination,
	// invalid_source, network_not_allowed, network_not_available, no_credit or system_error.
	States map[string]string `yaml:"states"`
}

// states are the names of delivery's states in settings.
var states = map[string]delivery.State{
	"waiting": delivery.StateWaiting, "delivered": delivery.StateDelivered, "not_delivered": delivery.StateNotDelivered,
	"expired": delivery.StateExpired, "rejected": delivery.StateRejected, "unknown": delivery.StateUnknown,
	"invalid_destination": delivery.StateInvalidDestination, "invalid_source": delivery.StateInvalidSource,
	"network_not_allowed": delivery.StateNetworkNotAllowed, "network_not_available": delivery.StateNetworkNotAvailable,
	"no_credit": delivery.StateNoCredit, "system_error": delivery.StateSystemError,
}

const formatQuery = "query"

var errReport = errors.New("a receipt has a status, and an id or attempt, at the places of the settings")

func (c Config) checkCallback(faults *smshttp.Faults) {
	if !c.Receipts.Asked() {
		return
	}
	c.Receipts.CheckToken(faults, smshttp.AuthQuery, smshttp.AuthPath, smshttp.AuthBasic, smshttp.AuthBearer)
	cb := c.Callback
	switch cb.Format {
	case "", formatJSON:
		places := map[string]string{
			"list": string(cb.List), "id": cb.ID, "attempt": cb.Attempt, "status": cb.Status, "code": cb.Code, "time": cb.Time,
		}
		for setting, place := range places {
			if text := smshttp.Pointer(place).Fault(); text != "" {
				faults.Add("callback."+setting, text)
			}
		}
	case formatForm, formatQuery:
		if cb.List != "" {
			faults.Add("callback.list", "is for json")
		}
	default:
		faults.Add("callback.format", "must be json, form or query")
	}
	faults.Need("callback.status", cb.Status)
	if len(cb.States) == 0 {
		faults.Add("callback.states", "must be set")
	}
	for word, state := range cb.States {
		if _, known := states[state]; !known {
			faults.Add("callback.states."+word, "must be a state such as delivered")
		}
	}
}

// Authentic tells whether the callback carries the token.
func (g *gateway) Authentic(r *http.Request, _ []byte) bool { return g.cfg.Receipts.Authentic(r) }

// Reports reads a callback as the settings say.
func (g *gateway) Reports(r *http.Request, body []byte) ([]smshttp.Report, error) {
	items, err := g.cfg.Callback.items(r, body)
	if err != nil {
		return nil, err
	}
	reports := make([]smshttp.Report, 0, len(items))
	for _, at := range items {
		report, err := g.cfg.Callback.report(at, r.URL.Query().Get("attempt"))
		if err != nil {
			return nil, err
		}
		reports = append(reports, report)
	}
	return reports, nil
}

// place finds the value at a place of one receipt.
type place func(string) string

func (c Callback) items(r *http.Request, body []byte) ([]place, error) {
	switch c.Format {
	case formatQuery:
		return []place{r.URL.Query().Get}, nil
	case formatForm:
		form, err := url.ParseQuery(string(body))
		if err != nil {
			return nil, errReport
		}
		return []place{form.Get}, nil
	}
	document, err := smshttp.ParseJSON(body)
	if err != nil {
		return nil, err
	}
	if c.List == "" {
		return []place{in(document)}, nil
	}
	value, _ := c.List.Find(document)
	list, isList := value.([]any)
	if !isList {
		return nil, errReport
	}
	items := make([]place, len(list))
	for i, item := range list {
		items[i] = in(item)
	}
	return items, nil
}

func in(document any) place {
	return func(p string) string {
		if p == "" {
			return ""
		}
		text, _ := smshttp.Pointer(p).Text(document)
		return text
	}
}

func (c Callback) report(at place, attempt string) (smshttp.Report, error) {
	word, id := at(c.Status), at(c.ID)
	if named := at(c.Attempt); named != "" {
		attempt = named
	}
	if word == "" || id == "" && attempt == "" {
		return smshttp.Report{}, errReport
	}
	if id == "" {
		id = attempt
	}
	state, known := states[c.States[word]]
	code := word
	if own := at(c.Code); own != "" {
		code += " " + own
	}
	return smshttp.Report{
		Receipt: delivery.Receipt{RemoteID: id, AttemptID: attempt, State: state, Code: code, At: c.timeOf(at(c.Time))},
		Unknown: !known,
	}, nil
}

// timeOf reads a time; one that cannot be read is none, and the receipt counts from when it came.
func (c Callback) timeOf(text string) time.Time {
	switch c.TimeFormat {
	case "unix", "unix_ms":
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n <= 0 {
			return time.Time{}
		}
		if c.TimeFormat == "unix" {
			return time.Unix(n, 0).UTC()
		}
		return time.UnixMilli(n).UTC()
	}
	layout := c.TimeFormat
	if layout == "" || layout == "rfc3339" {
		layout = time.RFC3339
	}
	at, err := time.Parse(layout, text)
	if err != nil {
		return time.Time{}
	}
	return at.UTC()
}
