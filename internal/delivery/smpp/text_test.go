package smpp_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/delivery/smpp"
	"github.com/pinpost/pinpost/internal/delivery/smpp/pdu"
	"github.com/pinpost/pinpost/internal/delivery/smpp/smpptest"
)

func TestSend_texts(t *testing.T) {
	t.Parallel()
	latin, long := "PIN_ {1234} € [ok] ~", strings.Repeat("PIN_{12}€ ", 20)
	tests := map[string]struct {
		text, coding, long string
		parts, pdus        int
		dataCoding         uint8
	}{
		"Latin":                               {latin, smpp.CodingGSM7, smpp.LongUDH, 1, 1, 0},
		"Latin, packed":                       {latin, smpp.CodingGSM7Packed, smpp.LongUDH, 1, 1, 0},
		"Cyrillic":                            {"Ваш ПИН 1234", smpp.CodingGSM7, smpp.LongUDH, 1, 1, 8},
		"emoji":                               {"PIN 1234 😀", smpp.CodingGSM7, smpp.LongUDH, 1, 1, 8},
		"a long text, 8-bit reference":        {long, smpp.CodingGSM7, smpp.LongUDH, 2, 2, 0},
		"a long text, 16-bit reference":       {long, smpp.CodingGSM7, smpp.LongUDH16, 2, 2, 0},
		"a long text in one payload":          {long, smpp.CodingGSM7, smpp.LongPayload, 2, 1, 0},
		"a long text, packed":                 {long, smpp.CodingGSM7Packed, smpp.LongUDH, 2, 2, 0},
		"a long text, packed, 16-bit":         {long, smpp.CodingGSM7Packed, smpp.LongUDH16, 2, 2, 0},
		"a long Cyrillic text":                {strings.Repeat("ж", 140), smpp.CodingGSM7, smpp.LongUDH, 3, 3, 8},
		"a long Cyrillic text in one payload": {strings.Repeat("ж", 140), smpp.CodingGSM7, smpp.LongPayload, 3, 1, 8},
		"seven letters, packed":               {"abcdefg", smpp.CodingGSM7Packed, smpp.LongUDH, 1, 1, 0},
		"eight letters, packed":               {"abcdefgh", smpp.CodingGSM7Packed, smpp.LongUDH, 1, 1, 0},
		"160 letters, packed":                 {strings.Repeat("ab", 80), smpp.CodingGSM7Packed, smpp.LongUDH, 1, 1, 0},
		"a euro sign where 0 is Latin-1":      {"5 €", smpp.CodingLatin1, smpp.LongUDH, 1, 1, 8},
		"an umlaut where 0 is ASCII":          {"ü", smpp.CodingASCII, smpp.LongUDH, 1, 1, 8},
		"100 umlauts where 0 is ASCII":        {strings.Repeat("ü", 100), smpp.CodingASCII, smpp.LongUDH, 2, 2, 8},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, smpptest.Options{}, func(c *smpp.Config, _ *smpp.Deps) {
				c.DataCodingZero, c.LongText = tt.coding, tt.long
			})
			m := text(smpptest.NoReceipt)
			m.Text = delivery.Text(tt.text)
			got, err := b.carrier.Send(t.Context(), m)
			if err != nil || got.Parts != tt.parts || b.Count() != tt.pdus {
				t.Fatalf("Send = %+v, %v in %d PDUs, want %d parts in %d", got, err, b.Count(), tt.parts, tt.pdus)
			}
			if read := joined(t, b.Messages(), tt.coding == smpp.CodingGSM7Packed, tt.dataCoding); read != tt.text {
				t.Errorf("arrived as %q, want %q", read, tt.text)
			}
		})
	}
}

// joined puts the parts together, as a phone does.
func joined(t *testing.T, parts []smpptest.Message, packed bool, coding uint8) string {
	t.Helper()
	text := ""
	for i, m := range parts {
		part := m.Part()
		if part.Number != i+1 || part.Count != len(parts) || part.Reference != parts[0].Part().Reference {
			t.Errorf("part %d is %+v of %d", i+1, part, len(parts))
		}
		if m.DataCoding != coding || len(m.ShortMessage) > 160 {
			t.Errorf("coding %d and %d octets, want coding %d", m.DataCoding, len(m.ShortMessage), coding)
		}
		if packed && len(m.ShortMessage) > 140 {
			t.Errorf("part has %d octets packed, want 140 at most", len(m.ShortMessage))
		}
		if packed {
			text += m.PackedText()
		} else {
			text += m.Text()
		}
	}
	return text
}

func TestSend_singleOctets(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		coding, text string
		want         []byte
	}{
		"Latin-1": {smpp.CodingLatin1, "é_@", []byte{0xE9, '_', '@'}},
		"ASCII":   {smpp.CodingASCII, "e_@", []byte("e_@")},
		"GSM":     {smpp.CodingGSM7, "é_@", []byte{0x05, 0x11, 0x00}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, smpptest.Options{}, func(c *smpp.Config, _ *smpp.Deps) { c.DataCodingZero = tt.coding })
			m := text(smpptest.NoReceipt)
			m.Text = delivery.Text(tt.text)
			if _, err := b.carrier.Send(t.Context(), m); err != nil {
				t.Fatal(err)
			}
			if got := b.Messages()[0]; !bytes.Equal(got.ShortMessage, tt.want) || got.DataCoding != 0 {
				t.Errorf("arrived as % X, coding %d, want % X", got.ShortMessage, got.DataCoding, tt.want)
			}
		})
	}
}

func TestSend_senders(t *testing.T) {
	t.Parallel()
	b := setup(t, smpptest.Options{}, nil)
	own := setup(t, smpptest.Options{}, func(c *smpp.Config, _ *smpp.Deps) {
		c.Senders.ShortCode, c.Destination = &smpp.Numbering{TON: 6, NPI: 1}, &smpp.Numbering{NPI: 1}
	})
	tests := map[string]struct {
		bench bench
		from  string
		want  pdu.Address
	}{
		"a name":                        {b, "Bank 24", pdu.Address{TON: 5, Addr: "Bank 24"}},
		"a number":                      {b, "41793026700", pdu.Address{TON: 1, NPI: 1, Addr: "41793026700"}},
		"a number with a plus":          {b, "+41793026700", pdu.Address{TON: 1, NPI: 1, Addr: "41793026700"}},
		"a short code":                  {b, "24333", pdu.Address{TON: 3, Addr: "24333"}},
		"few digits after a plus":       {b, "+24333", pdu.Address{TON: 1, NPI: 1, Addr: "24333"}},
		"none":                          {b, "", pdu.Address{}},
		"a short code of another plan":  {own, "24333", pdu.Address{TON: 6, NPI: 1, Addr: "24333"}},
		"a name beside that other plan": {own, "Bank", pdu.Address{TON: 5, Addr: "Bank"}},
	}
	for name, tt := range tests {
		m := text(smpptest.NoReceipt)
		m.From = tt.from
		if _, err := tt.bench.carrier.Send(t.Context(), m); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		arrived := tt.bench.Messages()
		if got := arrived[len(arrived)-1].Source; got != tt.want {
			t.Errorf("%s: source is %+v, want %+v", name, got, tt.want)
		}
	}
	if got := own.Messages()[0].Dest; got.TON != 0 || got.NPI != 1 {
		t.Errorf("destination is %+v, want the plan of the settings", got)
	}
}
