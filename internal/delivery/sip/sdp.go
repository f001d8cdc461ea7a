package sip

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/pion/sdp/v3"

	"github.com/pinpost/pinpost/internal/delivery/sip/media"
)

// maxSDP is how long an answer may be; a call of one voice needs less than a tenth of it.
const maxSDP = 8 << 10

// offer is the SDP that we call with: one voice in our laws, in our order, and telephone events.
func (s *settings) offer(at netip.AddrPort, id uint64) ([]byte, error) {
	family := "IP4"
	if at.Addr().Is6() {
		family = "IP6"
	}
	voice := &sdp.MediaDescription{
		MediaName: sdp.MediaName{Media: "audio", Port: sdp.RangedPort{Value: int(at.Port())}, Protos: []string{"RTP", "AVP"}},
	}
	for _, law := range s.codecs {
		voice.WithCodec(uint8(law), law.Name(), media.Rate, 0, "")
	}
	voice.WithCodec(uint8(s.KeyType), "telephone-event", media.Rate, 0, "0-15")
	voice.WithValueAttribute("ptime", "20").WithPropertyAttribute("sendrecv")
	description := sdp.SessionDescription{
		Origin: sdp.Origin{
			Username: "-", SessionID: id, SessionVersion: 1, NetworkType: "IN", AddressType: family, UnicastAddress: at.Addr().String(),
		},
		SessionName:           "-",
		ConnectionInformation: &sdp.ConnectionInformation{NetworkType: "IN", AddressType: family, Address: &sdp.Address{Address: at.Addr().String()}},
		TimeDescriptions:      []sdp.TimeDescription{{}},
		MediaDescriptions:     []*sdp.MediaDescription{voice},
	}
	return description.Marshal()
}

// answered reads the other side's SDP: where its voice is, and the law it wants first among those that we offered.
func (s *settings) answered(body []byte) (netip.AddrPort, media.Law, error) {
	var description sdp.SessionDescription
	if len(body) == 0 || len(body) > maxSDP {
		return netip.AddrPort{}, 0, errors.New("there is no SDP of a sensible length")
	}
	if err := description.Unmarshal(body); err != nil {
		return netip.AddrPort{}, 0, errors.New("the SDP cannot be read")
	}
	voice := slices.IndexFunc(description.MediaDescriptions, func(m *sdp.MediaDescription) bool {
		return m.MediaName.Media == "audio" && m.MediaName.Port.Value > 0 && slices.Equal(m.MediaName.Protos, []string{"RTP", "AVP"})
	})
	if voice < 0 {
		return netip.AddrPort{}, 0, errors.New("the SDP has no voice in it")
	}
	chosen := description.MediaDescriptions[voice]
	at, err := placeOf(chosen, description.ConnectionInformation)
	if err != nil {
		return netip.AddrPort{}, 0, err
	}
	law, err := s.lawOf(chosen.MediaName.Formats)
	return at, law, err
}

// placeOf takes the address of the voice, or that of the session. It must be an address: a name would be looked up for a
// stranger.
func placeOf(voice *sdp.MediaDescription, session *sdp.ConnectionInformation) (netip.AddrPort, error) {
	connection := voice.ConnectionInformation
	if connection == nil {
		connection = session
	}
	if connection == nil || connection.Address == nil {
		return netip.AddrPort{}, errors.New("the SDP has no address in it")
	}
	text, _, _ := strings.Cut(connection.Address.Address, "/") // a lifetime may follow
	at, err := netip.ParseAddr(text)
	if err != nil || at.IsUnspecified() || at.IsMulticast() || at.Zone() != "" {
		return netip.AddrPort{}, errors.New("the SDP's address is none of a phone")
	}
	port := voice.MediaName.Port.Value
	if port > 65535 {
		return netip.AddrPort{}, fmt.Errorf("the SDP's port %d is none", port)
	}
	return netip.AddrPortFrom(at.Unmap(), uint16(port)), nil
}

func (s *settings) lawOf(formats []string) (media.Law, error) {
	for _, format := range formats {
		number, err := strconv.Atoi(format)
		if err == nil && number >= 0 && number < 96 && slices.Contains(s.codecs, media.Law(number)) {
			return media.Law(number), nil
		}
	}
	return 0, errors.New("the SDP has no codec of ours in it")
}
