//go:build istio

package istio

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/internal/conformance"
	"github.com/sluice-gateway/sluice/internal/mesh"
)

// TestConformance makes Istio's column of docs/conformance.md, in the shape full. What a plugin
// cannot do is refused when it is rendered: most of the policies there.
func TestConformance(t *testing.T) {
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	sluice(t)
	b, err := conformance.StartBackends(root)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, b.Close()) })
	var columns conformance.Columns
	t.Run("hosts", func(t *testing.T) { conformance.Run(t, &conformance.Istio, host{}, b, &columns) })
	if !t.Failed() {
		columns.HoldRecorded(t, root)
	}
}

// host is an Istio gateway as the suite has hosts.
type host struct{}

// Start implements conformance.Host.
func (host) Start(t testing.TB, p *conformance.Policy, b *conformance.Backends) conformance.Gateway {
	t.Helper()
	behind, err := conformance.StartProviders()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, behind.Close()) })
	// A port that is taken and at which nobody listens.
	nowhere, err := mesh.ReservePort()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, nowhere.Release()) })
	policy := b.Policy(p, append(behind.Addresses(), "http://nowhere", fmt.Sprintf("http://127.0.0.1:%d", nowhere.Number))...)

	m := serveModules(t, map[string][]byte{"/sluice.wasm": wasm})
	g := newGateway(t)
	objects := rendered(t, policy, g.options(m, "/sluice.wasm"))
	g.apply(t, objects)
	g.start(t, mesh.GatewayOptions{Env: conformance.Environment(), Bootstrap: bootstrapOf(t, objects)})
	g.serves(t)
	return &conformance.Proxy{URL: g.url, Log: g.Lines, Prometheus: g.Prometheus, Behind: behind}
}
