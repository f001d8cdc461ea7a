// Package client calls the 2FA PIN API, version 1: it creates one-time PINs, has them sent to phones by SMS or by voice
// call, and verifies what people typed.
//
// Make a [Client] with [New], once, and share it: it is safe for use by many goroutines. An application (the limits) and
// a message in it (the text around the PIN) come first, each made once with [Client.CreateApplication] and
// [Client.CreateMessage]; from then on [Client.SendPIN] with both ids sends a PIN, and [Client.VerifyPIN] with the id
// that SendPIN answered checks it.
//
// # Values
//
// Requests and answers are the types of package api. Phone numbers are strings of digits (41793026727; a leading + is
// taken too), lengths of time are milliseconds, instants are milliseconds since 1970 UTC. Optional members are pointers:
// nil is left out and never sent as a zero value. new(true), new(int32(5)) and new("InfoSMS") make such pointers.
//
// # Errors
//
// A method returns its value or an error, never both. There are four kinds of errors:
//
//   - [*APIError]: the server refused or failed. It holds the status, the kind, a text, and how long to wait.
//     [IsInvalidArgument], [IsUnauthorized], [IsNotFound], [IsConflict], [IsTooManyRequests] and [IsUnavailable] tell
//     kinds apart.
//   - [*ResponseError]: the server answered success, but with something that cannot be read.
//   - [*SendError]: no answer came. It tells whether the request may have arrived.
//   - Anything else: the call cannot be made as it stands, and nothing was sent.
//
// Causes can be reached, so that for example errors.Is(err, context.DeadlineExceeded) holds when time ran out.
//
// A wrong PIN is none of these. [Client.VerifyPIN] returns an answer and no error for it; see [OutcomeOf].
//
// # Retries and time
//
// A call is tried up to three times ([WithRetries]), within the 80 seconds of [WithTimeout] and the time of its context;
// [WithTryTimeout] bounds each try. A try is repeated when its connection was never made, when the server answered 429 or
// 503, and, for operations that only read or that update, when the answer did not come or broke off. VerifyPIN and
// creations are not repeated then, as they may have been carried out. The wait in between is half a second, doubles up to
// five, and is up to a quarter shorter by chance; a Retry-After of up to 30 seconds takes its place, and a longer one is
// returned at once. So is a failure after which there is no time left to wait.
//
// Each send and resend carries an idempotency key ([WithIdempotencyKey]), the same in all its tries. One that broke is
// repeated only when earlier answers to sends said that the server knows keys. A PIN thus goes out once at most for each
// call. After a [*ResponseError], or a [*SendError] with Sent, it may have gone out.
//
// # Watching
//
// [WithLogger] logs each try, at level debug, and each that will be repeated, at level warn. [WithHook] tells a function of
// yours the operation, the template of its path, status, time taken, kind of failure and request ID; of headers it shows
// the values of a few harmless ones. Neither sees keys, ids, bodies, queries, PINs or phone numbers.
//
// Package client/otelpinpost makes OpenTelemetry spans of calls and tries, and tells the server of them (traceparent).
//
// # Beside the API
//
// Package client/sandbox reads and steers a Pinpost sandbox through a Client. It is built on [Client.Do], which calls any
// path of the server as all calls are made, and [Decode], which reads an answer. [ReadHeader] shows the header of a send's
// answer.
//
// # Secrets
//
// The texts of errors hold no key, password, PIN or phone number, apart from what the error object of the server itself
// says in its text.
package client
