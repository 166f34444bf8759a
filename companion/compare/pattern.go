package compare

import (
	"slices"
	"strings"
)

// patterns are ways to put something, as in `how (do|can) (i|we) (best|)`: words, and
// choices of words in brackets of which one may be nothing. They are found by the words
// that they may begin with.
type patterns map[string][]pattern

type pattern struct {
	value string
	parts [][][]string // in order: the choices, each some words
}

func (p patterns) add(text, value string) {
	var parts [][][]string
	for text = strings.TrimSpace(text); text != ""; text = strings.TrimSpace(text) {
		if text[0] != '(' {
			end := strings.IndexByte(text, '(')
			if end < 0 {
				end = len(text)
			}
			parts = append(parts, [][]string{strings.Fields(text[:end])})
			text = text[end:]
			continue
		}
		inside, rest, ok := strings.Cut(text[1:], ")")
		if !ok || strings.Contains(inside, "(") {
			panic("compare: a pattern's brackets: " + text) // it was built in
		}
		var choices [][]string
		for c := range strings.SplitSeq(inside, "|") {
			choices = append(choices, strings.Fields(c))
		}
		parts, text = append(parts, choices), rest
	}
	firsts, _ := first(parts)
	for _, w := range firsts {
		p[w] = append(p[w], pattern{value, parts})
	}
}

// first gives the words that the parts may begin with, and whether they may be nothing.
func first(parts [][][]string) (words []string, nothing bool) {
	for _, part := range parts {
		empty := false
		for _, c := range part {
			if len(c) == 0 {
				empty = true
			} else if !slices.Contains(words, c[0]) {
				words = append(words, c[0])
			}
		}
		if !empty {
			return words, false
		}
	}
	return words, true
}

// longest finds the pattern that takes most of the tokens from their beginning; the last
// one added where two take as many.
func (p patterns) longest(in []token) (value string, n int) {
	if len(in) == 0 {
		return "", 0
	}
	for _, candidate := range p[as(&in[0])] {
		if m := taken(candidate.parts, in, 0); m >= n && m > 0 {
			value, n = candidate.value, m
		}
	}
	return value, n
}

// taken is how many tokens the parts take at most, -1 where they do not fit.
func taken(parts [][][]string, in []token, at int) int {
	if len(parts) == 0 {
		return at
	}
	most := -1
	for _, words := range parts[0] {
		if at+len(words) > len(in) {
			continue
		}
		fits := true
		for i, w := range words {
			if as(&in[at+i]) != w {
				fits = false
				break
			}
		}
		if fits {
			most = max(most, taken(parts[1:], in, at+len(words)))
		}
	}
	return most
}

// as is a token as a pattern has it.
func as(t *token) string {
	switch t.kind {
	case word:
		return t.text
	case number:
		return strings.ToLower(t.raw)
	}
	return ""
}
