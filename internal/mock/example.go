package mock

import (
	"encoding/json"
	"slices"
	"strings"
)

// schema is the part of JSON Schema that example values are made from.
type schema struct {
	Type       any               `json:"type"` // a name or a list of names
	Properties json.RawMessage   `json:"properties"`
	Required   []string          `json:"required"`
	Items      json.RawMessage   `json:"items"`
	Enum       []json.RawMessage `json:"enum"`
	Const      json.RawMessage   `json:"const"`
	AnyOf      []json.RawMessage `json:"anyOf"`
	Ref        string            `json:"$ref"`
	Definition json.RawMessage   `json:"$defs"`
}

// exampleJSON is a value that follows the schema; {"answer": "…"} without one. It
// knows the subset that the vendors' structured outputs allow.
func exampleJSON(raw json.RawMessage, seed uint64) string {
	var root schema
	if len(raw) == 0 || json.Unmarshal(raw, &root) != nil {
		return `{"answer":"` + strings.Join(prose(seed, 6), "") + `"}`
	}
	definitions := map[string]json.RawMessage{}
	_ = json.Unmarshal(root.Definition, &definitions) // without it there are none
	var b strings.Builder
	writeExample(&b, raw, definitions, mix(seed), 0)
	return b.String()
}

// deepest ends schemas that refer to themselves.
const deepest = 8

func writeExample(b *strings.Builder, raw json.RawMessage, definitions map[string]json.RawMessage, seed uint64, depth int) {
	var s schema
	if depth > deepest || json.Unmarshal(raw, &s) != nil {
		b.WriteString("null")
		return
	}
	switch {
	case len(s.Const) > 0:
		b.Write(s.Const)
		return
	case len(s.Enum) > 0:
		b.Write(s.Enum[seed%uint64(len(s.Enum))])
		return
	case s.Ref != "":
		writeExample(b, definitions[strings.TrimPrefix(s.Ref, "#/$defs/")], definitions, seed, depth+1)
		return
	case len(s.AnyOf) > 0:
		writeExample(b, s.AnyOf[0], definitions, seed, depth+1)
		return
	}
	switch s.kind() {
	case "object":
		b.WriteByte('{')
		for i, name := range propertyNames(s.Properties, s.Required) {
			if i > 0 {
				b.WriteByte(',')
			}
			b.Write(marshal(name))
			b.WriteByte(':')
			writeExample(b, property(s.Properties, name), definitions, mix(seed+uint64(i)), depth+1)
		}
		b.WriteByte('}')
	case "array":
		b.WriteByte('[')
		if len(s.Items) > 0 && depth < deepest {
			writeExample(b, s.Items, definitions, seed, depth+1)
		}
		b.WriteByte(']')
	case "integer":
		b.Write(marshal(seed % 100))
	case "number":
		b.Write(marshal(float64(seed%1000) / 10))
	case "boolean":
		b.Write(marshal(seed%2 == 0))
	case "null":
		b.WriteString("null")
	default:
		b.Write(marshal(strings.Join(prose(seed, 2), "")))
	}
}

// kind is the first type that is not null.
func (s *schema) kind() string {
	switch t := s.Type.(type) {
	case string:
		return t
	case []any:
		for _, one := range t {
			if name, ok := one.(string); ok && name != "null" {
				return name
			}
		}
	}
	if len(s.Properties) > 0 {
		return "object"
	}
	return ""
}

// propertyNames is the required ones, or all where none is required, in the order of
// the schema.
func propertyNames(properties json.RawMessage, required []string) []string {
	var names []string
	d := json.NewDecoder(strings.NewReader(string(properties)))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil
	}
	for d.More() {
		name, err := d.Token()
		var value json.RawMessage
		if err != nil || d.Decode(&value) != nil {
			return nil
		}
		if text, ok := name.(string); ok && (len(required) == 0 || slices.Contains(required, text)) {
			names = append(names, text)
		}
	}
	return names
}

func property(properties json.RawMessage, name string) json.RawMessage {
	var all map[string]json.RawMessage
	_ = json.Unmarshal(properties, &all) // propertyNames has read it already
	return all[name]
}
