package pdu

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
)

// reader takes fields off a body. After its first fault it gives zeros, and err tells.
type reader struct {
	rest []byte
	err  error
}

func (r *reader) fail(what string) {
	if r.err == nil {
		r.err = fmt.Errorf("%w: %s", ErrBody, what)
	}
	r.rest = nil
}

func (r *reader) octet() uint8 {
	if len(r.rest) < 1 {
		r.fail("ends early")
		return 0
	}
	value := r.rest[0]
	r.rest = r.rest[1:]
	return value
}

func (r *reader) octets(count int) []byte {
	if len(r.rest) < count {
		r.fail("ends early")
		return nil
	}
	value := r.rest[:count:count]
	r.rest = r.rest[count:]
	return value
}

// text is a field that a NUL ends.
func (r *reader) text() string {
	end := bytes.IndexByte(r.rest, 0)
	if end < 0 {
		r.fail("text without end")
		return ""
	}
	value := string(r.rest[:end])
	r.rest = r.rest[end+1:]
	return value
}

// lastText is a text whose NUL some SMSCs leave out, when nothing follows it.
func (r *reader) lastText() string {
	if bytes.IndexByte(r.rest, 0) >= 0 {
		return r.text()
	}
	value := string(r.rest)
	r.rest = nil
	return value
}

func (r *reader) tlvs() TLVs {
	var all TLVs
	for len(r.rest) > 0 && r.err == nil {
		head := r.octets(4)
		if r.err != nil {
			break
		}
		value := r.octets(int(binary.BigEndian.Uint16(head[2:])))
		all = append(all, TLV{Tag(binary.BigEndian.Uint16(head)), value})
	}
	return all
}

// texts writes fields that a NUL ends each.
func texts(to []byte, values ...string) ([]byte, error) {
	for _, value := range values {
		if strings.IndexByte(value, 0) >= 0 {
			return nil, fmt.Errorf("%w: NUL in a text", ErrBody)
		}
		to = append(append(to, value...), 0)
	}
	return to, nil
}
