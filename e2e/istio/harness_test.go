//go:build istio

package istio

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/sluice-gateway/sluice/internal/build/module"
	"github.com/sluice-gateway/sluice/internal/envoy"
	"github.com/sluice-gateway/sluice/internal/mesh"
	"github.com/sluice-gateway/sluice/policy/source"
	"github.com/sluice-gateway/sluice/render"
)

// What all tests share: a cluster with its control plane, names that lead here, and the
// module's bytes, built from the tree as it is.
var (
	kube   *mesh.Kube
	istiod *mesh.Istiod
	dns    *mesh.DNS
	wasm   []byte
)

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) (code int) {
	err := begin()
	if err == nil {
		code = m.Run()
		if code != 0 && istiod != nil {
			fmt.Fprintf(os.Stderr, "the end of istiod's log:\n%s\n", tail(istiod.Log(), 40))
		}
	}
	for _, end := range []func() error{
		func() error { return ifThere(istiod != nil, func() error { return istiod.Stop() }) },
		func() error { return ifThere(kube != nil, func() error { return kube.Close() }) },
		func() error { return ifThere(dns != nil, func() error { return dns.Close() }) },
	} {
		if e := end(); err == nil {
			err = e
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

func ifThere(there bool, end func() error) error {
	if !there {
		return nil
	}
	return end()
}

func begin() (err error) {
	binaryen := os.Getenv("SLUICE_BINARYEN")
	if binaryen == "" {
		binaryen = "../../build/binaryen"
	}
	path := "../../build/test/istio.wasm"
	if _, err = module.Build(context.Background(), module.Options{Package: "../../filter", Output: path, Binaryen: binaryen}); err != nil {
		return err
	}
	if wasm, err = os.ReadFile(path); err != nil {
		return err
	}
	if dns, err = mesh.StartDNS(); err != nil {
		return err
	}
	if kube, err = mesh.StartKube(); err != nil {
		return err
	}
	istiod, err = mesh.StartIstiod(context.Background(), kube)
	return err
}

// modules is a server of modules, as a user may have one beside the cluster.
type modules struct {
	*httptest.Server
	fetched atomic.Int64
	files   map[string][]byte // by path; not written once it serves
}

func serveModules(t testing.TB, files map[string][]byte) *modules {
	t.Helper()
	m := &modules{files: files}
	m.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, is := m.files[r.URL.Path]
		if !is {
			http.NotFound(w, r)
			return
		}
		m.fetched.Add(1)
		_, _ = w.Write(text) // the agent has gone
	}))
	t.Cleanup(func() {
		m.Close()
		for path := range m.files {
			require.NoError(t, mesh.Forget(m.URL+path))
		}
	})
	return m
}

func checksum(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// gateway is the pod of an Istio gateway, in a namespace of its own.
type gateway struct {
	*mesh.Gateway
	namespace string
	name      string // of its Istio Gateway
	pods      string // the value of the label istio
	url       string
	host      string // that clients name; "" = the URL's
	breaks    bool   // it is given modules that do not run
}

// credentials are in the environment of each gateway's proxy.
var credentials = []string{
	"SLUICE_E2E_ALPHA_KEY=sk-provider-key-of-alpha",
	"SLUICE_E2E_BETA_KEY=sk-provider-key-of-beta",
	"SLUICE_E2E_CLAUDE_KEY=sk-ant-provider-key-of-claude",
	"SLUICE_E2E_COMPANION_TOKEN=" + companionToken,
}

// newGateway makes a namespace with an Istio Gateway in it, `llm`, and no pod yet.
func newGateway(t testing.TB) *gateway {
	t.Helper()
	namespace := strings.ToLower(strings.NewReplacer("/", "-", "_", "-").Replace(t.Name()))
	t.Cleanup(func() { require.NoError(t, kube.DeleteNamespace(namespace)) })
	g := gatewayIn(t, namespace, "llm", namespace)
	g.apply(t, fmt.Sprintf(`
apiVersion: v1
kind: Namespace
metadata: {name: %[1]s}
---
`+resolver, namespace))
	return g
}

// gatewayIn makes an Istio Gateway, for pods that are not there yet.
func gatewayIn(t testing.TB, namespace, name, pods string) *gateway {
	t.Helper()
	port, err := mesh.ReservePort()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, port.Release()) })
	g := &gateway{namespace: namespace, name: name, pods: pods, url: fmt.Sprintf("http://127.0.0.1:%d", port.Number)}
	g.apply(t, fmt.Sprintf(`
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: %s, namespace: %s}
spec:
  selector: {istio: %s}
  servers:
    - {port: {number: %d, name: http, protocol: HTTP}, bind: 127.0.0.1, hosts: ["*"]}
`, name, namespace, pods, port.Number))
	return g
}

