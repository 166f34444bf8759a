package render

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"

	"go.yaml.in/yaml/v3"
)

// The names of the filter in its two roles.
const (
	edgeName     = "sluice"
	providerName = "sluice_provider"
)

// wasmFilter is Sluice itself, in the listener's filter chain: the edge role.
func (e *envoy) wasmFilter() *yaml.Node {
	return e.wasm(edgeName, e.edgeConfiguration(), "The policy, with its defaults filled in: durations in ms, money in micro-dollars.")
}

func (e *envoy) edgeConfiguration() string {
	machine := ""
	if e.machine != "" {
		machine = `"machine":"` + e.machine + `",`
	}
	return `{"role":"edge",` + machine + `"policy":` + string(e.rendered) + `}`
}

// providerFilter is Sluice in the filter chain in front of the providers. It has the
// machine of the edge role, and from it all else.
func (e *envoy) providerFilter() *yaml.Node {
	if e.module != nil {
		return discovered(providerName+e.machine, at("type_urls", texts(wasmType)))
	}
	return e.providerWasm()
}

func (e *envoy) providerWasm() *yaml.Node {
	filter := e.wasm(providerName, `{"role":"provider"}`, "")
	filter.Content[1] = text(providerName + e.machine)
	return filter
}

// machineOf tells one virtual machine from another: Envoy makes a new one for another module, and
// for other variables.
func (e *envoy) machineOf() (string, error) {
	vm, err := yaml.Marshal(e.vm())
	sum := sha256.Sum256(vm)
	return "@" + hex.EncodeToString(sum[:4]), err
}

func (e *envoy) wasm(name, configuration, why string) *yaml.Node {
	config := object(
		at("name", name),
		at("failure_policy", "FAIL_RELOAD").
			why("Should the module trap, the requests of that worker thread fail and a fresh VM takes\nthe next ones. Never FAIL_OPEN: requests would pass uncounted."),
		at("reload_config", object(
			at("backoff", flow(object(
				at("base_interval", 10*time.Millisecond),
				at("max_interval", time.Second),
			))),
		)).why("At once: by Envoy's default of 1 s the thread would refuse everything that long."),
	)
	if e.policy.HoldHeaders {
		with(config, at("allow_on_headers_stop_iteration", true).
			why("The policy's hold_headers: the filter keeps a request's headers back until it has\nread the body. Without this setting such a request would hang."))
	}
	with(config,
		at("vm_config", e.vm()),
		at("configuration", typed("google.protobuf.StringValue", object(
			at("value", block(configuration)).why(why),
		))),
	)
	return extension(name, "envoy.extensions.filters.http.wasm.v3.Wasm", at("config", config))
}

// vm is the virtual machine that every worker thread has one of.
func (e *envoy) vm() *yaml.Node {
	vm := object(
		at("vm_id", "sluice"),
		at("runtime", "envoy.wasm.runtime.v8"),
		at("code", e.code()),
	)
	if names := e.credentials(); len(names) > 0 {
		with(vm, at("environment_variables", object(
			at("host_env_keys", texts(names...)),
		)).why("The providers' keys and the companion's token, by name. A variable that Envoy's\nprocess lacks is simply not there: the filter then refuses what would need it."))
	}
	return vm
}

// code is where the module is.
func (e *envoy) code() *yaml.Node {
	if e.module != nil {
		return e.module.code()
	}
	return object(at("local", flow(object(at("filename", e.opt.Wasm)))))
}

// credentials are the names of the variables with the providers' keys and the
// companion's token, each once (Envoy refuses a name given twice).
func (e *envoy) credentials() []string {
	var names []string
	for _, provider := range e.policy.Providers {
		if name := provider.CredentialEnv; name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if name := e.policy.Companion.CredentialEnv; name != "" && e.policy.UsesCompanion() && !slices.Contains(names, name) {
		names = append(names, name)
	}
	return names
}
