package source

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/sluice-gateway/sluice/policy"
	"github.com/sluice-gateway/sluice/policy/internal/document"
)

// maxNodes bounds what a text may expand to through its aliases.
const maxNodes = 100_000

// parseYAML reads one YAML document. Aliases stand for a copy of their anchor; merge
// keys, tags and keys that are no text are refused, because readers of YAML differ on
// them. Positions are line numbers.
func parseYAML(text []byte) (*document.Node, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	var doc, more yaml.Node
	if err := decoder.Decode(&doc); errors.Is(err, io.EOF) {
		return nil, problem("", "the file is empty; a policy begins with version: 1")
	} else if err != nil {
		return nil, syntax(text, err)
	}
	if err := decoder.Decode(&more); err == nil {
		return nil, problem(line(more.Line), "a second document begins; a policy is one document")
	} else if !errors.Is(err, io.EOF) {
		return nil, syntax(text, err)
	}
	c := converter{}
	root := c.value("", &doc, 0)
	if len(c.problems) > 0 {
		return nil, &c.problems
	}
	return &root, nil
}

// syntax is yaml's error with its line in front and, for its most frequent cause, the
// remedy: yaml itself says "found character that cannot start any token".
func syntax(text []byte, err error) *policy.Problems {
	for i, content := range bytes.Split(text, []byte("\n")) {
		if bytes.HasPrefix(bytes.TrimLeft(content, " "), []byte("\t")) {
			return problem(line(i+1), "indented with a tab; YAML wants spaces")
		}
	}
	message := strings.TrimPrefix(err.Error(), "yaml: ")
	if at, rest, ok := strings.Cut(message, ": "); ok && strings.HasPrefix(at, "line ") {
		return problem(at, "not YAML: "+oneLine(rest))
	}
	return problem("", "not YAML: "+oneLine(message))
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

type converter struct {
	nodes    int
	problems policy.Problems
}

func (c *converter) add(path string, n *yaml.Node, message string) {
	c.problems = append(c.problems, policy.Problem{Path: path, Message: message + " (" + line(n.Line) + ")"})
}

// value converts one node and what is below it. After too many it gives up, once.
func (c *converter) value(path string, n *yaml.Node, depth int) document.Node {
	out := document.Node{Pos: n.Line}
	if c.nodes++; c.nodes > maxNodes || depth > document.MaxDepth {
		if c.nodes < 2*maxNodes {
			c.nodes = 2 * maxNodes
			c.add(path, n, "nested or aliased into more than "+strconv.Itoa(maxNodes)+" values or "+
				strconv.Itoa(document.MaxDepth)+" levels; does an anchor contain its own alias?")
		}
		return out
	}
	switch n.Kind {
	case yaml.DocumentNode:
		return c.value(path, n.Content[0], depth)
	case yaml.AliasNode:
		return c.value(path, n.Alias, depth+1)
	case yaml.MappingNode:
		out.Kind = document.Object
		c.mapping(path, n, depth, &out)
	case yaml.SequenceNode:
		out.Kind = document.Array
		for i, element := range n.Content {
			out.Kids = append(out.Kids, c.value(document.Index(path, i), element, depth+1))
		}
	default:
		out.Kind, out.Text = scalar(n)
	}
	if n.Style&yaml.TaggedStyle != 0 {
		c.add(path, n, "tags such as "+n.Tag+" are not supported; remove it")
	}
	return out
}

func (c *converter) mapping(path string, n *yaml.Node, depth int, out *document.Node) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		for key.Kind == yaml.AliasNode {
			key = key.Alias
		}
		below := document.Join(path, key.Value)
		switch kind, _ := scalar(key); {
		case key.Kind != yaml.ScalarNode:
			c.add(path, n.Content[i], "a key here is a list or a mapping; keys are text")
			continue
		case key.ShortTag() == "!!merge":
			c.add(below, n.Content[i], "merge keys are not supported; write the fields out, or use an alias for the whole value")
			continue
		case kind != document.String:
			c.add(below, n.Content[i], "this key is read as a number, a boolean or null; put it in quotes")
		}
		out.Keys = append(out.Keys, document.Member{Name: key.Value, Pos: n.Content[i].Line})
		out.Kids = append(out.Kids, c.value(below, n.Content[i+1], depth+1))
	}
}

// scalar is a plain value's type under the rules on which YAML 1.1, YAML 1.2 and JSON
// agree. A date stays the text it is; numbers are looked at by the writer.
func scalar(n *yaml.Node) (document.Kind, string) {
	switch n.ShortTag() {
	case "!!null":
		return document.Null, ""
	case "!!bool":
		return document.Bool, strings.ToLower(n.Value)
	case "!!int", "!!float":
		return document.Number, n.Value
	default:
		return document.String, n.Value
	}
}
