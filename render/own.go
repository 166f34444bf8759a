package render

import (
	"errors"
	"fmt"

	"go.yaml.in/yaml/v3"
)

// ownParts are the parts of a configuration that the user wrote.
type ownParts struct {
	filters  []*yaml.Node
	clusters []*yaml.Node
}

// parseOwn reads Options.Filters. What is in the parts is Envoy's to judge.
func parseOwn(text []byte) (ownParts, error) {
	var own ownParts
	var document yaml.Node
	if err := yaml.Unmarshal(text, &document); err != nil {
		return own, fmt.Errorf("filters: %w", err)
	}
	if document.Kind == 0 {
		return own, nil // nothing given
	}
	root := document.Content[0]
	if root.Kind != yaml.MappingNode {
		return own, errors.New("filters: want a mapping with http_filters and clusters")
	}
	for i := 0; i < len(root.Content); i += 2 {
		name, value := root.Content[i].Value, root.Content[i+1]
		if name != "http_filters" && name != "clusters" {
			return own, fmt.Errorf("filters: line %d: %s: unknown field; there are http_filters and clusters", root.Content[i].Line, name)
		}
		if value.Kind != yaml.SequenceNode {
			return own, fmt.Errorf("filters: line %d: %s: want a list", value.Line, name)
		}
		if name == "http_filters" {
			own.filters = value.Content
		} else {
			own.clusters = value.Content
		}
	}
	return own, nil
}
