package server

import (
	"github.com/pinpost/pinpost/internal/conform"
	"github.com/pinpost/pinpost/internal/fault"
)

// WordSchemaErrors says in our own words what kin-openapi found wrong, by member. The value at fault is never repeated.
// The words are those of package conform, which judges the exchanges of others too.
func WordSchemaErrors(err error, faults fault.Members) { conform.WordSchemaErrors(err, faults) }

func memberName(path []string) string { return conform.MemberName(path) }

func parameterText(err error) string { return conform.ParameterText(err) }