// resolver has the mesh's clusters of a namespace, %[1]s, ask our name server, at the port DNS.
const resolver = `apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: {name: names, namespace: %[1]s}
spec:
  configPatches:
    - applyTo: CLUSTER
      patch:
        operation: MERGE
        value:
          typed_dns_resolver_config:
            name: envoy.network.dns_resolver.cares
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.network.dns_resolver.cares.v3.CaresDnsResolverConfig
              resolvers: [{socket_address: {address: 127.0.0.1, port_value: DNS, protocol: UDP}}]
`

// start starts the pod.
func (g *gateway) start(t testing.TB, o mesh.GatewayOptions) {
	t.Helper()
	var err error
	if o.Envoy, err = envoy.Path(""); err != nil {
		require.NoError(t, err)
	}
	o.Namespace, o.Labels, o.DNS = g.namespace, map[string]string{"istio": g.pods}, dns.Address
	if o.Env == nil {
		o.Env = credentials
	}
	g.Gateway, err = mesh.StartGateway(context.Background(), istiod, o)
	require.NoError(t, err)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the end of the proxy's log:\n%s", tail(g.Log(), 30))
		}
		require.NoError(t, g.Stop())
		require.NotContains(t, g.Log(), "panic")
		if !g.breaks {
			require.NotContains(t, g.Log(), "Wasm VM failed")
			require.NotContains(t, g.Log(), "\tcritical\t")
		}
	})
}

func (g *gateway) apply(t testing.TB, objects string) {
	t.Helper()
	objects = strings.ReplaceAll(objects, "port_value: DNS", "port_value: "+portOf(dns.Address))
	require.NoError(t, kube.Apply([]byte(objects)), objects)
}

// options are what all renderings here have in common.
func (g *gateway) options(m *modules, path string) render.IstioOptions {
	return render.IstioOptions{
		Namespace: g.namespace, Selector: []string{"istio=" + g.pods}, Gateways: []string{g.name},
		Module: m.URL + path, SHA256: checksum(m.files[path]),
	}
}

// rendered are the objects that `sluice render --for istio` writes.
func rendered(t testing.TB, policy string, o render.IstioOptions) string {
	t.Helper()
	p, err := source.Policy([]byte(policy))
	require.NoError(t, err)
	var objects bytes.Buffer
	require.NoError(t, render.Istio(&objects, p, o))
	return objects.String()
}

// bootstrapOf is what a pod has Envoy's bootstrap changed by whose annotation
// sidecar.istio.io/bootstrapOverride names the rendered ConfigMap.
func bootstrapOf(t testing.TB, objects string) string {
	t.Helper()
	var o struct{ Data map[string]string }
	require.NoError(t, yaml.Unmarshal([]byte(documentOf(t, objects, "ConfigMap")), &o))
	text := o.Data["custom_bootstrap.json"]
	require.NotEmpty(t, text)
	return text
}

// documentOf is the object of a kind: of several the last, which is the one that all else is for.
func documentOf(t testing.TB, objects, kind string) (last string) {
	t.Helper()
	for _, document := range documentsOf(objects, "\nkind: "+kind+"\n") {
		last = document
	}
	require.NotEmpty(t, last, "there is no %s", kind)
	return last
}

// documentsOf are the objects with a text in them.
func documentsOf(objects, text string) (all []string) {
	for _, document := range strings.Split(objects, "\n---\n") {
		if strings.Contains("\n"+document, text) {
			all = append(all, document)
		}
	}
	return all
}

// stat is one of Envoy's counters. It is 0 where there is none.
func (g *gateway) stat(t testing.TB, name string) uint64 {
	t.Helper()
	stats, err := g.Stats(t.Context())
	require.NoError(t, err)
	return stats[name]
}

// soon waits until something holds that other processes bring about.
func soon(t testing.TB, holds func() bool, message ...any) {
	t.Helper()
	if holds() {
		return
	}
	require.Eventually(t, holds, 2*time.Minute, 50*time.Millisecond, message...)
}

func tail(text string, n int) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

// sluice is the binary that `make build` has made, with the model beside it.
func sluice(t testing.TB) string {
	t.Helper()
	binary, err := filepath.Abs("../../build/sluice")
	require.NoError(t, err)
	for _, made := range []string{binary, filepath.Join(filepath.Dir(binary), "model")} {
		_, err := os.Stat(made)
		require.NoError(t, err, "make build model makes it")
	}
	return binary
}
