package render

import (
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/sluice-gateway/sluice/gateway"
	"github.com/sluice-gateway/sluice/policy"
)

// EnvoyInto writes the bootstrap of an Envoy that is there already, with Sluice's listener,
// clusters and labels of metrics in it, and a cluster by which the other listeners reach
// Sluice's. All else stays as it is, comments too; the admin
// interface and the limit on connections are that Envoy's own. What an earlier run has put
// in is replaced, so that a new policy takes the same command.
func EnvoyInto(w io.Writer, bootstrap []byte, p *policy.Policy, opt Options) error {
	e, err := newEnvoy(p, opt)
	if err != nil {
		return err
	}
	document, err := onlyDocument(bootstrap)
	if err != nil {
		return fmt.Errorf("into: %w", err)
	}
	listener, clusters, stats := list(e.listener()), e.clusters(), e.stats()
	clusters.Content = append(clusters.Content, e.loopback())
	sayOnce(list(listener, clusters), map[string]bool{})
	root := &member{node: document.Content[0]}
	static := root.object("static_resources")
	static.list("listeners").replace(listener.Content, func(name string) bool { return name == ListenerName })
	static.list("clusters").replace(clusters.Content, func(name string) bool {
		return strings.HasPrefix(name, gateway.ClusterPrefix) || strings.HasPrefix(name, gateway.AttemptsPrefix) || name == gateway.CompanionCluster || name == GatewayCluster
	})
	tags := root.object("stats_config").list("stats_tags")
	tags.drop(func(tag *yaml.Node) bool { return strings.Contains(valueOf(tag, "regex"), ourStats) })
	rules := get(stats.value, "stats_tags").Content
	rules[0].HeadComment = stats.key.HeadComment
	tags.add(rules)
	if err := root.problem(); err != nil {
		return fmt.Errorf("into: %w", err)
	}
	encoder := yaml.NewEncoder(w)
	encoder.SetIndent(2)
	if err := encoder.Encode(document); err != nil {
		return err
	}
	return encoder.Close()
}

// GatewayCluster is the cluster by which other listeners of the same Envoy reach Sluice's.
const GatewayCluster = "sluice_gateway"

// loopback leads to Sluice's own listener.
func (e *envoy) loopback() *yaml.Node {
	to := policy.Endpoint{Host: e.listen.host, Port: int(e.listen.port)}
	if host := netip.MustParseAddr(to.Host); host.IsUnspecified() {
		to.Host = map[bool]string{true: "127.0.0.1", false: "::1"}[host.Is4()]
	}
	return object(
		at("name", GatewayCluster),
		at("type", "STATIC"),
		at("connect_timeout", time.Second),
		at("circuit_breakers", object(
			at("thresholds", list(flow(object(
				at("max_connections", manyStreams),
				at("max_pending_requests", manyStreams),
				at("max_requests", manyStreams),
			)))),
		)),
		assignment(GatewayCluster, e.endpoint(GatewayCluster, to)),
	)
}

// ourStats is in every rule for the labels of our metrics.
const ourStats = `wasmcustom\.sluice_`

// onlyDocument reads a file of one mapping.
func onlyDocument(file []byte) (*yaml.Node, error) {
	var document yaml.Node
	decoder := yaml.NewDecoder(strings.NewReader(string(file)))
	switch err := decoder.Decode(&document); {
	case errors.Is(err, io.EOF):
		return nil, errors.New("the bootstrap is empty")
	case err != nil:
		return nil, err
	}
	if root := document.Content[0]; root.Kind != yaml.MappingNode {
		return nil, fmt.Errorf("line %d: want an Envoy bootstrap, which is a mapping", root.Line)
	}
	if more := decoder.Decode(new(yaml.Node)); !errors.Is(more, io.EOF) {
		return nil, errors.New("want one document, and there are more")
	}
	return &document, nil
}

// member is a part of somebody else's file.
type member struct {
	path  string
	node  *yaml.Node
	wrong *error // of the whole file: the first
}

func (m *member) problem() error {
	if m.wrong == nil {
		return nil
	}
	return *m.wrong
}

// object is the mapping of that name, which is made where there is none.
func (m *member) object(name string) *member { return m.member(name, yaml.MappingNode, "a mapping") }

// list is the list of that name, which is made where there is none.
func (m *member) list(name string) *member { return m.member(name, yaml.SequenceNode, "a list") }

func (m *member) member(name string, kind yaml.Kind, want string) *member {
	if m.wrong == nil {
		m.wrong = new(error)
	}
	path := strings.TrimPrefix(m.path+"."+name, ".")
	node := get(m.node, name)
	if node != nil && node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	switch {
	case node == nil:
		node = &yaml.Node{Kind: kind}
		m.node.Content = append(m.node.Content, text(name), node)
	case node.Kind == yaml.ScalarNode && node.Tag == "!!null": // listeners: with nothing behind it
		*node = yaml.Node{Kind: kind}
	case node.Kind != kind:
		if *m.wrong == nil {
			*m.wrong = fmt.Errorf("line %d: %s: want %s", node.Line, path, want)
		}
		node = &yaml.Node{Kind: kind} // which nobody sees
	}
	if len(node.Content) == 0 {
		node.Style = 0 // what is put into [] would be in one line
	}
	return &member{path, node, m.wrong}
}

// replace puts items in the place of those of their names, and of those that are ours.
func (m *member) replace(items []*yaml.Node, ours func(name string) bool) {
	names := map[string]bool{}
	for _, item := range items {
		names[valueOf(item, "name")] = true
	}
	m.drop(func(item *yaml.Node) bool {
		name := valueOf(item, "name")
		return names[name] || ours(name)
	})
	m.add(items)
}

func (m *member) drop(which func(*yaml.Node) bool) {
	kept := m.node.Content[:0:0]
	for _, item := range m.node.Content {
		if !which(item) {
			kept = append(kept, item)
		}
	}
	m.node.Content = kept
}

func (m *member) add(items []*yaml.Node) { m.node.Content = append(m.node.Content, items...) }

// get is the value of an object's member; nil where there is none.
func get(object *yaml.Node, name string) *yaml.Node {
	for i := 0; i+1 < len(object.Content); i += 2 {
		if object.Content[i].Value == name {
			return object.Content[i+1]
		}
	}
	return nil
}

// valueOf is an object's member that is a text, or "".
func valueOf(object *yaml.Node, name string) string {
	if object.Kind == yaml.AliasNode {
		object = object.Alias
	}
	if object.Kind != yaml.MappingNode {
		return ""
	}
	if value := get(object, name); value != nil {
		return value.Value
	}
	return ""
}
