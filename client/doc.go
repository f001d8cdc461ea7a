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
// A method returns its value or an error, never both. There are three kinds of errors:
//
//   - [*APIError]: the server refused or failed. It holds the status, the kind, a text, and how long to wait.
//     [IsInvalidArgument], [IsUnauthorized], [IsNotFound], [IsTooManyRequests] and [IsUnavailable] tell kinds apart.
//   - [*ResponseError]: the server answered success, but with something that cannot be read.
//   - Anything else: no answer came, or nothing was sent at all. The cause can be reached, so that for example
//     errors.Is(err, context.DeadlineExceeded) holds when time ran out.
//
// A wrong PIN is none of these. [Client.VerifyPIN] returns an answer and no error for it; see [OutcomeOf].
//
// No request is repeated, so a PIN goes out once at most for each call. After a [*ResponseError] or an answer that did
// not come, it may have gone out all the same.
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
