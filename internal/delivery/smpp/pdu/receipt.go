package pdu

import (
	"bytes"
	"strings"
	"time"
)

// Bits of esm_class, and the kinds of deliver_sm among them.
const (
	ESMUserDataHeader = 0x40
	esmKind           = 0x3C
	esmReceipt        = 0x04
	esmIntermediate   = 0x20
	codingUCS2        = 8
)

// MessageState is what became of a message, as message_state numbers it.
type MessageState uint8

// The states. StateNone stands for a word or number that is not known.
const (
	StateScheduled     MessageState = 0
	StateEnroute       MessageState = 1
	StateDelivered     MessageState = 2
	StateExpired       MessageState = 3
	StateDeleted       MessageState = 4
	StateUndeliverable MessageState = 5
	StateAccepted      MessageState = 6
	StateUnknown       MessageState = 7
	StateRejected      MessageState = 8
	StateSkipped       MessageState = 9
	StateNone          MessageState = 0xFF
)

// stateWords are the words of the receipt text, also as some SMSCs spell them out.
var stateWords = map[string]MessageState{
	"SCHEDULED": StateScheduled, "ENROUTE": StateEnroute, "BUFFERED": StateEnroute,
	"DELIVRD": StateDelivered, "DELIVERED": StateDelivered, "EXPIRED": StateExpired, "DELETED": StateDeleted,
	"UNDELIV": StateUndeliverable, "UNDELIVERED": StateUndeliverable, "UNDELIVERABLE": StateUndeliverable,
	"FAILED": StateUndeliverable, "ACCEPTD": StateAccepted, "ACCEPTED": StateAccepted, "UNKNOWN": StateUnknown,
	"REJECTD": StateRejected, "REJECTED": StateRejected, "SKIPPED": StateSkipped,
}

// stateNames are the words that the specification writes.
var stateNames = [...]string{
	"SCHEDULED", "ENROUTE", "DELIVRD", "EXPIRED", "DELETED", "UNDELIV", "ACCEPTD", "UNKNOWN", "REJECTD", "SKIPPED",
}

// String is the state's word in receipt texts.
func (s MessageState) String() string {
	if int(s) < len(stateNames) {
		return stateNames[s]
	}
	return "NONE"
}

// Receipt is what an SMSC reports of a message. Done is zero when the report has no date that can be read; it has no zone.
type Receipt struct {
	ID    string
	State MessageState
	Err   string
	Done  time.Time
}

// ReceiptOf reads the receipt in a deliver_sm. Its optional parameters count more than its text. It is false for a
// message that is none, such as one that a phone sent.
func ReceiptOf(m *Message) (Receipt, bool) {
	return receiptOf(m.ESMClass, m.DataCoding, m.Payload(), m.TLVs)
}

// ReceiptOfData reads the receipt in a data_sm, as ReceiptOf does.
func ReceiptOfData(d *Data) (Receipt, bool) {
	text, _ := d.TLVs.Get(TagMessagePayload)
	return receiptOf(d.ESMClass, d.DataCoding, text, d.TLVs)
}

func receiptOf(esm, coding uint8, text []byte, tlvs TLVs) (Receipt, bool) {
	id, tagged := tlvs.Get(TagReceiptedMessageID)
	kind := esm & esmKind
	// The text alone decides nothing: a phone could send the same words.
	if kind != esmReceipt && kind != esmIntermediate && !tagged {
		return Receipt{}, false
	}
	if coding == codingUCS2 {
		text = lowOctets(text)
	}
	r := ParseReceipt(string(text))
	if name := string(bytes.TrimRight(id, "\x00")); name != "" {
		r.ID = name
	}
	if state, found := tlvs.Get(TagMessageState); found && len(state) == 1 && int(state[0]) < len(stateNames) {
		r.State = MessageState(state[0])
	}
	return r, r.ID != ""
}

// lowOctets reads the ASCII in UTF-16; the words of a receipt need no more.
func lowOctets(text []byte) []byte {
	out := make([]byte, 0, len(text)/2)
	for i := 1; i < len(text); i += 2 {
		if text[i-1] != 0 {
			out = append(out, '?')
			continue
		}
		out = append(out, text[i])
	}
	return out
}

// receiptKeys are the names in a receipt's text. That of the message's own text is among them so that it ends a value.
var receiptKeys = [...]string{"id", "sub", "dlvrd", "submit date", "done date", "stat", "err", "text"}

// ParseReceipt reads a text such as "id:7 sub:001 dlvrd:001 submit date:2611212230 done date:2611212231 stat:DELIVRD err:000
// text:Your PIN". Its parts may come in any order, case and number; ID is empty and State is StateNone for those missing.
func ParseReceipt(text string) Receipt {
	values := receiptValues(text)
	r := Receipt{ID: values["id"], State: StateNone, Err: values["err"], Done: receiptDate(values["done date"])}
	if state, known := stateWords[strings.ToUpper(values["stat"])]; known {
		r.State = state
	}
	return r
}

// receiptValues takes the first value of each key. The message's text, when it comes before the others, is passed over; once
// id and stat are known it ends the receipt, so that its words cannot pass for more.
func receiptValues(text string) map[string]string {
	values := map[string]string{}
	for at := 0; at < len(text); {
		key := keyAt(text, at)
		if key == "" {
			at++
			continue
		}
		at += len(key) + 1
		if key == "text" {
			if values["id"] != "" && values["stat"] != "" {
				break
			}
			continue
		}
		value := strings.TrimLeft(text[at:], " ")
		at = len(text) - len(value)
		if keyAt(text, at) != "" {
			continue // nothing between this name and the next
		}
		if end := strings.IndexAny(value, " \t\r\n\x00"); end >= 0 {
			value = value[:end]
		}
		at += len(value)
		if _, taken := values[key]; !taken {
			values[key] = value
		}
	}
	return values
}

// keyAt gives the key that begins at a place, where a word begins and a colon follows.
func keyAt(text string, at int) string {
	if at > 0 && !strings.ContainsRune(" \t\r\n\x00,;", rune(text[at-1])) {
		return ""
	}
	for _, key := range receiptKeys {
		end := at + len(key)
		if end < len(text) && text[end] == ':' && strings.EqualFold(text[at:end], key) {
			return key
		}
	}
	return ""
}

// receiptDate reads YYMMDDhhmm, with seconds where an SMSC has them.
func receiptDate(text string) time.Time {
	for _, layout := range []string{"0601021504", "060102150405", "20060102150405"} {
		if done, err := time.Parse(layout, text); err == nil {
			return done
		}
	}
	return time.Time{}
}
