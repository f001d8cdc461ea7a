package sandbox

import (
	"time"

	"github.com/pinpost/pinpost/internal/delivery"
)

// The documented outcomes of a number lookup.
const (
	ncUnknown       = "NC_DESTINATION_UNKNOWN"
	ncReachable     = "NC_DESTINATION_REACHABLE"
	ncNotReachable  = "NC_DESTINATION_NOT_REACHABLE"
	ncNotConfigured = "NC_NOT_CONFIGURED"
)

// table has the scenarios in the order of their numbers. People keep the numbers in their tests: add at the end only.
var table = []Scenario{
	{
		Name: "ok", Description: "The phone can be reached; texts are delivered, and a person takes calls.",
		NC: ncReachable, State: delivery.StateDelivered, Call: delivery.CallProcessed,
	},
	{
		Name: "lookup-unknown", Description: "The lookup cannot tell; the text is sent and delivered.",
		NC: ncUnknown, State: delivery.StateDelivered, Call: delivery.CallProcessed,
	},
	{
		Name:        "not-reachable",
		Description: "The lookup says no, and no text is sent; without a lookup it is sent and not delivered. Calls find no network.",
		NC:          ncNotReachable, State: delivery.StateNotSent, Call: delivery.CallNetworkNotAvailable,
	},
	{
		Name: "lookup-not-configured", Description: "No lookup is set up; the text is sent and delivered.",
		NC: ncNotConfigured, State: delivery.StateDelivered, Call: delivery.CallProcessed,
	},
	{
		Name: "refused", Description: "The carrier rejects the text; there is no route for calls.",
		SMSRefused: true, SMSClass: delivery.Rejected, State: delivery.StateRejected, Call: delivery.CallRouteNotAvailable,
	},
	{
		Name: "no-credit", Description: "The balance pays for neither text nor call.",
		SMSRefused: true, SMSClass: delivery.NoCredit, State: delivery.StateNoCredit, Call: delivery.CallNotEnoughCredits,
	},
	{
		Name: "slow", Description: "The carrier takes two seconds; then all is well.",
		Delay: 2 * time.Second, State: delivery.StateDelivered, Call: delivery.CallProcessed,
	},
	{
		Name: "receipt-first", Description: "The delivery receipt comes before the carrier's answer.",
		ReceiptFirst: true, State: delivery.StateDelivered, Call: delivery.CallProcessed,
	},
	{
		Name: "accepted", Description: "The carrier takes the text and never reports on it; a machine takes calls.",
		State: delivery.StateAccepted, Call: delivery.CallAnsweredMachine,
	},
	{
		Name: "waiting", Description: "The text waits for delivery for ever; calls never end.",
		State: delivery.StateWaiting, Call: delivery.CallProcessing,
	},
	{
		Name: "not-delivered", Description: "The text is sent and not delivered; nobody takes calls.",
		State: delivery.StateNotDelivered, Call: delivery.CallNoAnswer,
	},
	{
		Name: "expired", Description: "The text expires before it is delivered; the line is busy.",
		State: delivery.StateExpired, Call: delivery.CallUserBusy,
	},
	{
		Name: "unknown", Description: "What became of the text or call is not known.",
		State: delivery.StateUnknown, Call: delivery.CallUndefined,
	},
	{
		Name: "network-not-allowed", Description: "The network is not allowed for texts; there is no route for calls.",
		SMSRefused: true, SMSClass: delivery.Unauthorised, State: delivery.StateNetworkNotAllowed, Call: delivery.CallRouteNotAvailable,
	},
	{
		Name: "network-not-available", Description: "The gateway for texts is offline; calls find no network.",
		SMSRefused: true, SMSClass: delivery.LinkDown, State: delivery.StateNetworkNotAvailable, Call: delivery.CallNetworkNotAvailable,
	},
	{
		Name: "invalid-destination", Description: "There is no such phone.",
		SMSRefused: true, SMSClass: delivery.BadDestination, State: delivery.StateInvalidDestination, Call: delivery.CallBadRequest,
	},
	{
		Name: "invalid-source", Description: "The carrier takes the text and then reports an invalid sender; calls are refused too.",
		State: delivery.StateInvalidSource, Call: delivery.CallBadRequest,
	},
	{
		Name: "system-error", Description: "The carrier takes the text and then reports a system error; so do calls.",
		State: delivery.StateSystemError, Call: delivery.CallError,
	},
	{
		Name: "fixed-pin", Description: "The PIN is always 12345678, cut to its length.",
		Code: "12345678", State: delivery.StateDelivered, Call: delivery.CallProcessed,
	},
	{
		Name: "expired-pin", Description: "The PIN is delivered and expired at once.",
		Expired: true, State: delivery.StateDelivered, Call: delivery.CallProcessed,
	},
	{
		Name: "no-attempts", Description: "The PIN is delivered and has no attempts left.",
		Exhausted: true, State: delivery.StateDelivered, Call: delivery.CallProcessed,
	},
	{
		Name: "busy", Description: "The line is busy; texts are delivered.",
		State: delivery.StateDelivered, Call: delivery.CallUserBusy,
	},
	{
		Name: "no-answer", Description: "Nobody takes calls; texts are delivered.",
		State: delivery.StateDelivered, Call: delivery.CallNoAnswer,
	},
	{
		Name: "machine", Description: "A machine takes calls; texts are delivered.",
		State: delivery.StateDelivered, Call: delivery.CallAnsweredMachine,
	},
}
