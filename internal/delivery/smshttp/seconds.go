package smshttp

import "time"

// Rest is the validity of a text in whole units, rounded up, between least and most; 0 for a text that has none. A text
// that came a moment after its PIN ended does less harm than one that never comes.
func Rest(validity, unit time.Duration, least, most int64) int64 {
	if validity <= 0 {
		return 0
	}
	units := int64((validity + unit - 1) / unit)
	return min(max(units, least), most)
}
