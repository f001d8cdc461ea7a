package message

import (
	"slices"
	"strings"

	"github.com/pinpost/pinpost/internal/fault"
)

// Speech says how a message is spoken in a call. The zero value is English at the usual rate, said again on no key.
//
// Source: the HTTP API of 2018 names the members, a later version of the documentation lists the languages.
type Speech struct {
	Language   string  // one of Languages; empty means en
	Rate       float64 // from MinSpeechRate to MaxSpeechRate; 0 means 1
	RepeatDTMF string  // keys that, pressed one after the other, have the message said again, such as "1#"
}

// Bounds of speech.
const (
	MinSpeechRate    = 0.5
	MaxSpeechRate    = 2
	MaxRepeatDTMF    = 8
	repeatDTMFSymbol = "0123456789*#"
)

// Languages gives the codes that a message may name.
func Languages() []string {
	return []string{
		"en", "es", "ca", "da", "nl", "fr", "de", "it", "ja", "ko", "no", "pl", "ru", "sv", "fi", "hr", "sl", "ro",
		"pt_pt", "pt_br", "zh_cn", "zh_tw",
	}
}

func (s Speech) validate(faults fault.Members) {
	if s.Language != "" && !slices.Contains(Languages(), s.Language) {
		faults.Addf("language", "must be one of %s", strings.Join(Languages(), ", "))
	}
	if s.Rate != 0 && !(s.Rate >= MinSpeechRate && s.Rate <= MaxSpeechRate) { // not a number is neither
		faults.Addf("speechRate", "must be from %v to %v", MinSpeechRate, MaxSpeechRate)
	}
	if len(s.RepeatDTMF) > MaxRepeatDTMF || strings.Trim(s.RepeatDTMF, repeatDTMFSymbol) != "" {
		faults.Addf("repeatDTMF", "must be at most %d digits, stars and hashes", MaxRepeatDTMF)
	}
}
