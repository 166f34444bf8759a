package render

import (
	"fmt"
	"regexp"
	"strconv"
	"time"

	"go.yaml.in/yaml/v3"
)

// The files are built as ordered trees of YAML nodes and not as Go maps or
// templates: the order is the one a reader wants, comments sit on the setting
// that they explain, and quoting is the encoder's business.

// field is one setting of an object.
type field struct {
	key, value *yaml.Node
}

// at is a setting: its name and its value, which is a string, an int64, a bool,
// a duration or a node.
func at(name string, value any) field {
	return field{key: text(name), value: scalar(value)}
}

// why puts a comment above a setting.
func (f field) why(comment string) field {
	f.key.HeadComment = comment
	return f
}

// object is a mapping, in the order given.
func object(fields ...field) *yaml.Node {
	node := &yaml.Node{Kind: yaml.MappingNode}
	for _, f := range fields {
		node.Content = append(node.Content, f.key, f.value)
	}
	return node
}

// with adds settings at the end of an object.
func with(object *yaml.Node, fields ...field) *yaml.Node {
	for _, f := range fields {
		object.Content = append(object.Content, f.key, f.value)
	}
	return object
}

// flow writes a node in one line.
func flow(node *yaml.Node) *yaml.Node {
	node.Style = yaml.FlowStyle
	return node
}

// list is a sequence.
func list(items ...*yaml.Node) *yaml.Node {
	return &yaml.Node{Kind: yaml.SequenceNode, Content: items}
}

// texts is a sequence of strings.
func texts(items ...string) *yaml.Node {
	node := list()
	for _, item := range items {
		node.Content = append(node.Content, text(item))
	}
	return node
}

// typed is an object that says which message it is, as Envoy wants it where any
// extension may stand.
func typed(message string, object *yaml.Node) *yaml.Node {
	mark := at("@type", "type.googleapis.com/"+message)
	object.Content = append([]*yaml.Node{mark.key, mark.value}, object.Content...)
	return object
}

// extension is an Envoy extension: its name and its typed configuration.
func extension(name, message string, fields ...field) *yaml.Node {
	return object(
		at("name", name),
		at("typed_config", typed(message, object(fields...))),
	)
}

func scalar(value any) *yaml.Node {
	switch v := value.(type) {
	case *yaml.Node:
		return v
	case string:
		return text(v)
	case bool:
		return plain("!!bool", strconv.FormatBool(v))
	case int64:
		return plain("!!int", strconv.FormatInt(v, 10))
	case time.Duration:
		return text(seconds(v))
	}
	panic(fmt.Sprintf("render: a setting cannot be a %T", value)) // a mistake in this package
}

// text leaves the quoting to the encoder, which knows when a string would be
// read as something else, but only by YAML 1.2: many read 1.1.
func text(value string) *yaml.Node {
	node := plain("!!str", value)
	if old.MatchString(value) {
		node.Style = yaml.SingleQuotedStyle
	}
	return node
}

// old are the strings that YAML 1.1 reads as a boolean or a number and 1.2 does not:
// https://yaml.org/type/bool.html, https://yaml.org/type/int.html.
var old = regexp.MustCompile(`^(?i:y|n|yes|no|on|off)$|^[-+]?[0-9][0-9_]*_[0-9_]*$|^[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?$`)

func plain(tag, value string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: tag, Value: value}
}

// block is a string in a block of its own, in which nothing needs quoting.
func block(value string) *yaml.Node {
	node := text(value)
	node.Style = yaml.LiteralStyle
	return node
}

// seconds is a duration as protobuf's JSON form has it.
func seconds(d time.Duration) string {
	return strconv.FormatFloat(d.Seconds(), 'f', -1, 64) + "s"
}
