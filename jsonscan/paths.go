package jsonscan

import (
	"bytes"
	"strings"
)

// Paths are the places in a text whose values a handler wants to see. They are
// made once, never change, and may be shared by any number of scanners.
type Paths struct {
	document *node
}

// A node is one place on the way to a listed path.
type node struct {
	listed  bool
	path    int
	members map[string]*node
	element *node // of an array; all elements are one place
	deep    *node // what "**" says of all that is not listed by name
}

// NewPaths makes Paths from patterns and the number that Event.Path shall have
// at each, which is the caller's to choose; several patterns may share one.
//
//	""                    the document
//	"model"               a member of the document
//	"[]"                  each element of the document, an array
//	"messages[].content"  a member of each element of a member
//	"tools[].**"          every value inside each of the tools, at any depth,
//	                      but not the tool itself
//
// A value gets the number of the pattern that names it, and of the nearest "**"
// only if none does. A pattern names a place and not a type: at
// "messages[].content" there may come a string as well as an array. A member
// name with a dot, a bracket or "**" cannot be listed. NewPaths panics on a pattern
// that is none of these, as it is meant for tables in the source.
func NewPaths(patterns map[string]int) *Paths {
	document := &node{}
	for pattern, path := range patterns {
		n := document
		for rest := pattern; rest != ""; {
			var step string
			step, rest = cutStep(pattern, rest)
			n = n.step(step)
		}
		n.listed, n.path = true, path
	}
	document.inherit(nil)
	return &Paths{document: document}
}

// cutStep takes the first of "[]", "**" or a name off rest.
func cutStep(pattern, rest string) (step, after string) {
	if strings.HasPrefix(rest, "[]") {
		step, after = "[]", rest[2:]
	} else if end := strings.IndexAny(rest, ".[]"); end >= 0 {
		step, after = rest[:end], rest[end:]
	} else {
		step = rest
	}
	dotted := strings.HasPrefix(after, ".")
	if dotted {
		after = after[1:]
	}
	switch {
	case step == "",
		step == "**" && (after != "" || dotted),
		dotted && (after == "" || after[0] == '['),
		after != "" && !dotted && !strings.HasPrefix(after, "[]"):
		panic("jsonscan: pattern " + string(AppendQuoted(nil, pattern)) + " is not of the form a.b[].c or a.**")
	}
	return step, after
}

func (n *node) step(step string) *node {
	switch step {
	case "[]":
		if n.element == nil {
			n.element = &node{}
		}
		return n.element
	case "**":
		if n.deep == nil {
			n.deep = &node{}
			n.deep.deep = n.deep
		}
		return n.deep
	}
	next := n.members[step]
	if next == nil {
		next = &node{}
		if n.members == nil {
			n.members = make(map[string]*node)
		}
		n.members[step] = next
	}
	return next
}

// inherit hands the nearest "**" down to the places that are only passed
// through on the way to a longer pattern.
func (n *node) inherit(deep *node) {
	if deep != nil && !n.listed {
		n.listed, n.path = true, deep.path
	}
	if n.deep == nil {
		n.deep = deep
	}
	for _, m := range n.members {
		m.inherit(n.deep)
	}
	if n.element != nil {
		n.element.inherit(n.deep)
	}
}

// member and elementOf are the places below n; nil means that nothing there is
// listed.
func (n *node) member(key []byte) *node {
	if n == nil {
		return nil
	}
	if m, ok := n.members[string(key)]; ok {
		return m
	}
	return n.deep
}

func (n *node) elementOf() *node {
	if n == nil {
		return nil
	}
	if n.element != nil {
		return n.element
	}
	return n.deep
}

// allPlaces is the place of every value when no paths are given. It is never
// changed.
var allPlaces = func() *node {
	n := &node{listed: true}
	n.deep = n
	return n
}()

// appendStep adds one step to a path in words: .name, name, ["odd name"], [3].
// A long name is cut, since the path may end up in a log.
func appendStep(dst, key []byte) []byte {
	const most = 64
	cut := key
	if len(key) > most {
		cut = bytes.ToValidUTF8(key[:most], nil)
	}
	if !plainName(cut) {
		dst = append(dst, '[')
		dst = AppendQuoted(dst, string(cut))
		return append(dst, ']')
	}
	if len(dst) > 0 {
		dst = append(dst, '.')
	}
	dst = append(dst, cut...)
	if len(cut) < len(key) {
		dst = append(dst, "…"...)
	}
	return dst
}

func plainName(key []byte) bool {
	for _, c := range key {
		if (c|0x20 < 'a' || c|0x20 > 'z') && (c < '0' || c > '9') && c != '_' && c != '-' {
			return false
		}
	}
	return len(key) > 0
}
