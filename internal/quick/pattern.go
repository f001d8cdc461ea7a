package quick

import (
	"math"
	"regexp"
	"regexp/syntax"
)

// pattern matches texts as a regular expression does. One that is a row of ASCII classes from beginning to end, each a number
// of times, is matched by steps, which is many times as fast.
type pattern struct {
	steps      []step // nil when the expression is not so simple
	expression *regexp.Regexp
}

// step is a class of ASCII characters, and how many of them there must be.
type step struct {
	class       [4]uint64
	least, most int
}

func newPattern(expression *regexp.Regexp) *pattern {
	return &pattern{stepsOf(expression.String()), expression}
}

func (p *pattern) matches(text []byte) bool {
	if p.steps == nil {
		return p.expression.Match(text)
	}
	return p.walk(text)
}

// walk takes as much as it can at each step. That is right because nothing a step could take too much of is wanted later.
func (p *pattern) walk(text []byte) bool {
	at := 0
	for i := range p.steps {
		s, from := &p.steps[i], at
		for at < len(text) && at-from < s.most && s.class[text[at]>>6]&(1<<(text[at]&63)) != 0 {
			at++
		}
		if at-from < s.least {
			return false
		}
	}
	return at == len(text)
}

func stepsOf(expression string) []step {
	tree, err := syntax.Parse(expression, syntax.Perl)
	if err != nil || tree.Op != syntax.OpConcat || len(tree.Sub) < 3 {
		return nil
	}
	last := len(tree.Sub) - 1
	if tree.Sub[0].Op != syntax.OpBeginText || tree.Sub[last].Op != syntax.OpEndText {
		return nil
	}
	var steps []step
	for _, sub := range tree.Sub[1:last] {
		more := stepOf(sub)
		if more == nil {
			return nil
		}
		steps = append(steps, more...)
	}
	if !settled(steps) {
		return nil
	}
	return steps
}

// settled tells that no step of a variable length shares a character with a step behind it, so that nothing has to be
// tried twice.
func settled(steps []step) bool {
	for i, s := range steps {
		for _, later := range steps[i+1:] {
			for j := range s.class {
				if s.least != s.most && s.class[j]&later.class[j] != 0 {
					return false
				}
			}
		}
	}
	return true
}

// stepOf gives the steps of one part of an expression, nil when it is anything but ASCII classes.
func stepOf(part *syntax.Regexp) []step {
	if part.Flags&syntax.FoldCase != 0 {
		return nil
	}
	least, most := 1, 1
	switch part.Op {
	case syntax.OpLiteral, syntax.OpCharClass:
		return classes(part)
	case syntax.OpQuest:
		least = 0
	case syntax.OpStar:
		least, most = 0, math.MaxInt
	case syntax.OpPlus:
		most = math.MaxInt
	case syntax.OpRepeat:
		if least, most = part.Min, part.Max; most < 0 {
			most = math.MaxInt
		}
	default:
		return nil
	}
	steps := classes(part.Sub[0])
	if len(steps) != 1 {
		return nil
	}
	steps[0].least, steps[0].most = least, most
	return steps
}

// classes gives a step for each character of a literal, or the one of a class.
func classes(part *syntax.Regexp) []step {
	var steps []step
	switch {
	case part.Flags&syntax.FoldCase != 0:
	case part.Op == syntax.OpLiteral:
		for _, char := range part.Rune {
			steps = append(steps, step{least: 1, most: 1})
			if !steps[len(steps)-1].add(char, char) {
				return nil
			}
		}
	case part.Op == syntax.OpCharClass:
		steps = []step{{least: 1, most: 1}}
		for i := 0; i < len(part.Rune); i += 2 {
			if !steps[0].add(part.Rune[i], part.Rune[i+1]) {
				return nil
			}
		}
	}
	return steps
}

// add puts a range of characters into a class. It is false when they are not ASCII.
func (s *step) add(from, to rune) bool {
	if to >= 0x80 {
		return false
	}
	for char := from; char <= to; char++ {
		s.class[char>>6] |= 1 << (char & 63)
	}
	return true
}
