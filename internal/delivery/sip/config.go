// Package sip is a carrier of calls: it rings a phone over a SIP trunk, says the message, and tells how the call ended. What
// is said comes from a Voice; which carrier takes a call, and what is done after it failed, is decided by the router.
package sip

import (
	"context"
	"io"
	"log/slog"
	"net"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/delivery/sip/media"
)

// Config describes one account at a carrier of calls. What is not set has the default that its line gives.
type Config struct {
	Name string `yaml:"name"`

	// Trunks are the carrier's addresses as host:port;transport, tried in turn. Port and transport may be left out; they are
	// 5060 (5061 for tls) and Transport then.
	Trunks        []string `yaml:"trunks"`
	Transport     string   `yaml:"transport"`       // udp, tcp or tls; default udp
	TLSCAFile     string   `yaml:"tls_ca_file"`     // PEM; default is the system's own authorities
	TLSServerName string   `yaml:"tls_server_name"` // default is the trunk's host

	Username string `yaml:"username"`
	Password Secret `yaml:"password"`

	Domain           string `yaml:"domain"`              // the host of our own address; default is the trunk's
	FromUser         string `yaml:"from_user"`           // who calls when a call names nobody, or a name; default is Username
	Destination      string `yaml:"destination"`         // whom to call; default sip:{number}@{domain}, where {number} is digits only
	AssertedIdentity bool   `yaml:"p_asserted_identity"` // also say who calls in P-Asserted-Identity
	NotFoundIsRoute  bool   `yaml:"not_found_is_route"`  // a 404 before it rings means that the carrier has no route there

	Listen    string `yaml:"listen"`    // where SIP over UDP is bound, as host:port; default is any address and a free port
	Advertise string `yaml:"advertise"` // our address as the carrier sees it; default is the one that the system uses to get there

	// MediaNetworks are where sound may go to and come from besides the trunk's own address, as address/bits, and who else may
	// send requests, such as the end of a call.
	MediaNetworks []string `yaml:"media_networks"`
	RTPPortMin    int      `yaml:"rtp_port_min"`      // default 10000
	RTPPortMax    int      `yaml:"rtp_port_max"`      // default 19999; a call takes one even port
	Codecs        []string `yaml:"codecs"`            // what we offer, in our order; default pcma, pcmu
	KeyType       int      `yaml:"dtmf_payload_type"` // the payload type of telephone events, 96 to 127; default 101
	SymmetricRTP  bool     `yaml:"symmetric_rtp"`     // send sound to where it comes from, for phones behind NAT

	NoResponse  time.Duration `yaml:"no_response"`  // a trunk that says nothing at all for so long is down; default 4s
	Ring        time.Duration `yaml:"ring"`         // how long it rings when a call does not say; default 30s
	Max         time.Duration `yaml:"max"`          // how long a call takes when it does not say; default 90s
	SpeechLimit time.Duration `yaml:"speech_limit"` // how long the Voice may take; default 5s

	Repeats  int           `yaml:"repeats"`   // how often the message is said; default 2
	Lead     time.Duration `yaml:"lead"`      // silence before it; default 400ms
	Pause    time.Duration `yaml:"pause"`     // silence after it; default 1s
	KeyWait  time.Duration `yaml:"key_wait"`  // how long a key is waited for after the last time; default 5s
	KeyLimit int           `yaml:"key_limit"` // how often keys have it said again; default 3

	Machine    string           `yaml:"machine"` // what happens when a machine answers: off (default), hangup or speak
	Thresholds media.Thresholds `yaml:"machine_thresholds"`

	MaxCalls int           `yaml:"max_calls"` // how many calls there may be at once; default 100
	Ping     time.Duration `yaml:"ping"`      // how often a trunk is asked whether it is there; default 30s, and never when it is negative, below 0 is never
}

// Secret is a password; it hides itself when printed.
type Secret = delivery.Secret

// Voice speaks messages.
type Voice interface {
	// Render gives the message as mono PCM16, 8000 samples a second.
	Render(ctx context.Context, p delivery.Prompt) ([]int16, error)
}

// Deps are what a Carrier works with. Voice is needed; the rest has defaults.
type Deps struct {
	Voice    Voice
	Log      *slog.Logger
	Now      func() time.Time
	Rand     io.Reader     // for what RTP begins with; default is the system's
	Resolver *net.Resolver // finds the trunks' hosts; default is the system's
}
