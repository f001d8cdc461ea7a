package conform

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"unicode/utf8"
)

// maxDepth is how deep objects and arrays may be nested.
const maxDepth = 32

// What is wrong with a text that is not the JSON we take. None of these repeats the text.
var (
	errUTF8      = errors.New("is not UTF-8")
	errSyntax    = errors.New("is not JSON")
	errTrailing  = errors.New("has something after the JSON value")
	ErrDepth     = errors.New("is nested too deeply")
	ErrDuplicate = errors.New("has a member twice")
)

// Decode decodes one JSON value as json.Unmarshal into any does, with numbers as json.Number, and refuses what the
// standard decoder lets pass: bad UTF-8, a member given twice, anything after the value, deep nesting.
func Decode(body []byte) (any, error) {
	if !utf8.Valid(body) {
		return nil, errUTF8
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	value, err := decodeValue(decoder, 0)
	if err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errTrailing
	}
	return value, nil
}

func decodeValue(decoder *json.Decoder, depth int) (any, error) {
	token, err := decoder.Token()
	if err != nil {
		return nil, errSyntax
	}
	delimiter, ok := token.(json.Delim)
	if !ok {
		return token, nil
	}
	if depth++; depth > maxDepth {
		return nil, ErrDepth
	}
	if delimiter == '[' {
		return decodeArray(decoder, depth)
	}
	return decodeObject(decoder, depth)
}

func decodeArray(decoder *json.Decoder, depth int) (any, error) {
	elements := []any{}
	for decoder.More() {
		element, err := decodeValue(decoder, depth)
		if err != nil {
			return nil, err
		}
		elements = append(elements, element)
	}
	if _, err := decoder.Token(); err != nil {
		return nil, errSyntax
	}
	return elements, nil
}

func decodeObject(decoder *json.Decoder, depth int) (any, error) {
	members := map[string]any{}
	for decoder.More() {
		token, err := decoder.Token()
		name, ok := token.(string)
		if err != nil || !ok {
			return nil, errSyntax
		}
		if _, twice := members[name]; twice {
			return nil, ErrDuplicate
		}
		if members[name], err = decodeValue(decoder, depth); err != nil {
			return nil, err
		}
	}
	if _, err := decoder.Token(); err != nil {
		return nil, errSyntax
	}
	return members, nil
}
