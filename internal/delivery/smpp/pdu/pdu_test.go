package pdu_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"

	"github.com/pinpost/pinpost/internal/delivery/smpp/pdu"
)

// wires are PDUs spelled out octet by octet from the specification, apart from the code.
var wires = map[string]struct {
	hex  string
	want pdu.PDU
}{
	"enquire_link": {"00000010 00000015 00000000 00000007", pdu.PDU{Command: pdu.EnquireLink, Sequence: 7}},
	"bind_transceiver": {
		"00000023 00000009 00000000 00000001 6161 00 7070 00 76 00 34 01 01 31 00",
		pdu.PDU{Command: pdu.BindTransceiver, Sequence: 1, Body: &pdu.Bind{
			SystemID: "aa", Password: "pp", SystemType: "v", InterfaceVersion: 0x34, Range: pdu.Address{TON: 1, NPI: 1, Addr: "1"},
		}},
	},
	"bind_transceiver_resp": {
		"00000018 80000009 00000000 00000001 73 6d 00 0210 0001 34",
		pdu.PDU{Command: pdu.BindTransceiverResp, Sequence: 1, Body: &pdu.BindResp{
			SystemID: "sm", TLVs: pdu.TLVs{{Tag: pdu.TagSCInterfaceVersion, Value: []byte{0x34}}},
		}},
	},
	"bind refused, without a body": {
		"00000010 80000009 0000000e 00000001",
		pdu.PDU{Command: pdu.BindTransceiverResp, Status: pdu.StatusInvalidPassword, Sequence: 1},
	},
	"submit_sm": {
		"00000037 00000004 00000000 00000002 00 05 00 41 00 01 01 3431 00 40 00 00 00 303030303030303030353030303030 52 00" +
			" 01 00 08 00 02 0436",
		pdu.PDU{Command: pdu.SubmitSM, Sequence: 2, Body: &pdu.Message{
			Source: pdu.Address{TON: 5, Addr: "A"}, Dest: pdu.Address{TON: 1, NPI: 1, Addr: "41"}, ESMClass: 0x40,
			Validity: "000000000500000R", RegisteredDelivery: 1, DataCoding: 8, ShortMessage: []byte{4, 0x36},
		}},
	},
	"submit_sm_resp":                  {"00000014 80000004 00000000 00000002 61 62 63 00", response("abc")},
	"submit_sm_resp without its NUL":  {"00000013 80000004 00000000 00000002 61 62 63", response("abc")},
	"generic_nack":                    {"00000010 80000000 00000003 00000009", pdu.PDU{Command: pdu.GenericNack, Status: 3, Sequence: 9}},
	"a command that nobody knows":     {"00000012 00000777 00000000 00000009 0102", pdu.PDU{Command: 0x777, Sequence: 9, Body: pdu.Raw{1, 2}}},
	"alert_notification":              {"00000018 00000102 00000000 00000001 0101 3100 0000 3200", alert()},
	"data_sm with a repeated TLV 0x5": {"00000025 00000103 00000000 00000001 00 000000 000000 00 00 00 0005 0000 0005 0001 07 00", pdu.PDU{}},
}

func response(id string) pdu.PDU {
	return pdu.PDU{Command: pdu.SubmitSMResp, Sequence: 2, Body: &pdu.MessageResp{MessageID: id}}
}

func alert() pdu.PDU {
	return pdu.PDU{Command: pdu.AlertNotification, Sequence: 1, Body: &pdu.Alert{
		Source: pdu.Address{TON: 1, NPI: 1, Addr: "1"}, ESME: pdu.Address{Addr: "2"},
	}}
}

func octets(t testing.TB, text string) []byte {
	raw, err := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	raw[0], raw[1], raw[2], raw[3] = 0, 0, byte(len(raw)>>8), byte(len(raw))
	return raw
}

func TestRead(t *testing.T) {
	t.Parallel()
	for name, tt := range wires {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			raw := octets(t, tt.hex)
			got, err := pdu.Read(bytes.NewReader(raw))
			if strings.HasPrefix(name, "data_sm") {
				if !errors.Is(err, pdu.ErrBody) {
					t.Errorf("Read = %v, want the half TLV at its end refused", err)
				}
				return
			}
			if err != nil || !reflect.DeepEqual(got, tt.want) {
				t.Fatalf("Read = %+v %+v, %v, want %+v", got, got.Body, err, tt.want)
			}
			again, err := got.Append(nil)
			if err != nil || (!bytes.Equal(again, raw) && !strings.Contains(name, "without its NUL")) {
				t.Errorf("Append = % x, %v, want % x", again, err, raw)
			}
		})
	}
}

