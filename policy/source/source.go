// Package source reads a policy as people write it, YAML or JSON. On the way it becomes
// the canonical JSON that strict.Decode takes: the same fields in the same order, one way
// to write each value, and nothing that two YAML readers understand differently.
package source

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strconv"
	"unicode/utf8"

	"github.com/sluice-gateway/sluice/policy"
	"github.com/sluice-gateway/sluice/policy/internal/document"
	"github.com/sluice-gateway/sluice/policy/strict"
)

// MaxBytes bounds a policy's text.
const MaxBytes = 1 << 20

// Load reads the policy in a file. The error of a file that was read but must not be run
// is a *policy.Problems.
func Load(path string) (*policy.Policy, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, MaxBytes+1)) // it may be a pipe without an end
	if err != nil {
		return nil, err
	}
	return Policy(text)
}

// Policy reads the text of a policy. The error of a text that must not be run is a
// *policy.Problems.
func Policy(text []byte) (*policy.Policy, error) {
	canonical, err := Read(text)
	if err != nil {
		return nil, err
	}
	p, err := strict.Decode(canonical)
	if err != nil {
		return nil, err
	}
	if problems := findZones(p); len(problems) > 0 {
		return nil, &problems
	}
	return p, nil
}

// Read turns the text of a policy into canonical JSON. Its error is a *policy.Problems,
// whose paths are fields, or `line 7` where the text is not YAML at all.
func Read(text []byte) ([]byte, error) {
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	switch {
	case len(text) > MaxBytes:
		return nil, problem("", "longer than "+strconv.Itoa(MaxBytes)+" bytes: this is no policy")
	case len(bytes.TrimSpace(text)) == 0:
		return nil, problem("", "the file is empty; a policy begins with version: 1")
	case !utf8.Valid(text):
		return nil, problem(line(1+bytes.Count(text[:invalidUTF8(text)], []byte("\n"))), "not UTF-8; save the file as UTF-8")
	}
	root, err := parse(text)
	if err != nil {
		return nil, err
	}
	w := writer{}
	w.value("", root)
	if len(w.problems) > 0 {
		return nil, &w.problems
	}
	return w.out, nil
}

// parse reads JSON as JSON, and all else as YAML: JSON indented with tabs is not YAML.
func parse(text []byte) (*document.Node, error) {
	root, jsonErr := document.Parse(string(text))
	if jsonErr == nil {
		linesOf(text, &root)
		return &root, nil
	}
	node, err := parseYAML(text)
	var bad *document.SyntaxError
	if err != nil && bytes.TrimSpace(text)[0] == '{' && errors.As(jsonErr, &bad) {
		return nil, problem(line(1+bytes.Count(text[:bad.Pos], []byte("\n"))), "neither JSON ("+bad.Problem+") nor YAML")
	}
	return node, err
}

// linesOf replaces the offsets in a tree, which ascend in the order of the walk, by lines.
func linesOf(text []byte, root *document.Node) {
	at, line := 0, 1
	lineOf := func(pos int) int {
		line += bytes.Count(text[at:pos], []byte("\n"))
		at = pos
		return line
	}
	var walk func(n *document.Node)
	walk = func(n *document.Node) {
		n.Pos = lineOf(n.Pos)
		for i := range n.Kids {
			if n.Kind == document.Object {
				n.Keys[i].Pos = lineOf(n.Keys[i].Pos)
			}
			walk(&n.Kids[i])
		}
	}
	walk(root)
}

func problem(path, message string) *policy.Problems {
	return &policy.Problems{{Path: path, Message: message}}
}

func line(n int) string { return "line " + strconv.Itoa(n) }

func invalidUTF8(text []byte) int {
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return len(text)
}
