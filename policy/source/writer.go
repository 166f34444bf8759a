package source

import (
	"bytes"
	"encoding/json"
	"strconv"

	"github.com/sluice-gateway/sluice/policy"
	"github.com/sluice-gateway/sluice/policy/internal/document"
)

// writer writes a tree as compact JSON and collects what no reader could agree on.
// Positions in the tree are line numbers.
type writer struct {
	out      []byte
	problems policy.Problems
}

func (w *writer) value(path string, n *document.Node) {
	switch n.Kind {
	case document.Null:
		w.out = append(w.out, "null"...)
	case document.Bool:
		w.out = append(w.out, n.Text...)
	case document.Number:
		w.number(path, n)
	case document.String:
		w.text(n.Text)
	case document.Array:
		w.out = append(w.out, '[')
		for i := range n.Kids {
			if i > 0 {
				w.out = append(w.out, ',')
			}
			w.value(document.Index(path, i), &n.Kids[i])
		}
		w.out = append(w.out, ']')
	case document.Object:
		w.object(path, n)
	}
}

func (w *writer) object(path string, n *document.Node) {
	first := make(map[string]int, len(n.Keys))
	w.out = append(w.out, '{')
	for i, key := range n.Keys {
		below := document.Join(path, key.Name)
		if earlier, ok := first[key.Name]; ok {
			w.problems = append(w.problems, policy.Problem{Path: below,
				Message: "duplicate key: lines " + strconv.Itoa(earlier) + " and " + strconv.Itoa(key.Pos) + "; keep one"})
		}
		first[key.Name] = key.Pos
		if i > 0 {
			w.out = append(w.out, ',')
		}
		w.text(key.Name)
		w.out = append(w.out, ':')
		w.value(below, &n.Kids[i])
	}
	w.out = append(w.out, '}')
}

// number takes -?(0|[1-9][0-9]*)(\.[0-9]+)? and no other form: 050 is eight times five
// for some readers and fifty for others, 50_000 a number for some and text for others.
func (w *writer) number(path string, n *document.Node) {
	digits := n.Text
	if digits != "" && digits[0] == '-' {
		digits = digits[1:]
	}
	whole, fraction, point := digits, "", false
	for i := range len(digits) {
		if digits[i] == '.' {
			whole, fraction, point = digits[:i], digits[i+1:], true
			break
		}
	}
	if !isDigits(whole) || len(whole) > 1 && whole[0] == '0' || point && !isDigits(fraction) {
		w.problems = append(w.problems, policy.Problem{Path: path,
			Message: "write the number " + shorten(n.Text) + " in plain decimal digits, such as 50000 or 0.15, or put it in quotes if it is meant as text (" + line(n.Pos) + ")"})
	}
	w.out = append(w.out, n.Text...)
}

func isDigits(text string) bool {
	for i := range len(text) {
		if text[i] < '0' || '9' < text[i] {
			return false
		}
	}
	return text != ""
}

func shorten(text string) string { return text[:min(len(text), 40)] }

func (w *writer) text(s string) {
	var quoted bytes.Buffer
	encoder := json.NewEncoder(&quoted)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(s) // a string into memory
	w.out = append(w.out, bytes.TrimSuffix(quoted.Bytes(), []byte("\n"))...)
}
