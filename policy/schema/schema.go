// Package schema writes the policy's language as JSON Schema, draft 2020-12, for
// editors. It is made from the table that the decoder walks. What a schema cannot
// say (that a name exists, that one duration exceeds another) `sluice check` does.
package schema

import (
	"encoding/json"
	"strconv"

	"github.com/sluice-gateway/sluice/policy/internal/language"
)

// JSON is the schema, indented, with the fields in the order of the documentation.
func JSON() []byte {
	root := object{
		{"$schema", "https://json-schema.org/draft/2020-12/schema"},
		{"title", "Sluice policy"},
	}
	text, err := json.MarshalIndent(append(root, shape(&language.Policy)...), "", "  ")
	if err != nil {
		panic(err) // strings, numbers and objects of them
	}
	return append(text, '\n')
}

// object is a JSON object with its members in order.
type object []member

type member struct {
	name  string
	value any
}

// MarshalJSON writes the members as they stand.
func (o object) MarshalJSON() ([]byte, error) {
	out := []byte{'{'}
	for i, m := range o {
		value, err := json.Marshal(m.value)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			out = append(out, ',')
		}
		out = append(strconv.AppendQuote(out, m.name), ':')
		out = append(out, value...)
	}
	return append(out, '}'), nil
}

func shape(s *language.Shape) object {
	switch s.Kind {
	case language.Object:
		return fields(s)
	case language.Map:
		o := object{{"type", "object"}, {"additionalProperties", shape(s.Elem)}}
		o = append(o, member{"propertyNames", shape(&language.Shape{Kind: s.Key})})
		return positive(o, "minProperties", s.Min)
	case language.List:
		o := object{{"type", "array"}, {"items", shape(s.Elem)}}
		if s.Unique {
			o = append(o, member{"uniqueItems", true})
		}
		return positive(o, "minItems", s.Min)
	case language.Bool:
		return object{{"type", "boolean"}}
	case language.Word:
		return object{{"enum", s.Words}}
	case language.Integer:
		return object{{"type", "integer"}, {"minimum", s.Min}, {"maximum", s.Max}}
	case language.Decimal, language.Money:
		return object{{"type", []string{"number", "string"}},
			{"minimum", millionths(s.Min)}, {"maximum", millionths(s.Max)}, {"pattern", decimal}}
	case language.Amount:
		return object{{"type", []string{"number", "string"}},
			{"minimum", millionths(s.Min)}, {"maximum", s.Max}, {"pattern", decimal}}
	case language.Size:
		return object{{"type", []string{"string", "integer"}},
			{"minimum", s.Min}, {"maximum", s.Max}, {"pattern", whole[:len(whole)-1] + "(KiB|MiB|GiB)?$"}}
	case language.Text, language.Property:
		return object{{"type", "string"}, {"minLength", 1}, {"maxLength", language.MaxText}}
	case language.Schema:
		return object{{"anyOf", []object{{{"const", "request"}}, {{"type", "object"}}}}}
	case language.Template:
		return object{{"type", "string"}, {"minLength", 1}, {"maxLength", language.MaxTemplate}}
	default:
		return object{{"type", "string"}, {"pattern", patterns[s.Kind]}}
	}
}

func positive(o object, name string, v int64) object {
	if v > 0 {
		o = append(o, member{name, v})
	}
	return o
}

// millionths is a bound as a number of the schema.
func millionths(v int64) float64 { return float64(v) / 1e6 }

func fields(s *language.Shape) object {
	properties, required := object{}, []string{}
	for _, f := range s.Fields {
		property := append(object{{"description", f.Doc}}, shape(f.Shape)...)
		if f.Default != "" {
			property = append(property, member{"default", json.RawMessage(f.Default)})
		}
		properties = append(properties, member{f.Name, property})
		if f.Required {
			required = append(required, f.Name)
		}
	}
	o := object{{"type", "object"}, {"properties", properties}, {"additionalProperties", false}}
	if len(required) > 0 {
		o = append(o, member{"required", required})
	}
	if s.OneOf != nil {
		var choices []object
		for _, name := range s.OneOf {
			choices = append(choices, object{{"required", []string{name}}})
		}
		o = append(o, member{"oneOf", choices})
	}
	return o
}
