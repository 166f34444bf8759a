package host

import (
	"strconv"

	"github.com/sluice-gateway/sluice/policy"
)

// Istio gives Sluice to its proxies in two shapes: an EnvoyFilter, with all that Envoy does
// (Istio), or a plain WasmPlugin (WasmPlugin).

var istioLimits = func() []limit {
	const (
		holds   = "a WasmPlugin has no allow_on_headers_stop_iteration: a request whose headers are held would hang"
		cluster = "asks the companion through Envoy's cluster sluice_companion, which a WasmPlugin cannot add"
		full    = "remove it, or render it with --shape full"
	)
	differs := func(why, instead string) map[Name]answer {
		return map[Name]answer{WasmPlugin: {why: why, instead: instead, warns: true}}
	}
	companion := map[Name]answer{WasmPlugin: {why: cluster, instead: full}}
	return []limit{
		{
			what:  "headers that wait for the body (`hold_headers`)",
			asked: func(p *policy.Policy, _ Host) []string { return when(p.HoldHeaders, "hold_headers") },
			on: map[Name]answer{WasmPlugin: {why: holds,
				instead: "write false, where one provider and no retries are enough, or render it with --shape full"}},
		},
		{
			what:  "`hold_headers: false`",
			asked: func(p *policy.Policy, _ Host) []string { return when(!p.HoldHeaders, "hold_headers") },
			on: map[Name]answer{Istio: {why: "false is for a WasmPlugin, which cannot hold them",
				instead: "write true, or render it with --shape plugin"}},
		},
		{
			what: "`cache`, `records.companion`",
			asked: func(p *policy.Policy, _ Host) []string {
				return append(when(p.Cache != nil && p.Cache.Enabled, "cache"), when(p.Records.Companion, "records.companion")...)
			},
			on: companion,
		},
		{
			what: "guards that are services, and rules by meaning",
			asked: func(p *policy.Policy, _ Host) (paths []string) {
				if p.Guards == nil {
					return nil
				}
				byMeaning := false
				for i, e := range p.Guards.External {
					if e.Service.Type == policy.Meaning {
						byMeaning = true
					} else {
						paths = append(paths, "guards.external["+strconv.Itoa(i)+"]")
					}
				}
				return append(paths, when(byMeaning, "guards.prompts")...)
			},
			on: companion,
		},
		{
			what:  "`limits.stream`",
			asked: func(*policy.Policy, Host) []string { return []string{"limits.stream"} },
			on: differs("a WasmPlugin does not write the timeout of a route",
				"the route that render writes with --gateway has it: give any other the same timeout"),
		},
		{
			what: "`limits.request_body` over 1 MiB",
			asked: func(p *policy.Policy, _ Host) []string {
				return when(p.Limits.RequestBody > bufferOfEnvoy, "limits.request_body")
			},
			on: differs("Envoy holds 1 MiB of a body, and answers 413 itself to a larger one, unless its listeners say otherwise, which a WasmPlugin cannot",
				"write 1MiB, or raise listenerPerConnectionBufferLimitBytes in the pods' proxy.istio.io/config (Istio 1.31)"),
		},
		{
			what:  "`records.access_log`",
			asked: func(p *policy.Policy, _ Host) []string { return when(p.Records.AccessLog, "records.access_log") },
			on: differs("a WasmPlugin does not write the proxy's access log",
				"add %FILTER_STATE(wasm.sluice_record:PLAIN)% to the mesh's accessLogFormat"),
		},
	}
}()

// bufferOfEnvoy is what Envoy's listeners hold of a body where nobody says otherwise.
const bufferOfEnvoy = 1 << 20
