// Package kannel takes texts to a Kannel gateway over its sendsms interface.
//
// Source page: https://www.kannel.org/download/1.4.5/userguide-1.4.5/userguide.html, chapter "Setting up SMS-push".
package kannel

import (
	"github.com/pinpost/pinpost/internal/delivery/smshttp"
)

// Config says where a Kannel is and who we are there.
type Config struct {
	smshttp.Settings `yaml:",inline"`
	// URL is the address of sendsms, such as http://127.0.0.1:13013/cgi-bin/sendsms; http:// needs allow_private.
	URL string `yaml:"url"`
	// Username and Password are those of a sendsms-user group.
	Username string         `yaml:"username"`
	Password smshttp.Secret `yaml:"password"`
	// From is the sender of texts that have none.
	From string `yaml:"from"`
	// SMSC picks one of Kannel's SMSC connections; empty leaves the choice to Kannel.
	SMSC string `yaml:"smsc"`
	// Account goes to Kannel's access log, for billing.
	Account string `yaml:"account"`
}

// New makes the carrier. Its error lists all faults of the settings. The carrier must be closed.
func New(cfg Config, deps smshttp.Deps) (*smshttp.Carrier, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	return smshttp.New(&gateway{cfg}, cfg.Settings, cfg.URL, deps)
}

// Validate lists all that is wrong with the settings.
func (c Config) Validate() error {
	var faults smshttp.Faults
	c.Check(&faults)
	c.CheckURL("url", c.URL, &faults)
	faults.Need("username", c.Username)
	faults.Need("password", c.Password.Reveal())
	// Kannel fetches an address, and can put nothing into a header but a user and password.
	c.Receipts.CheckToken(&faults, smshttp.AuthQuery, smshttp.AuthPath, smshttp.AuthBasic)
	return faults.Err("kannel", c.Name)
}
