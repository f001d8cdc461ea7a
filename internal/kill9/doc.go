// Package kill9 holds tests that end the service, and its database, with kill -9 again and again while clients call it, and
// that hold every later answer against all that was acknowledged before. .ci/peers and .ci/postgres run them.
package kill9
