package prompts

import (
	"fmt"
	"strings"
)

// language is one language of the API.
type language struct {
	code  string // as documented
	file  string // of its prompts
	voice string // as espeak-ng calls it
}

// languages are all that the API documents. Both kinds of written Chinese are read aloud in the same way, and its voice is
// the one that takes Latin text as pinyin: the other reads the numbers of the tones.
var languages = []language{
	{"en", "en", "en-us"},
	{"es", "es", "es"},
	{"ca", "ca", "ca"},
	{"da", "da", "da"},
	{"nl", "nl", "nl"},
	{"fr", "fr", "fr-fr"},
	{"de", "de", "de"},
	{"it", "it", "it"},
	{"ja", "ja", "ja"},
	{"ko", "ko", "ko"},
	{"no", "no", "nb"},
	{"pl", "pl", "pl"},
	{"ru", "ru", "ru"},
	{"sv", "sv", "sv"},
	{"fi", "fi", "fi"},
	{"hr", "hr", "hr"},
	{"sl", "sl", "sl"},
	{"ro", "ro", "ro"},
	{"pt_pt", "pt_pt", "pt"},
	{"pt_br", "pt_br", "pt-br"},
	{"zh_cn", "zh", "cmn-latn-pinyin"},
	{"zh_tw", "zh", "cmn-latn-pinyin"},
}

// Languages are the codes of all languages that there are prompts for.
func Languages() []string {
	codes := make([]string, len(languages))
	for i, l := range languages {
		codes[i] = l.code
	}
	return codes
}

// Code is the documented spelling of a language: pt-BR, as older clients write it, is pt_br, and nothing is en.
func Code(text string) string {
	if text == "" {
		return "en"
	}
	return strings.ReplaceAll(strings.ToLower(text), "-", "_")
}

// Voice is the voice of espeak-ng that the prompts of a language are spoken in.
func Voice(code string) (string, error) {
	l, err := find(code)
	return l.voice, err
}

// File is the name of the file with a language's prompts.
func File(code string) (string, error) {
	l, err := find(code)
	return l.file + ".ulaw", err
}

func find(code string) (language, error) {
	code = Code(code)
	for _, l := range languages {
		if l.code == code {
			return l, nil
		}
	}
	return language{}, fmt.Errorf("no prompts for language %q", code)
}
