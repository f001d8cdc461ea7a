package pdu

import (
	"fmt"
	"math"
)

// Address is a phone number or a sender name, with its type of number and numbering plan.
type Address struct {
	TON, NPI uint8
	Addr     string
}

// Bind asks to be let in: bind_transceiver, bind_transmitter and bind_receiver.
type Bind struct {
	SystemID, Password, SystemType string
	InterfaceVersion               uint8
	Range                          Address
	TLVs                           TLVs
}

// String leaves the password out.
func (b *Bind) String() string { return "bind of " + b.SystemID }

// GoString leaves the password out of %#v.
func (b *Bind) GoString() string { return b.String() }

// BindResp lets a client in.
type BindResp struct {
	SystemID string
	TLVs     TLVs
}

// Message is a submit_sm or a deliver_sm.
type Message struct {
	ServiceType          string
	Source, Dest         Address
	ESMClass             uint8
	ProtocolID, Priority uint8
	Schedule, Validity   string
	RegisteredDelivery   uint8
	ReplaceIfPresent     uint8
	DataCoding           uint8
	DefaultMessageID     uint8
	ShortMessage         []byte // 255 octets at most
	TLVs                 TLVs
}

// String says nothing of the message, which may hold a PIN.
func (*Message) String() string { return "[message]" }

// GoString says nothing of the message for %#v.
func (*Message) GoString() string { return "[message]" }

// Payload is the user data, from wherever in the message it is.
func (m *Message) Payload() []byte {
	if payload, found := m.TLVs.Get(TagMessagePayload); found && len(m.ShortMessage) == 0 {
		return payload
	}
	return m.ShortMessage
}

// MessageResp is a submit_sm_resp, deliver_sm_resp or data_sm_resp.
type MessageResp struct {
	MessageID string
	TLVs      TLVs
}

// Data is a data_sm.
type Data struct {
	ServiceType        string
	Source, Dest       Address
	ESMClass           uint8
	RegisteredDelivery uint8
	DataCoding         uint8
	TLVs               TLVs
}

// String says nothing of the message.
func (*Data) String() string { return "[message]" }

// GoString says nothing of the message for %#v.
func (*Data) GoString() string { return "[message]" }

// Alert is an alert_notification: a phone is back.
type Alert struct {
	Source, ESME Address
	TLVs         TLVs
}

// String leaves the number out.
func (*Alert) String() string { return "[alert]" }

// GoString leaves the number out of %#v.
func (*Alert) GoString() string { return "[alert]" }

// Raw is the body of a command that is not known here, or what follows where no body belongs.
type Raw []byte

// String says nothing of the body.
func (Raw) String() string { return "[body]" }

// GoString says nothing of the body for %#v.
func (Raw) GoString() string { return "[body]" }

// parse reads the body of a command. A response may come without one.
func parse(c Command, raw []byte) (Body, error) {
	if len(raw) == 0 && (c.IsResponse() || c == EnquireLink || c == Unbind) {
		return nil, nil
	}
	r := &reader{rest: raw}
	body := r.body(c)
	if body == nil {
		return Raw(raw), nil
	}
	if r.err != nil {
		return nil, r.err
	}
	return body, nil
}

func (r *reader) body(c Command) Body {
	switch c {
	case BindReceiver, BindTransmitter, BindTransceiver:
		b := &Bind{SystemID: r.text(), Password: r.text(), SystemType: r.text(), InterfaceVersion: r.octet(), Range: r.address()}
		b.TLVs = r.tlvs()
		return b
	case BindReceiverResp, BindTransmitterResp, BindTransceiverResp:
		return &BindResp{SystemID: r.lastText(), TLVs: r.tlvs()}
	case SubmitSM, DeliverSM:
		return r.message()
	case SubmitSMResp, DeliverSMResp, DataSMResp:
		return &MessageResp{MessageID: r.lastText(), TLVs: r.tlvs()}
	case DataSM:
		return &Data{
			ServiceType: r.text(), Source: r.address(), Dest: r.address(), ESMClass: r.octet(),
			RegisteredDelivery: r.octet(), DataCoding: r.octet(), TLVs: r.tlvs(),
		}
	case AlertNotification:
		return &Alert{Source: r.address(), ESME: r.address(), TLVs: r.tlvs()}
	}
	return nil
}

func (r *reader) address() Address { return Address{TON: r.octet(), NPI: r.octet(), Addr: r.text()} }

func (r *reader) message() *Message {
	m := &Message{
		ServiceType: r.text(), Source: r.address(), Dest: r.address(), ESMClass: r.octet(),
		ProtocolID: r.octet(), Priority: r.octet(), Schedule: r.text(), Validity: r.text(),
		RegisteredDelivery: r.octet(), ReplaceIfPresent: r.octet(), DataCoding: r.octet(), DefaultMessageID: r.octet(),
	}
	m.ShortMessage = r.octets(int(r.octet()))
	m.TLVs = r.tlvs()
	return m
}

func (b *Bind) append(to []byte) ([]byte, error) {
	to, err := texts(to, b.SystemID, b.Password, b.SystemType)
	if err != nil {
		return nil, err
	}
	to = append(to, b.InterfaceVersion)
	if to, err = b.Range.append(to); err != nil {
		return nil, err
	}
	return b.TLVs.append(to)
}

func (b *BindResp) append(to []byte) ([]byte, error) {
	to, err := texts(to, b.SystemID)
	if err != nil {
		return nil, err
	}
	return b.TLVs.append(to)
}

func (a Address) append(to []byte) ([]byte, error) { return texts(append(to, a.TON, a.NPI), a.Addr) }

func (m *Message) append(to []byte) ([]byte, error) {
	if len(m.ShortMessage) > math.MaxUint8 {
		return nil, fmt.Errorf("%w: short message of %d octets", ErrBody, len(m.ShortMessage))
	}
	to, err := route(to, m.ServiceType, m.Source, m.Dest)
	if err != nil {
		return nil, err
	}
	to = append(to, m.ESMClass, m.ProtocolID, m.Priority)
	if to, err = texts(to, m.Schedule, m.Validity); err != nil {
		return nil, err
	}
	to = append(to, m.RegisteredDelivery, m.ReplaceIfPresent, m.DataCoding, m.DefaultMessageID, byte(len(m.ShortMessage)))
	return m.TLVs.append(append(to, m.ShortMessage...))
}

func (m *MessageResp) append(to []byte) ([]byte, error) {
	to, err := texts(to, m.MessageID)
	if err != nil {
		return nil, err
	}
	return m.TLVs.append(to)
}

func (d *Data) append(to []byte) ([]byte, error) {
	to, err := route(to, d.ServiceType, d.Source, d.Dest)
	if err != nil {
		return nil, err
	}
	return d.TLVs.append(append(to, d.ESMClass, d.RegisteredDelivery, d.DataCoding))
}

func (a *Alert) append(to []byte) ([]byte, error) {
	to, err := a.Source.append(to)
	if err != nil {
		return nil, err
	}
	if to, err = a.ESME.append(to); err != nil {
		return nil, err
	}
	return a.TLVs.append(to)
}

func (r Raw) append(to []byte) ([]byte, error) { return append(to, r...), nil }

// route writes the fields that submit_sm, deliver_sm and data_sm begin with.
func route(to []byte, service string, source, dest Address) ([]byte, error) {
	to, err := texts(to, service)
	if err != nil {
		return nil, err
	}
	if to, err = source.append(to); err != nil {
		return nil, err
	}
	return dest.append(to)
}
