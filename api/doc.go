// Package api holds the wire types of the 2FA PIN API, version 1, generated from openapi.yaml. Both package client and
// the server speak in these types; they bring nothing but the standard library with them.
//
// Phone numbers are strings of digits (41793026727; requests may have a leading +), lengths of time are int64
// milliseconds, instants are int64 milliseconds since 1970 UTC, and optional members are pointers, nil when left out.
package api
