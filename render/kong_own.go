package render

import (
	"errors"
	"fmt"

	"go.yaml.in/yaml/v3"
)

// kongOwn are the parts of a Kong's entities that the user wrote.
type kongOwn struct {
	perService []*yaml.Node
	entities   []field
}

var errOwnKong = errors.New("filters: want a mapping with plugins and the entities that they need, such as consumers")

// plugins are those of one service.
func (o kongOwn) plugins() *yaml.Node {
	if len(o.perService) == 0 {
		return nil
	}
	return list(o.perService...)
}

// parseKongOwn reads KongOptions.Own. What is in the parts is Kong's to judge.
func parseKongOwn(text []byte) (kongOwn, error) {
	var own kongOwn
	var document yaml.Node
	if err := yaml.Unmarshal(text, &document); err != nil {
		return own, fmt.Errorf("filters: %w", err)
	}
	if document.Kind == 0 {
		return own, nil // nothing given
	}
	root := document.Content[0]
	if root.Kind != yaml.MappingNode {
		return own, errOwnKong
	}
	for i := 0; i < len(root.Content); i += 2 {
		key, value := root.Content[i], root.Content[i+1]
		switch key.Value {
		case "_format_version", "_transform", "services", "routes", "filter_chains":
			return own, fmt.Errorf("filters: line %d: %s: that part is rendered; write plugins and the entities that they need", key.Line, key.Value)
		case "plugins":
			own.perService = value.Content
		default:
			own.entities = append(own.entities, field{key, value})
		}
		if value.Kind != yaml.SequenceNode {
			return own, fmt.Errorf("filters: line %d: %s: want a list", value.Line, key.Value)
		}
	}
	return own, nil
}
