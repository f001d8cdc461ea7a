package smpp

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/delivery/smpp/pdu"
	"github.com/pinpost/pinpost/internal/sms"
)

const (
	codingDefault = 0
	codingUCS2    = 8
	// shortCodeDigits is the longest number without a plus that counts as a short code.
	shortCodeDigits = 6
)

// Why a text cannot go out.
var (
	errSender  = errors.New("sender has characters beyond Latin-1, or more than 20")
	errParts   = fmt.Errorf("text has more than %d parts", sms.MaxSegments)
	errPayload = errors.New("parameter of the text is too long")
)

// bodies makes the submit_sm bodies of a text. The parts of a longer one carry reference, unless they go in one payload.
func (c Config) bodies(m delivery.SMS, reference uint16) ([]*pdu.Message, sms.Segments, error) {
	encoding := c.encodingOf(m.Text.Reveal())
	parts, _ := sms.SplitAs(m.Text.Reveal(), encoding, c.LongText == LongUDH16)
	segments := sms.Segments{Encoding: encoding, Count: len(parts)}
	if len(parts) > sms.MaxSegments {
		return nil, segments, errParts
	}
	frame, err := c.frame(m)
	if err != nil {
		return nil, segments, err
	}
	if encoding == sms.EncodingUCS2 {
		frame.DataCoding = codingUCS2
	}
	if len(parts) > 1 && c.LongText == LongPayload {
		payload := c.octets(m.Text.Reveal(), encoding, nil)
		frame.TLVs = append(frame.TLVs, pdu.TLV{Tag: pdu.TagMessagePayload, Value: payload})
		return []*pdu.Message{frame}, segments, nil
	}
	bodies := make([]*pdu.Message, len(parts))
	for i, part := range parts {
		body, header := *frame, []byte(nil)
		if len(parts) > 1 {
			header = c.header(reference, len(parts), i+1)
			body.ESMClass |= pdu.ESMUserDataHeader
		}
		body.ShortMessage = c.octets(part, encoding, header)
		bodies[i] = &body
	}
	return bodies, segments, nil
}

// encodingOf is seven-bit when the text can travel in what the carrier's data_coding 0 means and in the alphabet that phones
// count in, and UCS-2 otherwise.
func (c Config) encodingOf(text string) sms.Encoding {
	_, fits := sms.Septets(text)
	switch c.DataCodingZero {
	case CodingLatin1:
		_, single := sms.Latin1(text)
		fits = fits && single
	case CodingASCII:
		_, single := sms.ASCII(text)
		fits = fits && single
	}
	if fits {
		return sms.EncodingGSM7
	}
	return sms.EncodingUCS2
}

// octets writes a text after a user data header.
func (c Config) octets(text string, encoding sms.Encoding, header []byte) []byte {
	if encoding == sms.EncodingUCS2 {
		return append(header, sms.UTF16(text)...)
	}
	switch c.DataCodingZero {
	case CodingLatin1, CodingASCII:
		single, _ := sms.Latin1(text)
		return append(header, single...)
	}
	septets, _ := sms.Septets(text)
	if c.DataCodingZero != CodingGSM7Packed {
		return append(header, septets...)
	}
	fill := sms.FillBits(len(header))
	if (fill+7*len(septets))%8 == 1 {
		// Seven bits are left over, which would read as one more @: a carriage return shows as nothing.
		septets = append(septets, '\r')
	}
	return append(header, sms.Pack(septets, fill)...)
}

// header is the user data header of one part.
func (c Config) header(reference uint16, count, number int) []byte {
	if c.LongText == LongUDH16 {
		return []byte{6, 8, 4, byte(reference >> 8), byte(reference), byte(count), byte(number)}
	}
	return []byte{5, 0, 3, byte(reference), byte(count), byte(number)}
}

// frame is a submit_sm without its text.
func (c Config) frame(m delivery.SMS) (*pdu.Message, error) {
	source, err := c.source(m.From)
	if err != nil {
		return nil, err
	}
	frame := &pdu.Message{
		ServiceType: c.ServiceType, Source: source,
		Dest: pdu.Address{TON: c.Destination.TON, NPI: c.Destination.NPI, Addr: m.To.Digits()},
	}
	if *c.RegisteredDelivery {
		frame.RegisteredDelivery = 1
	}
	frame.TLVs, err = c.tlvs(m.Params)
	return frame, err
}

// source is the sender's address, numbered by its kind. An empty sender is left to the carrier.
func (c Config) source(from string) (pdu.Address, error) {
	digits := strings.TrimPrefix(from, "+")
	var kind *Numbering
	switch {
	case from == "":
		return pdu.Address{}, nil
	case strings.Trim(digits, "0123456789") != "" || digits == "":
		kind, digits = c.Senders.Alphanumeric, from
	case digits == from && len(digits) <= shortCodeDigits:
		kind = c.Senders.ShortCode
	default:
		kind = c.Senders.International
	}
	name, ok := sms.Latin1(digits)
	if !ok || len(name) > 20 {
		return pdu.Address{}, errSender
	}
	return pdu.Address{TON: kind.TON, NPI: kind.NPI, Addr: string(name)}, nil
}

// tlvs are the text's parameters that the carrier asks for, in the order of their tags.
func (c Config) tlvs(params map[string]string) (pdu.TLVs, error) {
	var all pdu.TLVs
	for _, name := range c.paramNames {
		value, given := params[name]
		if !given {
			continue
		}
		if len(value) > 1000 {
			return nil, errPayload
		}
		all = append(all, pdu.TLV{Tag: pdu.Tag(c.Params[name]), Value: []byte(value)})
	}
	return all, nil
}

// validity writes the rest of a PIN's life as a time from now, such as 000000000500000R for five minutes.
func validity(left time.Duration) string {
	seconds := int(max(left+time.Second-1, time.Second) / time.Second)
	days := min(seconds/86400, 31)
	return fmt.Sprintf("0000%02d%02d%02d%02d000R", days, seconds/3600%24, seconds/60%60, seconds%60)
}
