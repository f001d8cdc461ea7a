// Package pdu reads and writes the protocol data units of SMPP 3.4 and 5.0 that a client of an SMSC meets.
package pdu

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// The sizes of a PDU, in octets. A longer one is refused before memory is taken for it.
const (
	HeaderSize = 16
	MaxSize    = 64 << 10
)

// Command says what a PDU asks or answers.
type Command uint32

// The commands.
const (
	GenericNack         Command = 0x80000000
	BindReceiver        Command = 0x00000001
	BindReceiverResp    Command = 0x80000001
	BindTransmitter     Command = 0x00000002
	BindTransmitterResp Command = 0x80000002
	SubmitSM            Command = 0x00000004
	SubmitSMResp        Command = 0x80000004
	DeliverSM           Command = 0x00000005
	DeliverSMResp       Command = 0x80000005
	Unbind              Command = 0x00000006
	UnbindResp          Command = 0x80000006
	BindTransceiver     Command = 0x00000009
	BindTransceiverResp Command = 0x80000009
	EnquireLink         Command = 0x00000015
	EnquireLinkResp     Command = 0x80000015
	AlertNotification   Command = 0x00000102
	DataSM              Command = 0x00000103
	DataSMResp          Command = 0x80000103
)

// Response is the command that answers c.
func (c Command) Response() Command { return c | GenericNack }

// IsResponse tells whether c answers another command.
func (c Command) IsResponse() bool { return c&GenericNack != 0 }

// PDU is one unit: a header, and the body that its command asks for. Body is nil when there is none, also in a response
// that says no more than its status.
type PDU struct {
	Command  Command
	Status   Status
	Sequence uint32
	Body     Body
}

// Body is one of *Bind, *BindResp, *Message, *MessageResp, *Data, *Alert, or Raw for a command that is not known here.
type Body interface {
	append(to []byte) ([]byte, error)
}

// Respond makes the response to p with a status and body.
func (p PDU) Respond(status Status, body Body) PDU {
	return PDU{Command: p.Command.Response(), Status: status, Sequence: p.Sequence, Body: body}
}

// String names command, status and sequence, but nothing of the body, which may hold a PIN or a number.
func (p PDU) String() string {
	return fmt.Sprintf("command 0x%08x, status %s, sequence %d", uint32(p.Command), p.Status, p.Sequence)
}

// GoString is String.
func (p PDU) GoString() string { return p.String() }

// Faults of what a peer sent.
var (
	// ErrLength is a length outside 16 octets to 64 KiB. The stream cannot be read on after it.
	ErrLength = errors.New("PDU length out of range")
	// ErrBody is a body that does not fit its command. The stream can be read on.
	ErrBody = errors.New("malformed PDU body")
)

// Read takes one PDU off a stream. An ErrBody comes with the header; after any other error the stream is lost.
func Read(from io.Reader) (PDU, error) {
	var header [HeaderSize]byte
	if _, err := io.ReadFull(from, header[:]); err != nil {
		return PDU{}, err
	}
	length := binary.BigEndian.Uint32(header[:])
	if length < HeaderSize || length > MaxSize {
		return PDU{}, fmt.Errorf("%w: %d octets", ErrLength, length)
	}
	p := PDU{
		Command:  Command(binary.BigEndian.Uint32(header[4:])),
		Status:   Status(binary.BigEndian.Uint32(header[8:])),
		Sequence: binary.BigEndian.Uint32(header[12:]),
	}
	raw := make([]byte, length-HeaderSize)
	if _, err := io.ReadFull(from, raw); err != nil {
		return PDU{}, noEnd(err)
	}
	body, err := parse(p.Command, raw)
	p.Body = body
	return p, err
}

// noEnd tells a stream that ends within a PDU from one that ends between two.
func noEnd(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// Append writes p at the end of to. It fails for a body that no PDU can hold, such as an address with a NUL in it.
func (p PDU) Append(to []byte) ([]byte, error) {
	start := len(to)
	to = append(to, 0, 0, 0, 0)
	to = binary.BigEndian.AppendUint32(to, uint32(p.Command))
	to = binary.BigEndian.AppendUint32(to, uint32(p.Status))
	to = binary.BigEndian.AppendUint32(to, p.Sequence)
	if p.Body != nil {
		var err error
		if to, err = p.Body.append(to); err != nil {
			return nil, fmt.Errorf("write PDU 0x%08x: %w", uint32(p.Command), err)
		}
	}
	size := len(to) - start
	if size > MaxSize {
		return nil, fmt.Errorf("%w: %d octets", ErrLength, size)
	}
	binary.BigEndian.PutUint32(to[start:], uint32(size))
	return to, nil
}
