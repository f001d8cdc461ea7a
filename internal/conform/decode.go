package conform

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"unicode/utf8"
)

// What is wrong with a text that is not one JSON value. None of these repeats the text.
var (
	errUTF8      = errors.New("is not UTF-8")
	errSyntax    = errors.New("is not JSON")
	errTrailing  = errors.New("has something after the JSON value")
	errDuplicate = errors.New("has a member twice")
)

// decode reads one JSON value, with numbers as they are written.
func decode(text []byte) (any, error) {
	if !utf8.Valid(text) {
		return nil, errUTF8
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, errSyntax
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errTrailing
	}
	return value, uniqueMembers(json.NewDecoder(bytes.NewReader(text)))
}

// uniqueMembers reads one value that is known to be JSON and refuses an object that has a name twice.
func uniqueMembers(decoder *json.Decoder) error {
	type level struct {
		names map[string]bool // nil in an array
		value bool            // a value comes next, not a name
	}
	var levels []level
	for {
		token, err := decoder.Token()
		if err != nil {
			return nil //nolint:nilerr // the end: the text was decoded before
		}
		top := len(levels) - 1
		inObject := top >= 0 && levels[top].names != nil
		if name, ok := token.(string); ok && inObject && !levels[top].value {
			if levels[top].names[name] {
				return errDuplicate
			}
			levels[top].names[name], levels[top].value = true, true
			continue
		}
		if inObject {
			levels[top].value = false
		}
		switch token {
		case json.Delim('{'):
			levels = append(levels, level{names: map[string]bool{}})
		case json.Delim('['):
			levels = append(levels, level{})
		case json.Delim('}'), json.Delim(']'):
			levels = levels[:top]
		}
	}
}
