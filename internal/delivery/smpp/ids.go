package smpp

import (
	"math/big"
	"strings"
)

// responseID gives the id of a submit_sm_resp as it is kept and as receiptID gives it.
func responseID(rule, id string) string {
	switch rule {
	case IDsHexToDecimal:
		return rebase(id, 16, 10)
	case IDsDecimalToHex:
		return rebase(id, 10, 16)
	}
	return receiptID(rule, id)
}

// receiptID gives the id of a receipt as responseID gave it.
func receiptID(rule, id string) string {
	switch rule {
	case IDsHexToDecimal:
		return rebase(id, 10, 10)
	case IDsDecimalToHex:
		return rebase(id, 16, 16)
	case IDsStripLeadingZeros:
		if bare := strings.TrimLeft(id, "0"); bare != "" {
			return bare
		}
		return id
	case IDsCaseFold:
		return strings.ToLower(id)
	}
	return id
}

// rebase writes a number in another base, without leading zeros. What is no number stays.
func rebase(id string, from, to int) string {
	// Ids have at most 65 octets; a stranger's longer one is not worth the arithmetic. A sign or underscore is no digit.
	if len(id) > 65 || strings.ContainsAny(id, "+-_") {
		return id
	}
	number, ok := new(big.Int).SetString(id, from)
	if !ok {
		return id
	}
	return number.Text(to)
}
