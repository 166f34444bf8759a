package render

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// plugin is Sluice as Istio's own API has it.
func (i *istio) plugin() *yaml.Node {
	spec := object()
	if len(i.opt.Targets) > 0 {
		with(spec, at("targetRefs", targetRefs(i.opt.Targets)))
	} else {
		with(spec, at("selector", object(at("matchLabels", object(i.selector...)))).
			why("The pods' own labels. A waypoint takes no selector: attach it with --target."))
	}
	if i.opt.Traffic != "" {
		with(spec, at("match", list(flow(object(at("mode", strings.ToUpper(i.opt.Traffic)))))).
			why("CLIENT: the calls that the pod makes. SERVER: those that are made to it."))
	}
	with(spec,
		at("phase", "STATS").
			why("Behind authentication and authorization: the policy's identity is only as good as what\nhas set it."),
		at("priority", i.opt.Priority).
			why("Among the plugins of this phase: the highest is in front."),
	)
	if i.opt.API == trafficExtension {
		return i.kubernetes("extensions.istio.io/v1alpha1", trafficExtension, i.opt.Name, at("spec", with(spec, at("wasm", i.wasmConfig()))))
	}
	spec.Content = append(spec.Content, i.wasmConfig().Content...)
	return i.kubernetes("extensions.istio.io/v1alpha1", wasmPlugin, i.opt.Name, at("spec", spec))
}

// wasmConfig is what both kinds say of the module.
func (i *istio) wasmConfig() *yaml.Node {
	config := object(at("url", i.module.url))
	if i.module.sha256 != "" {
		with(config, at("sha256", i.module.sha256).
			why("Of an image it is the digest of its manifest. What has another one is not run."))
	}
	if i.opt.PullSecret != "" {
		with(config, at("imagePullSecret", i.opt.PullSecret))
	}
	with(config,
		at("type", "HTTP"),
		at("failStrategy", "FAIL_RELOAD").
			why("Should the module trap, the requests of that worker thread fail and a fresh VM takes\nthe next ones. Never FAIL_OPEN: requests would pass uncounted, also when the module\ncannot be fetched."),
	)
	if names := i.credentials(); len(names) > 0 {
		env := list()
		for _, name := range names {
			env.Content = append(env.Content, flow(object(at("name", name), at("valueFrom", "HOST"))))
		}
		with(config, at("vmConfig", object(at("env", env))).
			why("The provider's key, by name. A variable that the proxy's container lacks is simply not\nthere: the filter then refuses what would need it."))
	}
	return with(config, at("pluginConfig", flow(fromJSON(i.edgeConfiguration()))).
		why("The policy, with its defaults filled in: durations in ms, money in micro-dollars."))
}

// fromJSON is a JSON text as YAML, quoted as it is: Istio takes no text here, and kubectl reads
// YAML 1.1, to which a plain `on` is a boolean.
func fromJSON(text string) *yaml.Node {
	var document yaml.Node
	if err := yaml.Unmarshal([]byte(text), &document); err != nil {
		panic("render: the module's configuration is no JSON") // a mistake in package normal
	}
	return document.Content[0]
}
