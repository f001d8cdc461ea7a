package pdu

import "fmt"

// Status is the command status of a response.
type Status uint32

// The statuses that decisions are made on.
const (
	StatusOK              Status = 0x00
	StatusInvalidLength   Status = 0x01
	StatusInvalidCommand  Status = 0x03
	StatusWrongBindState  Status = 0x04
	StatusAlreadyBound    Status = 0x05
	StatusSystemError     Status = 0x08
	StatusInvalidSource   Status = 0x0A
	StatusInvalidDest     Status = 0x0B
	StatusBindFailed      Status = 0x0D
	StatusInvalidPassword Status = 0x0E
	StatusInvalidSystemID Status = 0x0F
	StatusQueueFull       Status = 0x14
	StatusSubmitFailed    Status = 0x45
	StatusThrottled       Status = 0x58
	StatusReceiverBusy    Status = 0x64
	StatusUnknownError    Status = 0xFF
)

// statusNames are the names of the specification without their ESME_R.
var statusNames = map[Status]string{
	0x00: "OK", 0x01: "INVMSGLEN", 0x02: "INVCMDLEN", 0x03: "INVCMDID", 0x04: "INVBNDSTS", 0x05: "ALYBND",
	0x06: "INVPRTFLG", 0x07: "INVREGDLVFLG", 0x08: "SYSERR", 0x0A: "INVSRCADR", 0x0B: "INVDSTADR", 0x0C: "INVMSGID",
	0x0D: "BINDFAIL", 0x0E: "INVPASWD", 0x0F: "INVSYSID", 0x11: "CANCELFAIL", 0x13: "REPLACEFAIL", 0x14: "MSGQFUL",
	0x15: "INVSERTYP", 0x33: "INVNUMDESTS", 0x34: "INVDLNAME", 0x40: "INVDESTFLAG", 0x42: "INVSUBREP", 0x43: "INVESMCLASS",
	0x44: "CNTSUBDL", 0x45: "SUBMITFAIL", 0x48: "INVSRCTON", 0x49: "INVSRCNPI", 0x50: "INVDSTTON", 0x51: "INVDSTNPI",
	0x53: "INVSYSTYP", 0x54: "INVREPFLAG", 0x55: "INVNUMMSGS", 0x58: "THROTTLED", 0x61: "INVSCHED", 0x62: "INVEXPIRY",
	0x63: "INVDFTMSGID", 0x64: "X_T_APPN", 0x65: "X_P_APPN", 0x66: "X_R_APPN", 0x67: "QUERYFAIL", 0xC0: "INVTLVSTREAM",
	0xC1: "TLVNOTALLWD", 0xC2: "INVTLVLEN", 0xC3: "MISSINGTLV", 0xC4: "INVTLVVAL", 0xFE: "DELIVERYFAILURE", 0xFF: "UNKNOWNERR",
	0x100: "SERTYPUNAUTH", 0x101: "PROHIBITED", 0x102: "SERTYPUNAVAIL", 0x103: "SERTYPDENIED", 0x104: "INVDCS",
	0x105: "INVSRCADDRSUBUNIT", 0x106: "INVDSTADDRSUBUNIT", 0x107: "INVBCASTFREQINT", 0x108: "INVBCASTALIAS_NAME",
	0x109: "INVBCASTAREAFMT", 0x10A: "INVNUMBCAST_AREAS", 0x10B: "INVBCASTCNTTYPE", 0x10C: "INVBCASTMSGCLASS",
	0x10D: "BCASTFAIL", 0x10E: "BCASTQUERYFAIL", 0x10F: "BCASTCANCELFAIL", 0x110: "INVBCAST_REP", 0x111: "INVBCASTSRVGRP",
	0x112: "INVBCASTCHANIND",
}

// String is the number and name of the status, such as "0x58 THROTTLED"; a carrier's own status has its number alone.
func (s Status) String() string {
	if name, known := statusNames[s]; known {
		return fmt.Sprintf("0x%02X %s", uint32(s), name)
	}
	return fmt.Sprintf("0x%02X", uint32(s))
}
