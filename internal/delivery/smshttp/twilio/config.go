// Package twilio takes texts to Twilio over its Messages interface of 2010-04-01.
//
// Source pages: https://www.twilio.com/docs/messaging/api/message-resource, https://www.twilio.com/docs/api/errors and
// https://www.twilio.com/docs/usage/webhooks/webhooks-security.
package twilio

import (
	"regexp"

	"github.com/pinpost/pinpost/internal/delivery/smshttp"
)

// defaultBaseURL is Twilio in its first region.
const defaultBaseURL = "https://api.twilio.com"

var (
	accountPattern = regexp.MustCompile(`^AC[0-9a-fA-F]{32}$`)
	keyPattern     = regexp.MustCompile(`^SK[0-9a-fA-F]{32}$`)
	servicePattern = regexp.MustCompile(`^MG[0-9a-fA-F]{32}$`)
)

// Config says which account of Twilio is ours. Callbacks show by their signature that they are Twilio's, so that receipts
// have a url and no token.
type Config struct {
	smshttp.Settings `yaml:",inline"`
	// BaseURL is https://api.twilio.com when it is empty; other regions have others.
	BaseURL string `yaml:"base_url"`
	// AccountSID is the account's id: AC and 32 hex digits.
	AccountSID string `yaml:"account_sid"`
	// AuthToken is the account's primary token. It signs the callbacks, and requests too when no key is set.
	AuthToken smshttp.Secret `yaml:"auth_token"`
	// APIKeySID and APIKeySecret are a key to make requests with instead of the token; SK and 32 hex digits.
	APIKeySID    string         `yaml:"api_key_sid"`
	APIKeySecret smshttp.Secret `yaml:"api_key_secret"`
	// MessagingServiceSID has that service choose the sender: MG and 32 hex digits.
	MessagingServiceSID string `yaml:"messaging_service_sid"`
	// From is the sender of texts that have none, without a service.
	From string `yaml:"from"`
	// Params says which Param of a text goes out under which parameter of Twilio's, such as content_sid: ContentSid.
	Params map[string]string `yaml:"params"`
}

// New makes the carrier. Its error lists all faults of the settings. The carrier must be closed.
func New(cfg Config, deps smshttp.Deps) (*smshttp.Carrier, error) {
	if cfg.BaseURL == "" {
		cfg.BaseURL = defaultBaseURL
	}
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	return smshttp.New(&gateway{cfg}, cfg.Settings, cfg.BaseURL, deps)
}

// Validate lists all that is wrong with the settings.
func (c Config) Validate() error {
	var faults smshttp.Faults
	c.Check(&faults)
	if c.BaseURL != "" {
		c.CheckURL("base_url", c.BaseURL, &faults)
	}
	if !accountPattern.MatchString(c.AccountSID) {
		faults.Add("account_sid", "must be AC and 32 hex digits")
	}
	if c.APIKeySID != "" && !keyPattern.MatchString(c.APIKeySID) {
		faults.Add("api_key_sid", "must be SK and 32 hex digits")
	}
	if (c.APIKeySID == "") != (c.APIKeySecret == "") {
		faults.Add("api_key_sid", "and api_key_secret go together")
	}
	if c.AuthToken == "" && (c.APIKeySID == "" || c.Receipts.Asked()) {
		faults.Add("auth_token", "must be set; callbacks are signed with it")
	}
	if c.MessagingServiceSID != "" && !servicePattern.MatchString(c.MessagingServiceSID) {
		faults.Add("messaging_service_sid", "must be MG and 32 hex digits")
	}
	if c.Receipts.Auth != "" || c.Receipts.Token != "" || c.Receipts.User != "" {
		faults.Add("receipts.auth, token and user", "must be empty; Twilio signs with auth_token")
	}
	for _, name := range c.Params {
		if own[name] {
			faults.Add("params", "must not set "+name)
		}
	}
	return faults.Err("twilio", c.Name)
}
