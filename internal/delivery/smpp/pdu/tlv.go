package pdu

import (
	"encoding/binary"
	"fmt"
	"math"
)

// Tag names an optional parameter.
type Tag uint16

// The optional parameters that are read or written here.
const (
	TagReceiptedMessageID Tag = 0x001E
	TagSCInterfaceVersion Tag = 0x0210
	TagMessagePayload     Tag = 0x0424
	TagMessageState       Tag = 0x0427
)

// TLV is one optional parameter. Value is kept as it came, a closing NUL included.
type TLV struct {
	Tag   Tag
	Value []byte
}

// TLVs are the optional parameters of a PDU, in their order on the wire, repeated and unknown ones too.
type TLVs []TLV

// Get finds the first parameter with a tag.
func (t TLVs) Get(tag Tag) ([]byte, bool) {
	for _, tlv := range t {
		if tlv.Tag == tag {
			return tlv.Value, true
		}
	}
	return nil, false
}

func (t TLVs) append(to []byte) ([]byte, error) {
	for _, tlv := range t {
		if len(tlv.Value) > math.MaxUint16 {
			return nil, fmt.Errorf("%w: parameter 0x%04x has %d octets", ErrBody, uint16(tlv.Tag), len(tlv.Value))
		}
		to = binary.BigEndian.AppendUint16(to, uint16(tlv.Tag))
		to = binary.BigEndian.AppendUint16(to, uint16(len(tlv.Value)))
		to = append(to, tlv.Value...)
	}
	return to, nil
}
