// Package infobip takes texts to Infobip over version 3 of its SMS interface.
//
// Source pages: https://www.infobip.com/docs/api/channels/sms and
// https://www.infobip.com/docs/essentials/api-essentials/response-status-and-error-codes.
package infobip

import (
	"strings"

	"github.com/pinpost/pinpost/internal/delivery/smshttp"
)

// Config says which account of Infobip is ours.
type Config struct {
	smshttp.Settings `yaml:",inline"`
	// BaseURL is the address that the account was given, such as https://xxxxx.api.infobip.com.
	BaseURL string `yaml:"base_url"`
	// APIKey is a key of the account that may send SMS.
	APIKey smshttp.Secret `yaml:"api_key"`
	// From is the sender of texts that have none.
	From string `yaml:"from"`
}

// New makes the carrier. Its error lists all faults of the settings. The carrier must be closed.
func New(cfg Config, deps smshttp.Deps) (*smshttp.Carrier, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	return smshttp.New(&gateway{cfg}, cfg.Settings, cfg.BaseURL, deps)
}

// Validate lists all that is wrong with the settings.
func (c Config) Validate() error {
	var faults smshttp.Faults
	c.Check(&faults)
	c.CheckURL("base_url", c.BaseURL, &faults)
	faults.Need("api_key", c.APIKey.Reveal())
	if strings.ContainsAny(c.APIKey.Reveal(), " \r\n") {
		faults.Add("api_key", "must be the key alone, without App before it")
	}
	// A header is set with the account's webhooks at Infobip, not with the request.
	c.Receipts.CheckToken(&faults, smshttp.AuthQuery, smshttp.AuthPath, smshttp.AuthBasic, smshttp.AuthBearer)
	return faults.Err("infobip", c.Name)
}
