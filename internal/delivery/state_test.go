package delivery_test

import (
	"testing"

	"github.com/pinpost/pinpost/internal/delivery"
)

func TestState(t *testing.T) {
	t.Parallel()
	// The table of http://2-fa.github.io/http-api.html, oddities included: accepted is final, not sent is not.
	tests := map[delivery.State]struct {
		wire, text string
		final      bool
	}{
		delivery.StateAccepted:            {"MESSAGE_ACCEPTED", "Message accepted", true},
		delivery.StateNotSent:             {"MESSAGE_NOT_SENT", "Message not sent", false},
		delivery.StateNotDelivered:        {"MESSAGE_NOT_DELIVERED", "Message sent, not delivered", true},
		delivery.StateWaiting:             {"MESSAGE_WAITING_DELIVERY", "Message sent, waiting for delivery", false},
		delivery.StateDelivered:           {"MESSAGE_DELIVERED", "Message sent and delivered", true},
		delivery.StateNetworkNotAllowed:   {"MESSAGE_NETWORK_NOT_ALLOWED", "Message not sent, network not allowed", true},
		delivery.StateNetworkNotAvailable: {"MESSAGE_NETWORK_NOT_AVAILABLE", "Message not sent, bulk or gateway offline", true},
		delivery.StateInvalidDestination:  {"MESSAGE_INVALID_DESTINATION_ADDRESS", "Message not sent, invalid destination address", true},
		delivery.StateUnknown:             {"MESSAGE_DELIVERY_UNKNOWN", "Message delivery unknown", true},
		delivery.StateInvalidSource:       {"INVALID_SOURCE_ADDRESS", "Message not sent, invalid source address", true},
		delivery.StateNoCredit:            {"NOT_ENOUGH_CREDITS", "Message not sent, not enough credits", true},
		delivery.StateRejected:            {"MESSAGE_REJECTED", "Message rejected", true},
		delivery.StateExpired:             {"MESSAGE_EXPIRED", "Message expired", true},
		delivery.StateSystemError:         {"SYSTEM_ERROR", "System error", true},
	}
	if len(tests) != 14 {
		t.Fatalf("the table has %d states, want the documented 14", len(tests))
	}
	for state, tt := range tests {
		t.Run(tt.wire, func(t *testing.T) {
			t.Parallel()
			if string(state) != tt.wire {
				t.Errorf("state = %q, want %q", string(state), tt.wire)
			}
			if got := state.Description(); got != tt.text {
				t.Errorf("Description() = %q, want %q", got, tt.text)
			}
			if got := state.Final(); got != tt.final {
				t.Errorf("Final() = %t, want %t", got, tt.final)
			}
		})
	}
}

func TestCallStatus(t *testing.T) {
	t.Parallel()
	tests := map[delivery.CallStatus]struct {
		wire  string
		state delivery.State
		taken bool
	}{
		delivery.CallBadRequest:          {"BAD_REQUEST", delivery.StateInvalidDestination, false},
		delivery.CallProcessing:          {"PROCESSING", delivery.StateWaiting, true},
		delivery.CallProcessed:           {"PROCESSED", delivery.StateDelivered, true},
		delivery.CallAnsweredMachine:     {"ANSWERED_MACHINE", delivery.StateDelivered, true},
		delivery.CallError:               {"ERROR", delivery.StateSystemError, false},
		delivery.CallNotEnoughCredits:    {"ERROR_NOT_ENOUGH_CREDITS", delivery.StateNoCredit, false},
		delivery.CallNetworkNotAvailable: {"ERROR_NETWORK_NOT_AVAILABLE", delivery.StateNetworkNotAvailable, false},
		delivery.CallRouteNotAvailable:   {"ERROR_ROUTE_NOT_AVAILABLE", delivery.StateNetworkNotAllowed, false},
		delivery.CallUserBusy:            {"ERROR_USER_BUSY", delivery.StateNotDelivered, true},
		delivery.CallNoAnswer:            {"ERROR_NO_ANSWER", delivery.StateNotDelivered, true},
		delivery.CallUndefined:           {"UNDEFINED", delivery.StateUnknown, true},
	}
	if len(tests) != 11 {
		t.Fatalf("the table has %d statuses, want the documented 11", len(tests))
	}
	for status, tt := range tests {
		t.Run(tt.wire, func(t *testing.T) {
			t.Parallel()
			if string(status) != tt.wire {
				t.Errorf("status = %q, want %q", string(status), tt.wire)
			}
			if got := status.State(); got != tt.state {
				t.Errorf("State() = %q, want %q", got, tt.state)
			}
			if got := status.State().Description(); got == "" {
				t.Error("the state it counts as has no text")
			}
			if got := status.Taken(); got != tt.taken {
				t.Errorf("Taken() = %t, want %t", got, tt.taken)
			}
			if undone := status == delivery.CallProcessing; status.State().Final() == undone {
				t.Errorf("State().Final() = %t, want every status but PROCESSING to be final", status.State().Final())
			}
		})
	}
}
