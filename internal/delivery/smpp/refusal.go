package smpp

import (
	"github.com/pinpost/pinpost/internal/delivery"
	"github.com/pinpost/pinpost/internal/delivery/smpp/pdu"
)

// statusClasses says what a refused submit_sm counts as; any other status is Temporary.
var statusClasses = map[pdu.Status]delivery.Class{
	0x01: delivery.Rejected, // INVMSGLEN
	0x02: delivery.Rejected, // INVCMDLEN
	0x03: delivery.Rejected, // INVCMDID
	0x06: delivery.Rejected, // INVPRTFLG
	0x07: delivery.Rejected, // INVREGDLVFLG
	0x0A: delivery.Rejected, // INVSRCADR
	0x0B: delivery.BadDestination,
	0x0D: delivery.Unauthorised, // BINDFAIL
	0x0E: delivery.Unauthorised, // INVPASWD
	0x0F: delivery.Unauthorised, // INVSYSID
	0x14: delivery.Throttled,    // MSGQFUL
	0x15: delivery.Rejected,     // INVSERTYP
	0x43: delivery.Rejected,     // INVESMCLASS
	0x48: delivery.Rejected,     // INVSRCTON
	0x49: delivery.Rejected,     // INVSRCNPI
	0x50: delivery.BadDestination,
	0x51: delivery.BadDestination,
	0x53: delivery.Unauthorised, // INVSYSTYP
	0x58: delivery.Throttled,    // THROTTLED
	0x61: delivery.Rejected,     // INVSCHED
	0x62: delivery.Rejected,     // INVEXPIRY
	0x65: delivery.Rejected,     // X_P_APPN
	0x66: delivery.Rejected,     // X_R_APPN
	0xC0: delivery.Rejected,     // INVTLVSTREAM
	0xC1: delivery.Rejected,     // TLVNOTALLWD
	0xC2: delivery.Rejected,     // INVTLVLEN
	0xC3: delivery.Rejected,     // MISSINGTLV
	0xC4: delivery.Rejected,     // INVTLVVAL
	// What 5.0 adds. Prepaid carriers answer 0x100 and 0x103 when the account may not send here.
	0x100: delivery.Unauthorised, // SERTYPUNAUTH
	0x101: delivery.Rejected,     // PROHIBITED
	0x103: delivery.Unauthorised, // SERTYPDENIED
	0x104: delivery.Rejected,     // INVDCS
	0x106: delivery.BadDestination,
}

// statusError is the refusal that a status stands for.
func statusError(carrier string, status pdu.Status) *delivery.Error {
	return &delivery.Error{Class: statusClasses[status], Carrier: carrier, Code: status.String()}
}

// badLogin tells whether a bind was refused for what we are, and not for what the SMSC is doing.
func badLogin(status pdu.Status) bool { return statusClasses[status] == delivery.Unauthorised }

// receiptStates says what a receipt counts as. ACCEPTD is not the last here: carriers write it for a message that the next
// network took.
var receiptStates = map[pdu.MessageState]delivery.State{
	pdu.StateDelivered:     delivery.StateDelivered,
	pdu.StateExpired:       delivery.StateExpired,
	pdu.StateDeleted:       delivery.StateNotDelivered,
	pdu.StateUndeliverable: delivery.StateNotDelivered,
	pdu.StateAccepted:      delivery.StateWaiting,
	pdu.StateUnknown:       delivery.StateUnknown,
	pdu.StateRejected:      delivery.StateRejected,
	pdu.StateSkipped:       delivery.StateNotDelivered,
}
