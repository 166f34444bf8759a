// Package render writes the gateway's own configuration from a policy, so that a
// policy file is the only thing that anybody writes by hand.
//
// What it writes is meant to be read and kept: every setting that is not
// obvious carries the reason why it is there.
package render

import (
	"errors"
	"io"

	"go.yaml.in/yaml/v3"

	"github.com/sluice-gateway/sluice/policy"
	"github.com/sluice-gateway/sluice/policy/normal"
)

// banner begins every rendered file.
const banner = `Written by "sluice render" from a policy: change the policy and render again.
Starts as it is in a stock Envoy from 1.37 on that has V8. No key is in this
file: the variables named under host_env_keys are read when Envoy starts.`

// Envoy writes a complete bootstrap for a stock Envoy.
func Envoy(w io.Writer, p *policy.Policy, opt Options) error {
	e, err := newEnvoy(p, opt)
	if err != nil {
		return err
	}
	return write(w, banner, object(
		e.node(),
		e.admin(),
		e.stats(),
		e.overload(),
		at("static_resources", object(
			at("listeners", list(e.listener())),
			at("clusters", e.clusters()),
		)),
	))
}

// EnvoyDynamic writes the same configuration as two files: a bootstrap without
// listeners, which tells Envoy to read them from the file listenerPath and to
// watch it, and the content of that file. A new policy with the same providers
// then takes effect without a restart and without a lost request: render the
// listener beside the file and rename it over the file (Envoy reacts to the
// rename, not to a write). A change of the providers needs a new bootstrap.
func EnvoyDynamic(bootstrap, listener io.Writer, p *policy.Policy, opt Options, listenerPath string) error {
	e, err := newEnvoy(p, opt)
	if err != nil {
		return err
	}
	return errors.Join(
		write(bootstrap, banner, object(
			e.node(),
			e.admin(),
			e.stats(),
			e.overload(),
			at("dynamic_resources", object(
				at("lds_config", object(
					at("resource_api_version", "V3"),
					at("path_config_source", object(
						at("path", listenerPath),
					)),
				)),
			)),
			at("static_resources", object(
				at("clusters", e.clusters()),
			)),
		)),
		write(listener, banner, object(
			at("resources", list(
				typed("envoy.config.listener.v3.Listener", e.listener()),
			)),
		)),
	)
}

// envoy is what the parts of an Envoy configuration are made from.
type envoy struct {
	machine  string // ends the names of what has the provider role, for a host that changes it while it serves
	policy   *policy.Policy
	rendered []byte // the policy, as the filter reads it
	opt      Options
	listen   address
	adminAt  address
	buffer   int64 // bytes of one body that Envoy keeps for the filter
	own      ownParts
	module   *module // nil: the file that opt.Wasm names
	onlyFor  string  // which errors are given our form, as a further condition; "" = all

	// inside names the internal listener by which a cluster reaches its endpoint; "" = it
	// connects by itself, as all do where this is nil.
	inside func(cluster string, to policy.Endpoint) string
	// written are the hosts that servers prove to be, by cluster, where the endpoint has another
	// name for the same.
	written map[string]string
}

func newEnvoy(p *policy.Policy, opt Options) (*envoy, error) {
	opt = opt.withDefaults()
	e := &envoy{policy: p, rendered: normal.Append(nil, p), opt: opt}
	_, err := normal.Read(e.rendered)
	if err != nil { // it has more values than the filter takes
		return nil, err
	}
	if e.listen, err = parseAddress("listen", opt.Listen); err != nil {
		return nil, err
	}
	if e.adminAt, err = parseAddress("admin", opt.Admin); err != nil {
		return nil, err
	}
	if e.buffer, err = bufferFor(p.Limits); err != nil {
		return nil, err
	}
	if e.own, err = parseOwn(opt.Filters); err != nil {
		return nil, err
	}
	return e, opt.CompanionTLS.check(p)
}

// node is this Envoy's name in its own log and towards a configuration server.
func (e *envoy) node() field {
	return at("node", object(
		at("id", "sluice"),
		at("cluster", "sluice"),
	))
}

// write encodes one file.
func write(w io.Writer, comment string, root *yaml.Node) error {
	return writeAll(w, comment, root)
}

// writeAll encodes several documents of one file, `---` between them.
func writeAll(w io.Writer, comment string, roots ...*yaml.Node) error {
	encoder := yaml.NewEncoder(w)
	encoder.SetIndent(2)
	said := map[string]bool{}
	for i, root := range roots {
		sayOnce(root, said)
		document := &yaml.Node{Kind: yaml.DocumentNode, Content: []*yaml.Node{root}}
		if i == 0 {
			document.HeadComment = comment
		}
		if err := encoder.Encode(document); err != nil {
			return err
		}
	}
	return encoder.Close()
}

// sayOnce keeps a comment where it stands first: the second provider's settings
// have the same reasons as the first one's.
func sayOnce(node *yaml.Node, said map[string]bool) {
	if said[node.HeadComment] {
		node.HeadComment = ""
	} else if node.HeadComment != "" {
		said[node.HeadComment] = true
	}
	for _, child := range node.Content {
		sayOnce(child, said)
	}
}
