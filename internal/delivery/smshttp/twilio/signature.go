package twilio

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // Twilio signs with HMAC-SHA1; what breaks SHA-1 does not break that
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// bodyHash is the parameter by which an address holds the hash of a body that is no form.
const bodyHash = "bodySHA256"

// Authentic tells whether Twilio signed the callback. The signature covers the address that Twilio called, which a proxy
// before us may have changed, so that the address of the settings counts, with the query as it came.
func (g *gateway) Authentic(r *http.Request, body []byte) bool {
	signature, err := base64.StdEncoding.DecodeString(r.Header.Get("X-Twilio-Signature"))
	if err != nil || len(signature) == 0 || g.cfg.AuthToken == "" {
		return false
	}
	params, ok := signedParams(r, body)
	if !ok {
		return false
	}
	right := false
	for _, address := range addresses(g.cfg.Receipts.URL, r.URL.RawQuery) {
		// Every spelling is tried, whether an earlier one fitted or not.
		right = hmac.Equal(sign(g.cfg.AuthToken.Reveal(), address, params), signature) || right
	}
	return right
}

// signedParams are the parameters that the signature covers. For a body that is no form they are none: the address holds
// its hash then. ok is false when the body does not fit that hash, or is no form.
func signedParams(r *http.Request, body []byte) (params url.Values, ok bool) {
	if want := r.URL.Query().Get(bodyHash); want != "" {
		sum := sha256.Sum256(body)
		return nil, hmac.Equal([]byte(hex.EncodeToString(sum[:])), []byte(strings.ToLower(want)))
	}
	if r.Method != http.MethodPost {
		return nil, len(body) == 0
	}
	if isJSON(r) {
		return nil, false // nothing would cover the body
	}
	params, err := url.ParseQuery(string(body))
	return params, err == nil
}

func isJSON(r *http.Request) bool {
	kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	return strings.EqualFold(strings.TrimSpace(kind), "application/json")
}

// sign makes the signature: the address, then each parameter's name and value in the order of names; a value that comes
// twice under one name counts once.
func sign(token, address string, params url.Values) []byte {
	mac := hmac.New(sha1.New, []byte(token))
	mac.Write([]byte(address))
	for _, name := range slices.Sorted(maps.Keys(params)) {
		for _, value := range slices.Compact(slices.Sorted(slices.Values(params[name]))) {
			mac.Write([]byte(name + value))
		}
	}
	return mac.Sum(nil)
}

// addresses are the spellings of the address that Twilio may have signed: with the port and without it.
func addresses(public, rawQuery string) []string {
	u, err := url.Parse(public)
	if err != nil {
		return nil
	}
	u.RawQuery = rawQuery
	spelled := []string{u.String()}
	host, port := u.Hostname(), u.Port()
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	switch {
	case port != "":
		u.Host = host
	case u.Scheme == "http":
		u.Host = host + ":80"
	default:
		u.Host = host + ":443"
	}
	return append(spelled, u.String())
}
