// Package otelpinpost makes OpenTelemetry spans of the calls of package client, and of client/sandbox. It is apart from
// them so that programs without OpenTelemetry do not bring it in.
//
// # Spans
//
// Each call is a span of kind client that is named after the operation, such as sendPinOverSms. It lasts from the call to
// its value or error, with all tries and the waits between them. Calls of Do last until the body is closed.
//
// Each try is a child of it, also of kind client, named after method and path, such as "POST /2fa/1/pin". It is what the
// semantic conventions call an HTTP client span: one request on the wire, and the parent of the server's span. A call that
// cannot be made, because an id is empty for example, has no span.
//
// Both have these attributes, all of few different values:
//
//	pinpost.operation          operationId of the contract, such as sendPinOverSms
//	http.request.method        GET, POST, PUT, DELETE
//	url.template               path of the contract, such as /2fa/1/pin/{pinId}/verify; never one with an id or a query
//	server.address             host of the base URL
//	server.port                its port, 443 or 80 where it has none
//	http.response.status_code  of the answer, for a call of the last one; left out when none came
//	http.request.resend_count  of a try, how many came before it; of a call, how many followed the first; left out when 0
//	error.type                 left out for success, see below
//
// Paths that no contract has, such as Do may call, have neither operation nor template, and spans named after the method.
//
// # Errors
//
// A call or try that failed has status Error, without a description, and says why in error.type:
//
//   - canceled or timeout, when its context or a timeout ended it;
//   - the kind of the error object, such as THROTTLE_EXCEPTION, when the server refused;
//   - the status, such as 502, when the refusal has no documented kind;
//   - NOT_SENT, NO_ANSWER, ANSWER_BROKEN or ANSWER_UNREADABLE, the constants of package client, when there was no answer to
//     read.
//
// A PIN that was not verified is an answer and no error, and what became of it is in no span. Neither are keys, PINs, phone
// numbers, ids, queries, bodies, or texts of the server.
package otelpinpost
