package smshttp

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"
)

// Pointer is a JSON pointer as RFC 6901 has it, such as /messages/0/id. The empty one points to the whole document.
type Pointer string

var (
	errPointer = errors.New("must be a JSON pointer: empty, or parts that each begin with a slash, with ~0 for ~ and ~1 for /")
	errJSON    = errors.New("the body is not one JSON value")
)

// Fault says what keeps the pointer from being one, or nothing.
func (p Pointer) Fault() string {
	if p != "" && p[0] != '/' {
		return errPointer.Error()
	}
	for rest := string(p); ; {
		_, after, found := strings.Cut(rest, "~")
		if !found {
			return ""
		}
		if after == "" || after[0] != '0' && after[0] != '1' {
			return errPointer.Error()
		}
		rest = after
	}
}

// Find gives what the pointer points to.
func (p Pointer) Find(document any) (value any, found bool) {
	if p == "" {
		return document, true
	}
	for part := range strings.SplitSeq(string(p)[1:], "/") {
		part = strings.ReplaceAll(strings.ReplaceAll(part, "~1", "/"), "~0", "~")
		switch node := document.(type) {
		case map[string]any:
			document, found = node[part]
		case []any:
			document, found = element(node, part)
		default:
			found = false
		}
		if !found {
			return nil, false
		}
	}
	return document, true
}

// element reads an index, which has no leading zeros and no sign.
func element(list []any, part string) (any, bool) {
	i, err := strconv.Atoi(part)
	if err != nil || strconv.Itoa(i) != part || i < 0 || i >= len(list) {
		return nil, false
	}
	return list[i], true
}

// Text gives the text, number or truth value that the pointer points to, as written.
func (p Pointer) Text(document any) (string, bool) {
	value, found := p.Find(document)
	if !found {
		return "", false
	}
	switch v := value.(type) {
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	case bool:
		return strconv.FormatBool(v), true
	}
	return "", false
}

// ParseJSON reads a document for pointers; numbers keep their digits.
func ParseJSON(body []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var document any
	if err := decoder.Decode(&document); err != nil {
		return nil, errJSON // the decoder's own words hold parts of the body
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errJSON
	}
	return document, nil
}
