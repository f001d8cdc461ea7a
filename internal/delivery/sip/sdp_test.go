package sip

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/pinpost/pinpost/internal/delivery/sip/media"
)

func settingsOf(t testing.TB, change func(*Config)) settings {
	t.Helper()
	config := Config{Name: "trunk", Trunks: []string{"192.0.2.1"}}
	if change != nil {
		change(&config)
	}
	s, err := read(config)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestOffer(t *testing.T) {
	t.Parallel()
	s := settingsOf(t, func(c *Config) { c.Codecs, c.KeyType = []string{"PCMU", "pcma"}, 96 })
	got, err := s.offer(netip.MustParseAddrPort("192.0.2.7:20002"), 5)
	if err != nil {
		t.Fatal(err)
	}
	want := "v=0\r\no=- 5 1 IN IP4 192.0.2.7\r\ns=-\r\nc=IN IP4 192.0.2.7\r\nt=0 0\r\nm=audio 20002 RTP/AVP 0 8 96\r\n" +
		"a=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:96 telephone-event/8000\r\na=fmtp:96 0-15\r\na=ptime:20\r\na=sendrecv\r\n"
	if string(got) != want {
		t.Errorf("offer = %s\nwant %s", got, want)
	}
	six, err := s.offer(netip.MustParseAddrPort("[2001:db8::1]:20002"), 5)
	if err != nil || !strings.Contains(string(six), "c=IN IP6 2001:db8::1\r\n") {
		t.Errorf("offer = %s, %v, want an IP6 address", six, err)
	}
}

func TestAnswered(t *testing.T) {
	t.Parallel()
	const head = "v=0\r\no=- 1 1 IN IP4 x\r\ns=-\r\n"
	tests := map[string]struct {
		body, at string
		law      media.Law
	}{
		"address of the session":   {head + "c=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n", "192.0.2.1:4000", media.ULaw},
		"address of the voice":     {head + "c=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\nc=IN IP4 192.0.2.2\r\n", "192.0.2.2:4000", media.ALaw},
		"a picture goes before":    {head + "c=IN IP4 192.0.2.1\r\nt=0 0\r\nm=video 4002 RTP/AVP 97\r\nm=audio 4000 RTP/AVP 101 8\r\n", "192.0.2.1:4000", media.ALaw},
		"IPv6":                     {head + "c=IN IP6 2001:db8::1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\n", "[2001:db8::1]:4000", media.ALaw},
		"an encrypted voice":       {head + "c=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 4000 RTP/SAVP 8\r\n", "", 0},
		"no address":               {head + "t=0 0\r\nm=audio 4000 RTP/AVP 8\r\n", "", 0},
		"on hold":                  {head + "c=IN IP4 0.0.0.0\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\n", "", 0},
		"a group":                  {head + "c=IN IP4 224.0.0.1/127\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\n", "", 0},
		"refused":                  {head + "c=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 0 RTP/AVP 8\r\n", "", 0},
		"a port that there is not": {head + "c=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 99999 RTP/AVP 8\r\n", "", 0},
		"a number beyond":          {head + "c=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 264 -248\r\n", "", 0},
	}
	s := settingsOf(t, nil)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at, law, err := s.answered([]byte(test.body))
			if test.at == "" {
				if err == nil {
					t.Errorf("answered = %v, want an error", at)
				}
				return
			}
			if err != nil || at.String() != test.at || law != test.law {
				t.Errorf("answered = %v, %v, %v, want %s and %s", at, law, err, test.at, test.law.Name())
			}
		})
	}
}

func FuzzSDP(f *testing.F) {
	s := settingsOf(f, nil)
	offer, err := s.offer(netip.MustParseAddrPort("192.0.2.1:4000"), 1)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(offer)
	f.Add([]byte("v=0\r\no=- 1 1 IN IP4 x\r\ns=-\r\nt=0 0\r\nm=audio 4000/2 RTP/AVP 8\r\nc=IN IP4 192.0.2.2/127/3\r\n"))
	f.Add([]byte("v=0\r\nm=audio"))
	f.Fuzz(func(t *testing.T, body []byte) {
		at, law, err := s.answered(body)
		if err != nil {
			return
		}
		if !at.IsValid() || at.Port() == 0 || at.Addr().IsUnspecified() || at.Addr().IsMulticast() || at.Addr().Zone() != "" {
			t.Errorf("sound would go to %v", at)
		}
		if law != media.ALaw && law != media.ULaw {
			t.Errorf("law %d was not offered", law)
		}
	})
}
