package conformance

import (
	"bytes"
	"context"
	"fmt"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/internal/envoy"
	"github.com/sluice-gateway/sluice/policy/source"
	"github.com/sluice-gateway/sluice/render"
)

// Envoy is a stock Envoy, with the bootstrap that `sluice render` writes.
type Envoy struct {
	Version string
	Wasm    string // the module's file
}

// Start implements Host.
func (h Envoy) Start(t testing.TB, p *Policy, b *Backends) Gateway {
	t.Helper()
	providers, err := StartProviders()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, providers.Close()) })
	parsed, err := source.Policy([]byte(b.Policy(p, append(providers.Addresses(), "http://nowhere", nowhere(t))...)))
	require.NoError(t, err)
	var bootstrap bytes.Buffer
	require.NoError(t, render.Envoy(&bootstrap, parsed, render.Options{Listen: "127.0.0.1:0", Admin: "127.0.0.1:0", Wasm: h.Wasm}))
	binary, err := envoy.Path(h.Version)
	require.NoError(t, err)
	running, err := envoy.Start(context.Background(), envoy.Options{Binary: binary, Bootstrap: bootstrap.Bytes(), Env: Environment()})
	require.NoError(t, err)
	t.Cleanup(func() {
		log := running.Stderr()
		for _, bad := range [...]string{"panic", "Wasm VM failed", "[critical]"} {
			require.NotContains(t, log, bad)
		}
		require.NoError(t, running.Stop())
	})
	return &Proxy{URL: "http://" + running.Listener(render.ListenerName), Log: running.Lines, Prometheus: running.Prometheus, Behind: providers}
}

// Environment is Credentials as a process has them.
func Environment() (variables []string) {
	for name, value := range Credentials {
		variables = append(variables, name+"="+value)
	}
	return variables
}

// nowhere is a URL at which nobody listens: the port is taken by a socket that never does.
func nowhere(t testing.TB) string {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	require.NoError(t, err)
	syscall.CloseOnExec(fd)
	t.Cleanup(func() { _ = syscall.Close(fd) })
	require.NoError(t, syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}))
	at, err := syscall.Getsockname(fd)
	require.NoError(t, err)
	return fmt.Sprintf("http://127.0.0.1:%d", at.(*syscall.SockaddrInet4).Port)
}
