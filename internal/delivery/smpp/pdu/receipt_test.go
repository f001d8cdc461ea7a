package pdu_test

import (
	"strings"
	"testing"
	"time"

	"github.com/pinpost/pinpost/internal/delivery/smpp/pdu"
)

func TestParseReceipt(t *testing.T) {
	t.Parallel()
	done := time.Date(2026, 11, 21, 22, 31, 0, 0, time.UTC)
	tests := map[string]struct {
		text string
		want pdu.Receipt
	}{
		"as the specification writes it": {
			"id:7 sub:001 dlvrd:001 submit date:2611212230 done date:2611212231 stat:DELIVRD err:000 text:Your PIN is",
			pdu.Receipt{ID: "7", State: pdu.StateDelivered, Err: "000", Done: done},
		},
		"with seconds": {
			"id:7 done date:261121223105 stat:UNDELIV err:012",
			pdu.Receipt{ID: "7", State: pdu.StateUndeliverable, Err: "012", Done: done.Add(5 * time.Second)},
		},
		"in capitals, with spaces after colons": {
			"ID: 00ab SUB: 1 STAT: delivrd ERR: 0", pdu.Receipt{ID: "00ab", State: pdu.StateDelivered, Err: "0"},
		},
		"in another order": {"stat:EXPIRED err:1 id:9", pdu.Receipt{ID: "9", State: pdu.StateExpired, Err: "1"}},
		"words of the text do not count": {
			"id:9 stat:REJECTD text:id:8 stat:DELIVRD err:0", pdu.Receipt{ID: "9", State: pdu.StateRejected},
		},
		"the text first":               {"text:hello id:9 stat:DELETED", pdu.Receipt{ID: "9", State: pdu.StateDeleted}},
		"a value left out":             {"id: stat:DELIVRD", pdu.Receipt{State: pdu.StateDelivered}},
		"a state spelled out":          {"id:9 stat:DELIVERED", pdu.Receipt{ID: "9", State: pdu.StateDelivered}},
		"a state that nobody knows":    {"id:9 stat:MAYBE", pdu.Receipt{ID: "9", State: pdu.StateNone}},
		"a date that is none":          {"id:9 done date:99 stat:UNKNOWN", pdu.Receipt{ID: "9", State: pdu.StateUnknown}},
		"line breaks between":          {"id:9\r\nstat:ACCEPTD\r\n", pdu.Receipt{ID: "9", State: pdu.StateAccepted}},
		"no receipt at all":            {"Thanks, got it", pdu.Receipt{State: pdu.StateNone}},
		"a key inside a word":          {"valid:3 stat:ENROUTE", pdu.Receipt{State: pdu.StateEnroute}},
		"message id instead of its id": {"message id:5 stat:ENROUTE", pdu.Receipt{ID: "5", State: pdu.StateEnroute}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := pdu.ParseReceipt(tt.text); got != tt.want {
				t.Errorf("ParseReceipt(%q) = %+v, want %+v", tt.text, got, tt.want)
			}
		})
	}
}

func TestReceiptOf(t *testing.T) {
	t.Parallel()
	text := []byte("id:7 stat:UNDELIV err:3")
	tlvs := pdu.TLVs{{Tag: pdu.TagReceiptedMessageID, Value: []byte("8\x00")}, {Tag: pdu.TagMessageState, Value: []byte{2}}}
	tests := map[string]struct {
		message pdu.Message
		want    pdu.Receipt
		ok      bool
	}{
		"text alone":                         {pdu.Message{ESMClass: 4, ShortMessage: text}, pdu.Receipt{ID: "7", State: 5, Err: "3"}, true},
		"parameters before text":             {pdu.Message{ESMClass: 4, ShortMessage: text, TLVs: tlvs}, pdu.Receipt{ID: "8", State: 2, Err: "3"}, true},
		"parameters alone":                   {pdu.Message{ESMClass: 4, TLVs: tlvs}, pdu.Receipt{ID: "8", State: 2}, true},
		"a parameter makes it a receipt":     {pdu.Message{TLVs: tlvs}, pdu.Receipt{ID: "8", State: 2}, true},
		"intermediate notification":          {pdu.Message{ESMClass: 0x20, ShortMessage: text}, pdu.Receipt{ID: "7", State: 5, Err: "3"}, true},
		"text in the payload":                {pdu.Message{ESMClass: 4, TLVs: pdu.TLVs{{Tag: pdu.TagMessagePayload, Value: text}}}, pdu.Receipt{ID: "7", State: 5, Err: "3"}, true},
		"text in UTF-16":                     {pdu.Message{ESMClass: 4, DataCoding: 8, ShortMessage: []byte("\x00i\x00d\x00:\x007")}, pdu.Receipt{ID: "7", State: pdu.StateNone}, true},
		"a phone that writes like a receipt": {pdu.Message{ShortMessage: text}, pdu.Receipt{}, false},
		"a receipt without an id":            {pdu.Message{ESMClass: 4}, pdu.Receipt{State: pdu.StateNone}, false},
		"a state out of range": {
			pdu.Message{ESMClass: 4, ShortMessage: text, TLVs: pdu.TLVs{{Tag: pdu.TagMessageState, Value: []byte{77}}}},
			pdu.Receipt{ID: "7", State: 5, Err: "3"}, true,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if tt.want.Err == "" && tt.want.ID == "" {
				tt.want = pdu.Receipt{State: tt.want.State}
			}
			got, ok := pdu.ReceiptOf(&tt.message)
			if got != tt.want || ok != tt.ok {
				t.Errorf("ReceiptOf = %+v, %t, want %+v, %t", got, ok, tt.want, tt.ok)
			}
		})
	}
	data := &pdu.Data{ESMClass: 4, TLVs: tlvs}
	if got, ok := pdu.ReceiptOfData(data); !ok || got.ID != "8" || got.State != pdu.StateDelivered {
		t.Errorf("ReceiptOfData = %+v, %t", got, ok)
	}
}

func FuzzReceipt(f *testing.F) {
	f.Add("id:7 sub:001 dlvrd:001 submit date:2611212230 done date:2611212231 stat:DELIVRD err:000 text:Your PIN is")
	f.Add("text: id: stat:\x00 ERR:")
	f.Fuzz(func(t *testing.T, text string) {
		r := pdu.ParseReceipt(text)
		if strings.ContainsAny(r.ID+r.Err, " \t\r\n\x00") {
			t.Errorf("ParseReceipt(%q) = %+v, want words", text, r)
		}
		if r.ID != "" && !strings.Contains(text, r.ID) {
			t.Errorf("ParseReceipt(%q) = %+v, want an id of the text", text, r)
		}
	})
}
