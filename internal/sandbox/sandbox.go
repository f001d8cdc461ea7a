// Package sandbox is what a sandbox does beside the service: numbers whose outcome is chosen beforehand, planned faults,
// and clocks that can be moved forward. Everything it keeps belongs to a world, which is named by its account's id, and
// ends with the process.
package sandbox
