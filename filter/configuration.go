//go:build wasip1

package main

import (
	"errors"

	"github.com/sluice-gateway/sluice/jsonscan"
)

// The roles.
const (
	edgeRole     = "edge"     // in the listener's filter chain
	providerRole = "provider" // in the filter chain in front of the providers
)

// configuration is what `sluice render` writes for the plugin:
// {"role":"edge","policy":{…}} with the policy as package normal writes it, or
// {"role":"provider"}, which takes all it needs from the edge role. For a host whose route
// says where a request goes (Kong) it is {"role":"edge","provider":"NAME","policy":{…}}, one
// for each route, with the provider that the route's service is. Where a new machine takes the
// place of one that serves (Istio) it is {"role":"edge","machine":"TEXT","policy":{…}}, and the
// clusters with this machine's provider role end in that text.
type configuration struct {
	role     []byte
	provider []byte
	machine  []byte
	policy   []byte // as written
}

var configurationPaths = jsonscan.NewPaths(map[string]int{"role": 1, "policy": 2, "provider": 3, "machine": 4})

func readConfiguration(text []byte) (configuration, error) {
	var c configuration
	if len(text) == 0 {
		return c, errors.New("the plugin's configuration is empty (sluice render writes it)")
	}
	err := jsonscan.Scan(text, jsonscan.HandlerFunc(func(e *jsonscan.Event) error {
		switch {
		case e.Path == 1 && e.Kind == jsonscan.StringChunk:
			c.role = append(c.role, e.Text...)
		case e.Path == 3 && e.Kind == jsonscan.StringChunk:
			c.provider = append(c.provider, e.Text...)
		case e.Path == 4 && e.Kind == jsonscan.StringChunk:
			c.machine = append(c.machine, e.Text...)
		case e.Path == 2 && e.Kind == jsonscan.EndObject:
			c.policy = text[e.Start:e.End]
		}
		return nil
	}), jsonscan.Options{Paths: configurationPaths})
	if err != nil {
		return c, errors.New("the plugin's configuration: " + err.Error())
	}
	if role := string(c.role); role != edgeRole && role != providerRole {
		return c, errors.New(`the plugin's configuration has role "` + role + `"; there are "edge" and "provider" (sluice render writes the configuration)`)
	}
	return c, nil
}
