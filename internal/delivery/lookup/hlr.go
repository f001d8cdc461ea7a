package lookup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/phone"
)

// HLR asks a service that knows where a subscriber is, over HTTP.
type HLR struct {
	cfg      HLRConfig
	statuses map[string]delivery.Reach
	codes    map[int]delivery.Reach
	request  *requestTemplate
	client   *http.Client
}

var _ delivery.Lookup = (*HLR)(nil)

const (
	defaultResponse = 64 << 10 // octets
	maxRedirects    = 3
)

var (
	errResponse = errors.New("service answers more than max_response allows")
	errRedirect = errors.New("service sends to another host")
)

// NewHLR makes an HLR; its error lists every fault. A nil transport is one of its own.
func NewHLR(cfg HLRConfig, transport http.RoundTripper) (*HLR, error) {
	cfg = cfg.withDefaults()
	request, err := newRequestTemplate(cfg)
	if err := errors.Join(cfg.Validate(), err); err != nil {
		return nil, err
	}
	if transport == nil {
		own := http.DefaultTransport.(*http.Transport).Clone()
		own.Proxy = nil // what the environment says is for other programs
		transport = own
	}
	h := &HLR{cfg: cfg, request: request, statuses: map[string]delivery.Reach{}, codes: map[int]delivery.Reach{}}
	for status, word := range cfg.Statuses {
		h.statuses[strings.ToLower(status)], _ = reach(word)
	}
	for code, word := range cfg.HTTPStatuses {
		h.codes[code], _ = reach(word)
	}
	h.client = &http.Client{Transport: transport, CheckRedirect: sameHost, Timeout: delivery.LookupTimeout}
	return h, nil
}

// sameHost keeps a request, which has the number and a key in it, with the host that it was meant for.
func sameHost(next *http.Request, past []*http.Request) error {
	first := past[0].URL
	if next.URL.Host != first.Host || next.URL.Scheme != first.Scheme || len(past) > maxRedirects {
		return errRedirect
	}
	return nil
}

// Name is "hlr", or what its settings say.
func (h *HLR) Name() string { return h.cfg.Name }

// Lookup answers what the settings say for the status that the service gives; ReachUnknown for one that they do not name. No error
// shows the number or a key.
func (h *HLR) Lookup(ctx context.Context, to phone.Number) (delivery.NumberInfo, error) {
	info := delivery.NumberInfo{Source: h.cfg.Name}
	code, body, err := h.fetch(ctx, to)
	if err != nil {
		return info, err
	}
	if r, named := h.codes[code]; named {
		info.Reach = r
		return info, nil
	}
	if code < 200 || code > 299 {
		return info, fmt.Errorf("service answers with HTTP status %d", code)
	}
	document, err := parseJSON(body)
	if err != nil {
		return info, err
	}
	status, found := point(document, h.cfg.Status)
	if !found {
		return info, fmt.Errorf("answer has no status at %s", h.cfg.Status)
	}
	info.Reach = h.statuses[strings.ToLower(status)]
	info.Network = h.network(document)
	return info, nil
}

func (h *HLR) fetch(ctx context.Context, to phone.Number) (code int, body []byte, err error) {
	request, err := h.request.build(ctx, to)
	if err != nil {
		return 0, nil, err
	}
	response, err := h.client.Do(request)
	if err != nil {
		return 0, nil, fmt.Errorf("ask the service: %w", bare(err))
	}
	defer func() { _ = response.Body.Close() }()
	body, err = io.ReadAll(io.LimitReader(response.Body, int64(h.cfg.MaxResponse)+1))
	if err != nil {
		return 0, nil, fmt.Errorf("read the answer: %w", bare(err))
	}
	if len(body) > h.cfg.MaxResponse {
		return 0, nil, errResponse
	}
	return response.StatusCode, body, nil
}

// bare takes the address off an error, as it has the number in it and perhaps a key.
func bare(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		return e.Err
	}
	return err
}

// network is the network that the service names, whole or as the codes of the country and of the network in it.
func (h *HLR) network(document any) string {
	whole, _ := point(document, h.cfg.Network)
	if h.cfg.Network == "" {
		country, _ := point(document, h.cfg.MCC)
		network, _ := point(document, h.cfg.MNC)
		whole = country + network
	}
	whole = strings.NewReplacer("-", "", " ", "", ".", "", "/", "").Replace(whole)
	if !isNetwork(whole) {
		return ""
	}
	return whole
}
