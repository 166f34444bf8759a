package strict

import (
	"slices"
	"time"

	"github.com/sluice-gateway/sluice/policy/internal/document"
	"github.com/sluice-gateway/sluice/policy/internal/language"
)

// node is a value that has been held against its shape.
type node struct {
	shape *language.Shape
	path  string
	pos   int
	given bool   // it stands in the document, well-formed or not
	bad   bool   // it is not of its shape (a problem says so): rules pass over it
	odd   bool   // of Object: it has a field that the table has not (a problem says so)
	key   string // of a Map's element
	text  string // a scalar as written, without quotes
	num   int64  // of the kinds that are numbers, in the kind's unit; of Bool 0 or 1
	kids  []node // of an Object one for each field of the table, given or not

	kind document.Kind // of Amount: number or text
}

// at is the field of that name, which the table has.
func (n *node) at(field string) *node {
	for i := range n.shape.Fields {
		if n.shape.Fields[i].Name == field {
			return &n.kids[i]
		}
	}
	panic("strict: no field " + field)
}

// ok says that there is a well-formed value to look at.
func (n *node) ok() bool { return n.given && !n.bad }

func (n *node) yes() bool { return n.num != 0 }

func (n *node) duration() time.Duration { return time.Duration(n.num) * time.Millisecond }

// texts are a List's elements.
// has tells whether a node's shape has a field of that name.
func (n *node) has(name string) bool {
	return slices.ContainsFunc(n.shape.Fields, func(f language.Field) bool { return f.Name == name })
}

func (n *node) texts() []string {
	var texts []string
	for i := range n.kids {
		texts = append(texts, n.kids[i].text)
	}
	return texts
}

// conform holds one value against its shape.
func (c *checker) conform(shape *language.Shape, doc *document.Node, path string, pos int) node {
	n := node{shape: shape, path: path, pos: pos, given: true}
	switch shape.Kind {
	case language.Object:
		c.object(&n, doc)
	case language.Map:
		c.mapping(&n, doc)
	case language.List:
		c.list(&n, doc)
	default:
		n.bad = !n.scalar(doc)
	}
	if n.bad {
		c.reject(&n, mustBe(shape, doc))
	}
	return n
}

func (c *checker) object(n *node, doc *document.Node) {
	n.bad = doc.Kind != document.Object
	fields := n.shape.Fields
	n.kids = make([]node, len(fields))
	misspelt := make([]bool, len(fields))
	for i := range doc.Keys {
		key := doc.Keys[i]
		path := document.Join(n.path, key.Name)
		known := -1
		for f := range fields {
			if fields[f].Name == key.Name {
				known = f
			}
		}
		switch {
		case known < 0:
			message, meant := unknown(n.shape, key.Name)
			n.odd = true
			if meant >= 0 {
				misspelt[meant] = true
			}
			c.add(key.Pos, path, message)
		case n.kids[known].given:
			c.add(key.Pos, path, "duplicate field; keep one")
		default:
			n.kids[known] = c.conform(fields[known].Shape, &doc.Kids[i], path, doc.Kids[i].Pos)
		}
	}
	for f := range fields {
		if !n.kids[f].given {
			n.kids[f] = c.absent(n, &fields[f], misspelt[f])
		}
	}
	if !n.bad && n.shape.OneOf != nil {
		c.oneOf(n, misspelt)
	}
}

// oneOf checks that exactly one of those fields is given.
func (c *checker) oneOf(n *node, misspelt []bool) {
	var last *node
	var given []string
	meant := false
	for i := range n.kids {
		field := n.shape.Fields[i].Name
		if !slices.Contains(n.shape.OneOf, field) {
			continue
		}
		meant = meant || misspelt[i]
		if n.kids[i].given {
			given = append(given, field)
			last = later(&n.kids[i], last)
		}
	}
	switch {
	case len(given) == 0 && !meant:
		c.reject(n, "needs exactly one of "+enumerate(n.shape.OneOf, "and"))
	case len(given) > 1:
		c.reject(last, enumerate(given, "and")+" exclude each other; keep one of them")
	}
}

// absent is what a field is when it is left out. One mistake makes one problem: what
// is only misspelt is not missing as well.
func (c *checker) absent(parent *node, field *language.Field, misspelt bool) node {
	path := document.Join(parent.path, field.Name)
	if field.Default != "" {
		doc, _ := document.Parse(field.Default) // a test reads every default
		n := c.conform(field.Shape, &doc, path, parent.pos)
		n.given = false
		return n
	}
	if field.Required && !parent.bad && !misspelt {
		c.add(parent.pos, path, "missing; it "+want(field.Shape)+hint(field.Shape))
	}
	return node{shape: field.Shape, path: path, pos: parent.pos}
}

func (c *checker) mapping(n *node, doc *document.Node) {
	n.bad = doc.Kind != document.Object || int64(len(doc.Kids)) < n.shape.Min
	for i := range doc.Keys {
		key := doc.Keys[i]
		path := document.Join(n.path, key.Name)
		if !matches(n.shape.Key, key.Name) {
			c.add(key.Pos, path, "a name here "+want(&language.Shape{Kind: n.shape.Key}))
		}
		for earlier := range n.kids {
			if n.kids[earlier].key == key.Name {
				c.add(key.Pos, path, "duplicate name; keep one or rename it")
				break
			}
		}
		kid := c.conform(n.shape.Elem, &doc.Kids[i], path, doc.Kids[i].Pos)
		kid.key = key.Name
		n.kids = append(n.kids, kid)
	}
}

func (c *checker) list(n *node, doc *document.Node) {
	n.bad = doc.Kind != document.Array || int64(len(doc.Kids)) < n.shape.Min
	if doc.Kind != document.Array {
		return
	}
	for i := range doc.Kids {
		path := document.Index(n.path, i)
		kid := c.conform(n.shape.Elem, &doc.Kids[i], path, doc.Kids[i].Pos)
		for earlier := range n.kids {
			if n.shape.Unique && !kid.bad && n.kids[earlier].text == kid.text {
				c.reject(&kid, "already in "+n.kids[earlier].path+"; remove it")
				break
			}
		}
		n.kids = append(n.kids, kid)
	}
}
