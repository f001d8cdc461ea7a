package lookup

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/phone"
)

// Config says what is asked, in this order. At least one must be set.
type Config struct {
	// Offline asks the numbering plans that the program carries, which costs nothing.
	Offline bool `yaml:"offline,omitempty"`
	// ENUM asks a DNS tree of numbers.
	ENUM *ENUMConfig `yaml:"enum,omitempty"`
	// HLR asks a service over HTTP.
	HLR *HLRConfig `yaml:"hlr,omitempty"`
	// Timeout bounds a lookup, all sources together; 2 s when it is 0, and no more than that.
	Timeout time.Duration `yaml:"timeout,omitempty"`
	// CacheSize is how many numbers' answers are kept; 10000 when it is 0.
	CacheSize int `yaml:"cache_size,omitempty"`
}

// Deps are what a Chain works with.
type Deps struct {
	Now func() time.Time
	Log *slog.Logger
	// Transport takes the requests to the HLR service; nil is a transport of its own, without a proxy.
	Transport http.RoundTripper
}

// New makes a chain; its error lists every fault of the settings.
func New(cfg Config, deps Deps) (*Chain, error) {
	faults := []error{cfg.limits()}
	if deps.Now == nil || deps.Log == nil {
		faults = append(faults, errors.New("lookup needs a clock and a log"))
	}
	c := &Chain{now: deps.Now, log: deps.Log, budget: cfg.Timeout}
	if c.budget == 0 {
		c.budget = delivery.LookupTimeout
	}
	if cfg.Offline {
		c.links = append(c.links, Offline{})
	}
	if cfg.ENUM != nil {
		link, err := NewENUM(*cfg.ENUM)
		c.links, faults = append(c.links, link), append(faults, err)
	}
	if cfg.HLR != nil {
		link, err := NewHLR(*cfg.HLR, deps.Transport)
		c.links, faults = append(c.links, link), append(faults, err)
	}
	if len(c.links) == 0 {
		faults = append(faults, errors.New("lookup: one of offline, enum and hlr must be set"))
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	size := cfg.CacheSize
	if size == 0 {
		size = 10000
	}
	var err error
	c.known, err = lru.New[phone.Number, delivery.NumberInfo](size)
	return c, err
}

// Validate lists every fault that New would.
func (c Config) Validate() error {
	_, err := New(c, Deps{Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	return err
}

func (c Config) limits() error {
	var faults []error
	if c.Timeout < 0 || c.Timeout > delivery.LookupTimeout {
		faults = append(faults, fmt.Errorf("lookup: timeout must be between 0 and %v", delivery.LookupTimeout))
	}
	if c.CacheSize < 0 || c.CacheSize > 10_000_000 {
		faults = append(faults, errors.New("lookup: cache_size must be between 0 and 10000000"))
	}
	return errors.Join(faults...)
}
