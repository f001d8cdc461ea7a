// Package sandbox reads and steers a Pinpost sandbox from tests: it gives the messages that would have gone out, waits for
// one, makes calls fail, moves the clock, and keeps parallel tests apart.
//
// Make a [Client] with [New] from a client of the 2FA PIN API; address, credential, user agent and timeouts are that
// client's. A test of the main job sends a PIN with [client.Client.SendPIN], gets its message with [Client.Wait], and
// verifies the PIN that the message has. Nothing in it sleeps.
//
// # Worlds
//
// Applications, messages, PINs, limits, the inbox, faults and the clock belong to a world. An account is a world by
// itself. [Client.OpenWorld] opens a private one: a client made with its key is in it, and so is a client of the account
// made with [InWorld]. Worlds do not see each other, so a world for each test lets tests run side by side.
//
// # Cursors
//
// Each send and resend answers the place in the inbox right before its message. [client.ReadHeader] and [Cursor] read it;
// as After of a filter it gives that message and those behind it, whatever other tests do.
//
// # Values
//
// The types of messages, faults and so on are those of package github.com/pinpost/pinpost/api/sandbox, under the names
// listed here. In filters and inputs an empty member means any, or the default. Lengths of time are time.Duration;
// instants in messages are milliseconds since 1970 UTC, by the clock of the world.
//
// # Errors
//
// They are those of package client: a *client.APIError when the server refused, a *client.ResponseError when its answer
// cannot be read, and anything else when no answer came. Every method can give client.IsUnauthorized, and
// client.IsNotFound for a server that is no sandbox or a world that is not there. Texts of errors hold no PIN.
package sandbox
