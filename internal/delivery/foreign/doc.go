// Package foreign starts peers that nobody of us wrote, for tests with the build tag peers: two SMSCs, phones, and the edge of a
// carrier of calls. Each ends with its test. A program that is missing fails the test.
package foreign