func TestRead_faults(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		from io.Reader
		want error
	}{
		"nothing":           {strings.NewReader(""), io.EOF},
		"half a header":     {strings.NewReader("\x00\x00\x00"), io.ErrUnexpectedEOF},
		"a length below 16": {strings.NewReader("\x00\x00\x00\x0f" + strings.Repeat("\x00", 12)), pdu.ErrLength},
		"a length above 64 KiB": {
			strings.NewReader("\x00\x01\x00\x01" + strings.Repeat("\x00", 12)), pdu.ErrLength,
		},
		"a length of 4 GiB":      {strings.NewReader("\xff\xff\xff\xff" + strings.Repeat("\x00", 12)), pdu.ErrLength},
		"a body that ends early": {strings.NewReader("\x00\x00\x00\x20" + strings.Repeat("\x00", 14)), io.ErrUnexpectedEOF},
		"no body after a header": {strings.NewReader("\x00\x00\x00\x20" + strings.Repeat("\x00", 12)), io.ErrUnexpectedEOF},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := pdu.Read(tt.from); !errors.Is(err, tt.want) {
				t.Errorf("Read = %v, want %v", err, tt.want)
			}
		})
	}
}

func TestRead_malformedBodyKeepsTheStream(t *testing.T) {
	t.Parallel()
	stream := bytes.NewReader(append(octets(t, "00000000 00000005 00000000 0000000c 0001"), octets(t, wires["enquire_link"].hex)...))
	p, err := pdu.Read(stream)
	if !errors.Is(err, pdu.ErrBody) || p.Sequence != 12 || p.Command != pdu.DeliverSM {
		t.Errorf("Read = %v, %v, want the header and ErrBody", p, err)
	}
	if p, err = pdu.Read(stream); err != nil || p.Command != pdu.EnquireLink {
		t.Errorf("Read = %v, %v, want the next PDU", p, err)
	}
}

func TestAppend_faults(t *testing.T) {
	t.Parallel()
	tests := map[string]pdu.Body{
		"a NUL in an address":           &pdu.Message{Dest: pdu.Address{Addr: "1\x00"}},
		"a NUL in a sender":             &pdu.Message{Source: pdu.Address{Addr: "\x00"}},
		"a NUL in a validity":           &pdu.Message{Validity: "\x00"},
		"256 octets of short message":   &pdu.Message{ShortMessage: make([]byte, 256)},
		"a parameter beyond its length": &pdu.Message{TLVs: pdu.TLVs{{Tag: 1, Value: make([]byte, 1<<16)}}},
		"a PDU beyond 64 KiB":           pdu.Raw(make([]byte, 1<<16)),
		"a NUL in a password":           &pdu.Bind{Password: "\x00"},
	}
	for name, body := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if out, err := (pdu.PDU{Body: body}).Append(nil); err == nil {
				t.Errorf("Append gives %d octets, want an error", len(out))
			}
		})
	}
}

func TestPrinting(t *testing.T) {
	t.Parallel()
	p := pdu.PDU{Command: pdu.SubmitSM, Body: &pdu.Message{ShortMessage: []byte("4839"), Dest: pdu.Address{Addr: "41793026727"}}}
	bind := &pdu.Bind{SystemID: "me", Password: "hush"}
	for _, text := range []string{
		fmt.Sprintf("%v %+v %#v %s", p, p, p, p), fmt.Sprintf("%v %+v %#v", p.Body, p.Body, p.Body), fmt.Sprintf("%v %+v %#v", bind, bind, bind),
	} {
		if strings.Contains(text, "4839") || strings.Contains(text, "41793026727") || strings.Contains(text, "hush") {
			t.Errorf("printed as %q, want no secret", text)
		}
	}
	if got := pdu.StatusThrottled.String(); got != "0x58 THROTTLED" {
		t.Errorf("status is %q", got)
	}
	if got := pdu.Status(0x401).String(); got != "0x401" {
		t.Errorf("a carrier's own status is %q", got)
	}
}

func FuzzRead(f *testing.F) {
	for _, wire := range wires {
		f.Add(octets(f, wire.hex))
	}
	f.Add([]byte("\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		p, err := pdu.Read(bytes.NewReader(raw))
		if err != nil {
			return
		}
		again, err := p.Append(nil)
		if errors.Is(err, pdu.ErrLength) {
			return // a NUL was added to one that was as long as can be
		}
		if err != nil {
			t.Fatalf("Append after Read: %v", err)
		}
		q, err := pdu.Read(bytes.NewReader(again))
		if err != nil || !reflect.DeepEqual(p, q) {
			t.Fatalf("%#v and after a round trip %#v, %v", p, q, err)
		}
		if m, ok := p.Body.(*pdu.Message); ok {
			_, _ = pdu.ReceiptOf(m)
		}
	})
}
