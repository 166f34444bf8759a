package document

import "github.com/sluice-gateway/sluice/jsonscan"

// Append appends a value as JSON, without spaces.
func (n *Node) Append(b []byte) []byte {
	switch n.Kind {
	case Null:
		return append(b, "null"...)
	case Bool, Number:
		return append(b, n.Text...)
	case String:
		return jsonscan.AppendQuoted(b, n.Text)
	}
	brackets := "[]"
	if n.Kind == Object {
		brackets = "{}"
	}
	b = append(b, brackets[0])
	for i := range n.Kids {
		if i > 0 {
			b = append(b, ',')
		}
		if n.Kind == Object {
			b = append(jsonscan.AppendQuoted(b, n.Keys[i].Name), ':')
		}
		b = n.Kids[i].Append(b)
	}
	return append(b, brackets[1])
}
