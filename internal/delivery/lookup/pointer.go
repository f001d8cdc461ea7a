package lookup

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
)

var errNotJSON = errors.New("answer is not JSON")

// parseJSON reads an answer; numbers stay as they are written, as a network code may begin with a zero or be long.
func parseJSON(body []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var document any
	if err := decoder.Decode(&document); err != nil {
		return nil, errNotJSON // its cause may quote the answer
	}
	return document, nil
}

// point follows a JSON pointer (RFC 6901) to a text, a number or a truth value.
func point(document any, pointer string) (text string, found bool) {
	if pointer == "" {
		return "", false
	}
	unescape := strings.NewReplacer("~1", "/", "~0", "~")
	for _, step := range strings.Split(pointer, "/")[1:] {
		switch node := document.(type) {
		case map[string]any:
			document, found = node[unescape.Replace(step)]
			if !found {
				return "", false
			}
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(node) {
				return "", false
			}
			document = node[i]
		default:
			return "", false
		}
	}
	switch leaf := document.(type) {
	case string:
		return leaf, true
	case json.Number:
		return leaf.String(), true
	case bool:
		return strconv.FormatBool(leaf), true
	}
	return "", false
}
