package e2e

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/internal/build/module"
	"github.com/sluice-gateway/sluice/internal/envoy"
	"github.com/sluice-gateway/sluice/internal/mock"
	"github.com/sluice-gateway/sluice/internal/sidecar"
	"github.com/sluice-gateway/sluice/policy"
	"github.com/sluice-gateway/sluice/policy/source"
	"github.com/sluice-gateway/sluice/render"
)

// binaryen is where `make build` has Binaryen: what is tested is what is shipped.
func binaryen() string {
	if dir := os.Getenv("SLUICE_BINARYEN"); dir != "" {
		return dir
	}
	return "../build/binaryen"
}

// wasm is the module under test, built from the tree as it is.
var wasm string

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	var err error
	if wasm, err = filepath.Abs("../build/test/e2e.wasm"); err == nil {
		_, err = module.Build(context.Background(), module.Options{Package: "../filter", Output: wasm, Binaryen: binaryen()})
	}
	if err == nil {
		err = makeCertificates(filepath.Dir(wasm))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	code := m.Run()
	for _, s := range running {
		if s.started == nil {
			continue
		}
		if err := s.started.stop(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	return code
}

// gateway is a stock Envoy that serves one policy, with the providers behind it.
type gateway struct {
	version string
	url     string // base URL, without a path
	envoy   *envoy.Instance
	mock    *mock.Server            // providers openai, anthropic, keyed-…
	tls     *mock.Server            // providers tls-…: HTTP/2
	twin    *mock.Server            // providers twin-…, which nobody but TestTransparency asks
	others  map[string]*mock.Server // alpha and so on, where the policy names them (providers_test.go)
	secure  map[string]*secure      // north and what else is in tls_failover_test.go
	policy  *policy.Policy

	companion *sidecar.Process // where the policy names one (companion_test.go)
	data      string           // its directory
}

// slot is a gateway that is started when the first test asks for it.
type slot struct {
	once    sync.Once
	started *gateway
	err     error
}

var (
	runningMu sync.Mutex
	running   = map[[2]string]*slot{}
)

// eachGateway runs a test on a gateway with that policy in every supported Envoy. The
// gateway is shared with all other tests that ask for the same policy.
func eachGateway(t *testing.T, text string, test func(t *testing.T, g *gateway)) {
	t.Helper()
	t.Parallel()
	for _, version := range envoy.TestVersions() {
		t.Run("envoy "+version, func(t *testing.T) {
			t.Parallel()
			runningMu.Lock()
			s := running[[2]string{version, text}]
			if s == nil {
				s = &slot{}
				running[[2]string{version, text}] = s
			}
			runningMu.Unlock()
			s.once.Do(func() { s.started, s.err = start(version, text) })
			require.NoError(t, s.err)
			test(t, s.started)
			if t.Failed() {
				t.Logf("the end of Envoy's log:\n%s", tail(s.started.envoy.Stderr(), 30))
			}
		})
	}
}

// The variables of Envoy's process that policies take credentials from, and what is in
// them: nothing of it may be seen by a client.
var credentials = []string{
	"SLUICE_E2E_OPENAI_KEY=sk-provider-key-of-openai",
	"SLUICE_E2E_ANTHROPIC_KEY=sk-ant-provider-key-of-anthropic",
	"SLUICE_E2E_COMPANION_TOKEN=" + companionToken,
}

// start starts a gateway and its providers.
func start(version, text string) (*gateway, error) {
	g := &gateway{version: version}
	if err := g.startProviders(); err != nil {
		return nil, err
	}
	if err := g.startOthers(text); err != nil {
		return nil, err
	}
	if err := g.startCompanion(text); err != nil {
		return nil, err
	}
	p, err := g.read(text)
	if err != nil {
		return nil, err
	}
	g.policy = p
	var bootstrap bytes.Buffer
	options := beside()
	if p.UsesCompanion() && p.Companion.Endpoint.TLS {
		options.CompanionTLS.Cert, options.CompanionTLS.Key = trusted.certificate, trusted.key
	}
	if err := render.Envoy(&bootstrap, p, options); err != nil {
		return nil, err
	}
	if err := g.startEnvoy(bootstrap.Bytes()); err != nil {
		return nil, err
	}
	return g, nil
}

func (g *gateway) startProviders() (err error) {
	if g.mock, err = mock.Start(mock.Options{Keep: 20_000}); err != nil {
		return err
	}
	if g.tls, err = mock.Start(mock.Options{Certificate: &certificate}); err != nil {
		return err
	}
	g.twin, err = startTwin()
	return err
}

// startTwin starts a provider that answers the nth request as every other one of the
// kind does: same texts, same ids, same time.
func startTwin() (*mock.Server, error) {
	return mock.Start(mock.Options{Now: func() time.Time { return time.Unix(1_780_000_000, 0) }})
}

// read reads a policy, with the providers' addresses in place of their names.
func (g *gateway) read(text string) (*policy.Policy, error) {
	nowhere, err := unused()
	if err != nil {
		return nil, err
	}
	places := []string{"http://mock", g.mock.URL(), "https://mock", g.tls.URL(), "http://twin", g.twin.URL(), "http://nowhere", "http://" + nowhere}
	for name, server := range g.others {
		places = append(places, "http://"+name, server.URL())
	}
	for name, s := range g.secure {
		places = append(places, "https://"+name, s.url)
	}
	if g.companion != nil {
		places = append(places, "http://companion", g.companion.URL, "https://companion", g.companion.URL)
	}
	text = strings.NewReplacer(places...).Replace(text)
	return source.Policy([]byte(text))
}

// unused is an address at which nobody listens, nor comes to listen: the port is taken by a
// socket that never does, until this process ends. A port that was free a moment ago would
// be another test's provider in the next.
var unused = sync.OnceValues(func() (string, error) {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err != nil {
		return "", err
	}
	syscall.CloseOnExec(fd)
	if err := syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		return "", err
	}
	at, err := syscall.Getsockname(fd)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("127.0.0.1:%d", at.(*syscall.SockaddrInet4).Port), nil
})

// beside is how a gateway is rendered that is one of many on its machine.
func beside() render.Options {
	return render.Options{Listen: "127.0.0.1:0", Admin: "127.0.0.1:0", Wasm: wasm, CAFile: roots}
}

func (g *gateway) startEnvoy(bootstrap []byte) error {
	binary, err := envoy.Path(g.version)
	if err != nil {
		return err
	}
	// Two workers: budgets are shared between two virtual machines.
	g.envoy, err = envoy.Start(context.Background(), envoy.Options{
		Binary: binary, Bootstrap: bootstrap, Concurrency: 2, Env: append(otherCredentials(), credentials...),
	})
	if err != nil {
		return err
	}
	g.url = "http://" + g.envoy.Listener(render.ListenerName)
	return nil
}

// stop ends the gateway. Envoy must have lived until then, and not one virtual machine
// of it may have failed.
func (g *gateway) stop() error {
	var problem error
	if log := g.envoy.Stderr(); strings.Contains(log, "panic") || strings.Contains(log, "Wasm VM failed") || strings.Contains(log, "[critical]") {
		problem = fmt.Errorf("envoy %s logged:\n%s", g.version, tail(log, 60))
	}
	ends := []error{g.envoy.Stop(), g.mock.Close(), g.tls.Close(), g.twin.Close()}
	for _, server := range g.others {
		ends = append(ends, server.Close())
	}
	for _, s := range g.secure {
		ends = append(ends, s.server.Close())
	}
	if g.companion != nil {
		ends = append(ends, g.companion.Stop(), os.RemoveAll(g.data))
	}
	for _, err := range ends {
		if err != nil {
			problem = err
		}
	}
	return problem
}

// soon waits until something holds that another process brings about.
func soon(t *testing.T, holds func() bool, message ...any) {
	t.Helper()
	if holds() {
		return
	}
	require.Eventually(t, holds, 30*time.Second, 20*time.Millisecond, message...)
}

func tail(text string, n int) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}
