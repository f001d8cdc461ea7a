package delivery

import "time"

// State is what became of one message sent for a PIN, as getPinStatus documents it.
//
// Source page: https://dev.infobip.com/docs/pin-get-status.
type State string

// The fourteen documented states.
const (
	StateAccepted            State = "MESSAGE_ACCEPTED"
	StateNotSent             State = "MESSAGE_NOT_SENT"
	StateNotDelivered        State = "MESSAGE_NOT_DELIVERED"
	StateWaiting             State = "MESSAGE_WAITING_DELIVERY"
	StateDelivered           State = "MESSAGE_DELIVERED"
	StateNetworkNotAllowed   State = "MESSAGE_NETWORK_NOT_ALLOWED"
	StateNetworkNotAvailable State = "MESSAGE_NETWORK_NOT_AVAILABLE"
	StateInvalidDestination  State = "MESSAGE_INVALID_DESTINATION_ADDRESS"
	StateUnknown             State = "MESSAGE_DELIVERY_UNKNOWN"
	StateInvalidSource       State = "INVALID_SOURCE_ADDRESS"
	StateNoCredit            State = "NOT_ENOUGH_CREDITS"
	StateRejected            State = "MESSAGE_REJECTED"
	StateExpired             State = "MESSAGE_EXPIRED"
	StateSystemError         State = "SYSTEM_ERROR"
)

// stateTexts are the documented wire texts, and whether the state is the last.
var stateTexts = map[State]struct {
	text  string
	final bool
}{
	StateAccepted:            {"Message accepted", true},
	StateNotSent:             {"Message not sent", false},
	StateNotDelivered:        {"Message sent, not delivered", true},
	StateWaiting:             {"Message sent, waiting for delivery", false},
	StateDelivered:           {"Message sent and delivered", true},
	StateNetworkNotAllowed:   {"Message not sent, network not allowed", true},
	StateNetworkNotAvailable: {"Message not sent, bulk or gateway offline", true},
	StateInvalidDestination:  {"Message not sent, invalid destination address", true},
	StateUnknown:             {"Message delivery unknown", true},
	StateInvalidSource:       {"Message not sent, invalid source address", true},
	StateNoCredit:            {"Message not sent, not enough credits", true},
	StateRejected:            {"Message rejected", true},
	StateExpired:             {"Message expired", true},
	StateSystemError:         {"System error", true},
}

// Description is the documented text of the state.
func (s State) Description() string { return stateTexts[s].text }

// Final tells whether the state is documented as the last.
func (s State) Final() bool { return stateTexts[s].final }

// Change says that a message came into a state, and when.
type Change struct {
	State State
	At    time.Time
}

// CallStatus is how a call stands or ended.
//
// Source page: https://dev.infobip.com/docs/resend-a-pin-via-voice.
type CallStatus string

// The eleven documented call statuses.
const (
	CallBadRequest          CallStatus = "BAD_REQUEST"
	CallProcessing          CallStatus = "PROCESSING"
	CallProcessed           CallStatus = "PROCESSED"
	CallAnsweredMachine     CallStatus = "ANSWERED_MACHINE"
	CallError               CallStatus = "ERROR"
	CallNotEnoughCredits    CallStatus = "ERROR_NOT_ENOUGH_CREDITS"
	CallNetworkNotAvailable CallStatus = "ERROR_NETWORK_NOT_AVAILABLE"
	CallRouteNotAvailable   CallStatus = "ERROR_ROUTE_NOT_AVAILABLE"
	CallUserBusy            CallStatus = "ERROR_USER_BUSY"
	CallNoAnswer            CallStatus = "ERROR_NO_ANSWER"
	CallUndefined           CallStatus = "UNDEFINED"
)

// callStates says how a call counts in getPinStatus, which knows only the states of messages.
var callStates = map[CallStatus]State{
	CallBadRequest:          StateInvalidDestination,
	CallProcessing:          StateWaiting,
	CallProcessed:           StateDelivered,
	CallAnsweredMachine:     StateDelivered,
	CallError:               StateSystemError,
	CallNotEnoughCredits:    StateNoCredit,
	CallNetworkNotAvailable: StateNetworkNotAvailable,
	CallRouteNotAvailable:   StateNetworkNotAllowed,
	CallUserBusy:            StateNotDelivered,
	CallNoAnswer:            StateNotDelivered,
	CallUndefined:           StateUnknown,
}

// State is what the call counts as among the states of messages.
func (s CallStatus) State() State { return callStates[s] }

// Taken tells whether a carrier carried the call as far as the phone, and so whether it counts toward the limits.
func (s CallStatus) Taken() bool {
	switch s {
	case CallProcessing, CallProcessed, CallAnsweredMachine, CallUserBusy, CallNoAnswer, CallUndefined:
		return true
	}
	return false
}
