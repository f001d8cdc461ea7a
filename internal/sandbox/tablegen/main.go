// Command tablegen writes the table of scenario numbers, as package sandbox has it, into the files that it is given: in
// place of what stands between two marker lines.
package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/pinpost/pinpost/internal/sandbox"
)

// The marker lines are comments of Markdown, which the description of an operation in OpenAPI is too.
const (
	beginMark = "<!-- scenarios -->"
	endMark   = "<!-- /scenarios -->"
)

func main() {
	for _, path := range os.Args[1:] {
		if err := rewrite(path); err != nil {
			_, _ = fmt.Fprintf(os.Stderr, "tablegen: %s: %v\n", path, err)
			os.Exit(1)
		}
	}
}

// rewrite brings the table of one file up to date.
func rewrite(path string) error {
	old, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	text, err := replace(string(old))
	if err != nil || text == string(old) {
		return err
	}
	return os.WriteFile(path, []byte(text), 0o644) //nolint:gosec // everybody may read what is in the repository
}

// replace puts the table between the markers, as far to the right as they stand.
func replace(text string) (string, error) {
	before, rest, found := strings.Cut(text, beginMark)
	_, after, closed := strings.Cut(rest, endMark)
	if !found || !closed || strings.Contains(after, beginMark) {
		return "", errors.New("needs one line " + beginMark + " and after it one line " + endMark)
	}
	indent := before[strings.LastIndexByte(before, '\n')+1:]
	if strings.TrimLeft(indent, " ") != "" {
		return "", errors.New("has something before its marker " + beginMark)
	}
	var out strings.Builder
	out.WriteString(before + beginMark + "\n\n")
	for _, row := range rows() {
		out.WriteString(indent + "| " + strings.Join(row, " | ") + " |\n")
	}
	out.WriteString("\n" + indent + endMark + after)
	return out.String(), nil
}

// rows are those of the table, the two of its head included.
func rows() [][]string {
	head := []string{
		"Name", "Numbers", "Numbers with limits", "What happens", "`ncStatus`", "`smsStatus`", "`callStatus`", "Status of a text",
	}
	rule := make([]string, len(head))
	for i := range rule {
		rule[i] = "---"
	}
	all := [][]string{head, rule}
	for _, s := range sandbox.Scenarios() {
		nc, sms := s.SendAnswer()
		all = append(all, []string{
			s.Name, block(s, false), block(s, true), strings.ReplaceAll(s.Description, "|", `\|`),
			code(nc), code(sms), code(string(s.Call)), code(string(s.State)),
		})
	}
	return all
}

func block(s sandbox.Scenario, limited bool) string {
	first, last := s.Block(limited)
	return first.Digits() + "–" + last.Digits()
}

func code(value string) string { return "`" + value + "`" }
