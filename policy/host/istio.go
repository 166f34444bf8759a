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
	}
}()
