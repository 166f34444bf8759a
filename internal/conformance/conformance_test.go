package conformance

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/internal/envoy"
	"github.com/sluice-gateway/sluice/internal/wasmhost"
	"github.com/sluice-gateway/sluice/internal/wasmhost/hosttest"
)

// TestConformance runs all scenarios on all hosts that need no more than this tree and the
// package registries, and holds docs/conformance.md to what came of it.
func TestConformance(t *testing.T) {
	root := hosttest.Repository(t)
	wasm := hosttest.File(t, hosttest.Filter)
	b, err := StartBackends(root)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, b.Close()) })

	hosts := map[*Tier]Host{
		&WazeroEnvoy: Wazero{&WazeroEnvoy, wasmhost.Envoy, false},
		&WazeroKong:  Wazero{&WazeroKong, wasmhost.Kong, false},
		// The same columns, to the same cells.
		WazeroEnvoy.again("-ends-with-last"): Wazero{&WazeroEnvoy, wasmhost.Envoy, true},
		WazeroKong.again("-ends-with-last"):  Wazero{&WazeroKong, wasmhost.Kong, true},
	}
	for _, minor := range []int{4, 6, 7, 8} { // where render or the runtime is another: see host.Kong's limits
		tier := WazeroKong.older(minor)
		hosts[tier] = Wazero{tier, wasmhost.Kong, false}
	}
	for _, version := range envoy.TestVersions() {
		switch version {
		case envoy.OldestVersion:
			hosts[&EnvoyOldest] = Envoy{version, wasm}
		case envoy.DefaultVersion:
			hosts[&EnvoyNewest] = Envoy{version, wasm}
		default: // one that the environment asks for, which is no column
			hosts[&Tier{Name: "envoy"}] = Envoy{version, wasm}
		}
	}
	var columns Columns
	t.Run("hosts", func(t *testing.T) {
		for tier, host := range hosts {
			t.Run(tier.Name, func(t *testing.T) { Run(t, tier, host, b, &columns) })
		}
	})
	if !t.Failed() {
		columns.Know(t, root)
		columns.Hold(t, filepath.Join(root, "docs", "conformance.md"))
	}
}
