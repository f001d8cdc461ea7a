package delivery_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/pinpost/pinpost/internal/delivery"
)

func TestClassOf(t *testing.T) {
	t.Parallel()
	of := func(c delivery.Class) error { return &delivery.Error{Class: c, Carrier: "c", Code: "x", Err: io.EOF} }
	tests := map[string]struct {
		err   error
		class delivery.Class
		state delivery.State
		call  delivery.CallStatus
	}{
		"temporary trouble":      {of(delivery.Temporary), delivery.Temporary, delivery.StateNetworkNotAvailable, delivery.CallError},
		"throttled":              {of(delivery.Throttled), delivery.Throttled, delivery.StateNetworkNotAvailable, delivery.CallRouteNotAvailable},
		"link down":              {of(delivery.LinkDown), delivery.LinkDown, delivery.StateNetworkNotAvailable, delivery.CallRouteNotAvailable},
		"it may have gone out":   {of(delivery.Ambiguous), delivery.Ambiguous, delivery.StateUnknown, delivery.CallUndefined},
		"no such phone":          {of(delivery.BadDestination), delivery.BadDestination, delivery.StateInvalidDestination, delivery.CallNetworkNotAvailable},
		"rejected":               {of(delivery.Rejected), delivery.Rejected, delivery.StateRejected, delivery.CallRouteNotAvailable},
		"credentials refused":    {of(delivery.Unauthorised), delivery.Unauthorised, delivery.StateNetworkNotAllowed, delivery.CallRouteNotAvailable},
		"balance used up":        {of(delivery.NoCredit), delivery.NoCredit, delivery.StateNoCredit, delivery.CallNotEnoughCredits},
		"a wrapped refusal":      {fmt.Errorf("send: %w", of(delivery.NoCredit)), delivery.NoCredit, delivery.StateNoCredit, delivery.CallNotEnoughCredits},
		"a deadline that passed": {fmt.Errorf("send: %w", context.DeadlineExceeded), delivery.Ambiguous, delivery.StateUnknown, delivery.CallUndefined},
		"a refusal that says more than its deadline": {
			&delivery.Error{Class: delivery.LinkDown, Err: context.DeadlineExceeded},
			delivery.LinkDown, delivery.StateNetworkNotAvailable, delivery.CallRouteNotAvailable,
		},
		"anything else": {io.ErrUnexpectedEOF, delivery.Temporary, delivery.StateNetworkNotAvailable, delivery.CallError},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := delivery.ClassOf(tt.err); got != tt.class {
				t.Errorf("ClassOf = %d, want %d", got, tt.class)
			}
			if got := delivery.StateOf(tt.err); got != tt.state {
				t.Errorf("StateOf = %q, want %q", got, tt.state)
			}
			if got := delivery.CallStatusOf(tt.err); got != tt.call {
				t.Errorf("CallStatusOf = %q, want %q", got, tt.call)
			}
			// A refused message gives its place back, and one that may have gone out keeps it, over either channel.
			if got, want := delivery.CallStatusOf(tt.err).Taken(), tt.class == delivery.Ambiguous; got != want {
				t.Errorf("CallStatusOf.Taken() = %t, want %t", got, want)
			}
		})
	}
}

func TestError(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		err  delivery.Error
		want string
	}{
		"with a cause":    {delivery.Error{Carrier: "smsc1", Code: "0x0b", Err: io.EOF}, "carrier smsc1 refused (0x0b): EOF"},
		"without a cause": {delivery.Error{Carrier: "smsc1", Code: "0x0b"}, "carrier smsc1 refused (0x0b)"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := tt.err.Error(); got != tt.want {
				t.Errorf("Error() = %q, want %q", got, tt.want)
			}
			if got := errors.Is(&tt.err, io.EOF); got != (tt.err.Err != nil) {
				t.Errorf("errors.Is(EOF) = %t, want %t", got, tt.err.Err != nil)
			}
		})
	}
}
