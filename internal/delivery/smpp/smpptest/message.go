package smpptest

import (
	"strings"

	"github.com/pinpost/pinpost/internal/delivery/smpp/pdu"
	"github.com/pinpost/pinpost/internal/sms"
)

// Message is one submit_sm that arrived.
type Message struct{ *pdu.Message }

// Part says which part of which text a message is.
type Part struct{ Reference, Count, Number int }

// Part reads the user data header; a message without one is the only part.
func (m Message) Part() Part {
	_, header := m.split()
	switch {
	case len(header) >= 6 && header[1] == 0:
		return Part{int(header[3]), int(header[4]), int(header[5])}
	case len(header) >= 7 && header[1] == 8:
		return Part{int(header[3])<<8 | int(header[4]), int(header[5]), int(header[6])}
	}
	return Part{0, 1, 1}
}

// Text decodes the message, data_coding 0 being unpacked septets.
func (m Message) Text() string {
	data, _ := m.split()
	if m.DataCoding == 8 {
		return sms.FromUTF16(data)
	}
	return sms.FromSeptets(data)
}

// PackedText decodes the message, data_coding 0 being packed septets.
func (m Message) PackedText() string {
	data, header := m.split()
	if m.DataCoding == 8 {
		return sms.FromUTF16(data)
	}
	fill := sms.FillBits(len(header))
	text := sms.FromSeptets(sms.Unpack(data, fill, (8*len(data)-fill)/7))
	return strings.TrimSuffix(text, "\r")
}

func (m Message) split() (data, header []byte) {
	data = m.Payload()
	if m.ESMClass&pdu.ESMUserDataHeader == 0 || len(data) == 0 || int(data[0])+1 > len(data) {
		return data, nil
	}
	end := int(data[0]) + 1
	return data[end:], data[:end]
}
