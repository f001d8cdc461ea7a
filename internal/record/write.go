package record

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
)

const fixtureFile = "fixture.json"

// fixture is what the cases start from: everything that was seen to exist, as it was first seen.
func (b *book) fixture() map[string]any {
	applications, messages, lookup := []any{}, []any{}, map[string]string{}
	for _, t := range b.order {
		state := t.first
		if t.of != nil {
			if state == nil {
				state = defaultMessage()
			}
			one := maps.Clone(state)
			one["messageId"], one["applicationId"] = t.id, t.of.id
			messages = append(messages, one)
			continue
		}
		if state == nil {
			state = defaults()
		}
		one := maps.Clone(state)
		one["applicationId"], one["processId"], one["account"] = t.id, t.processID, fakeUser
		applications = append(applications, one)
	}
	for number, said := range b.lookups {
		if fake := b.numbers[number]; fake != "" && said != unknownReach {
			lookup[fake] = said
		}
	}
	return map[string]any{
		"accounts":     []any{map[string]any{"user": fakeUser, "password": fakePassword, "keys": []string{fakeKey}}},
		"applications": applications, "messages": messages, "pins": []any{}, "lookup": lookup,
	}
}

// document writes a value as the files of api/testdata are written.
func document(value any) ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(value); err != nil {
		return nil, fmt.Errorf("write a case: %w", err)
	}
	return text.Bytes(), nil
}

func writeText(folder, name string, text []byte) error {
	file := filepath.Join(folder, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
		return fmt.Errorf("write the recording: %w", err)
	}
	if err := os.WriteFile(file, text, 0o600); err != nil {
		return fmt.Errorf("write the recording: %w", err)
	}
	return nil
}
