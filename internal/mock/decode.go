package mock

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// decode reads YAML (and so JSON) into the struct that out points to. It is strict
// where the YAML library is not: an unknown field, a field given twice and a value of
// the wrong kind are errors that begin with the path.
func decode(text []byte, out any) error {
	var document yaml.Node
	if err := yaml.Unmarshal(text, &document); err != nil {
		return fmt.Errorf("%s", strings.TrimPrefix(err.Error(), "yaml: "))
	}
	if document.Kind == 0 {
		return nil // nothing but comments
	}
	return decodeNode(document.Content[0], reflect.ValueOf(out).Elem(), "")
}

func decodeNode(n *yaml.Node, out reflect.Value, path string) error {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if out.Kind() == reflect.Pointer {
		if n.Tag == "!!null" {
			return nil
		}
		out.Set(reflect.New(out.Type().Elem()))
		return decodeNode(n, out.Elem(), path)
	}
	if out.Type() == reflect.TypeFor[ToolCall]() {
		return decodeToolCall(n, out, path)
	}
	switch out.Kind() {
	case reflect.Struct:
		return decodeStruct(n, out, path)
	case reflect.Slice:
		if n.Kind != yaml.SequenceNode {
			return wrong(n, path, "a list")
		}
		for i, item := range n.Content {
			value := reflect.New(out.Type().Elem()).Elem()
			if err := decodeNode(item, value, fmt.Sprintf("%s[%d]", path, i)); err != nil {
				return err
			}
			out.Set(reflect.Append(out, value))
		}
		return nil
	case reflect.Map:
		return decodeMap(n, out, path)
	}
	return decodeScalar(n, out, path)
}

func decodeStruct(n *yaml.Node, out reflect.Value, path string) error {
	return eachPair(n, path, func(key, value *yaml.Node, at string) error {
		field, ok := fieldNamed(out, key.Value)
		if !ok {
			return fmt.Errorf("%s: unknown field; there are %s", at, strings.Join(fieldNames(out.Type()), ", "))
		}
		return decodeNode(value, field, at)
	})
}

func decodeMap(n *yaml.Node, out reflect.Value, path string) error {
	out.Set(reflect.MakeMap(out.Type()))
	return eachPair(n, path, func(key, value *yaml.Node, at string) error {
		v := reflect.New(out.Type().Elem()).Elem()
		if err := decodeNode(value, v, at); err != nil {
			return err
		}
		out.SetMapIndex(reflect.ValueOf(key.Value), v)
		return nil
	})
}

// decodeToolCall lets arguments be written as a mapping.
func decodeToolCall(n *yaml.Node, out reflect.Value, path string) error {
	call := ToolCall{Arguments: "{}"}
	err := eachPair(n, path, func(key, value *yaml.Node, at string) error {
		switch {
		case key.Value == "name":
			return decodeNode(value, reflect.ValueOf(&call.Name).Elem(), at)
		case key.Value == "arguments" && value.Kind == yaml.ScalarNode:
			return decodeNode(value, reflect.ValueOf(&call.Arguments).Elem(), at)
		case key.Value == "arguments":
			var v any
			if err := value.Decode(&v); err != nil {
				return fmt.Errorf("%s: %w", at, err)
			}
			b, err := json.Marshal(v)
			if err != nil {
				return fmt.Errorf("%s: %w", at, err)
			}
			call.Arguments = string(b)
			return nil
		}
		return fmt.Errorf("%s: unknown field; there are name, arguments", at)
	})
	out.Set(reflect.ValueOf(call))
	return err
}

func eachPair(n *yaml.Node, path string, do func(key, value *yaml.Node, at string) error) error {
	if n.Kind != yaml.MappingNode {
		return wrong(n, path, "a mapping")
	}
	seen := map[string]bool{}
	for i := 0; i < len(n.Content); i += 2 {
		key := n.Content[i]
		at := strings.TrimPrefix(path+"."+key.Value, ".")
		if seen[key.Value] {
			return fmt.Errorf("%s: given twice", at)
		}
		seen[key.Value] = true
		if err := do(key, n.Content[i+1], at); err != nil {
			return err
		}
	}
	return nil
}

func decodeScalar(n *yaml.Node, out reflect.Value, path string) error {
	if n.Kind != yaml.ScalarNode {
		return wrong(n, path, kindName(out))
	}
	if out.Type() == reflect.TypeFor[Duration]() {
		d, err := time.ParseDuration(n.Value)
		if err != nil || d < 0 {
			return wrong(n, path, "a duration such as 150ms or 2s")
		}
		out.SetInt(int64(d))
		return nil
	}
	switch out.Kind() {
	case reflect.String:
		if n.Tag == "!!null" {
			return wrong(n, path, "a text")
		}
		out.SetString(n.Value)
		return nil
	case reflect.Bool:
		if b, err := strconv.ParseBool(n.Value); err == nil && n.Tag == "!!bool" {
			out.SetBool(b)
			return nil
		}
	case reflect.Int, reflect.Int64:
		if i, err := strconv.ParseInt(n.Value, 10, 64); err == nil && i >= 0 {
			out.SetInt(i)
			return nil
		}
	case reflect.Uint64:
		if u, err := strconv.ParseUint(n.Value, 10, 64); err == nil {
			out.SetUint(u)
			return nil
		}
	case reflect.Float64:
		if f, err := strconv.ParseFloat(n.Value, 64); err == nil {
			out.SetFloat(f)
			return nil
		}
	}
	return wrong(n, path, kindName(out))
}

func wrong(n *yaml.Node, path, want string) error {
	got := "a mapping"
	switch {
	case n.Kind == yaml.SequenceNode:
		got = "a list"
	case n.Tag == "!!null":
		got = "nothing"
	case n.Kind == yaml.ScalarNode:
		got = strconv.Quote(n.Value)
	}
	if path == "" {
		path = "script"
	}
	return fmt.Errorf("%s: %s is not %s", path, got, want)
}

func kindName(v reflect.Value) string {
	switch v.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int64, reflect.Uint64:
		return "a whole number from 0"
	case reflect.Float64:
		return "a number"
	}
	return "a text"
}

// fieldNamed finds a field by its script tag, in embedded structs too.
func fieldNamed(v reflect.Value, name string) (reflect.Value, bool) {
	for i := range v.NumField() {
		if v.Type().Field(i).Anonymous {
			if f, ok := fieldNamed(v.Field(i), name); ok {
				return f, true
			}
		} else if v.Type().Field(i).Tag.Get("script") == name {
			return v.Field(i), true
		}
	}
	return reflect.Value{}, false
}

func fieldNames(t reflect.Type) []string {
	var names []string
	for i := range t.NumField() {
		if t.Field(i).Anonymous {
			names = append(names, fieldNames(t.Field(i).Type)...)
		} else {
			names = append(names, t.Field(i).Tag.Get("script"))
		}
	}
	return names
}
