//go:build istio

package istio

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/internal/mesh"
	"github.com/sluice-gateway/sluice/internal/mock"
	"github.com/sluice-gateway/sluice/internal/testca"
)

// identity is a workload's certificate, which vouches for who a pod is in the mesh.
func identity(mesh *testca.Authority, namespace, account string) tls.Certificate {
	return mesh.Issue("spiffe://cluster.local/ns/" + namespace + "/sa/" + account)
}

// identityFiles are a workload's identity as Istio's agent finds it mounted.
func identityFiles(mesh *testca.Authority, namespace, account string) map[string]string {
	chain, key := testca.PEM(identity(mesh, namespace, account))
	return map[string]string{
		"etc/certs/cert-chain.pem": string(chain),
		"etc/certs/key.pem":        string(key),
		"etc/certs/root-cert.pem":  string(mesh.PEM()),
	}
}

// strictPod is a model server behind a sidecar under PeerAuthentication STRICT, as a caller sees
// it: mutual TLS with the mesh's identities, or nothing. peers counts calls that came with one.
func strictPod(t *testing.T, authority *testca.Authority, address, namespace, account, script string) (server *mock.Server, port string, peers *atomic.Int64) {
	t.Helper()
	server, err := mock.New(mock.Options{Script: script})
	require.NoError(t, err)
	listener, err := net.Listen("tcp", address+":0")
	require.NoError(t, err)
	peers = new(atomic.Int64)
	type connection struct{}
	pod := &http.Server{
		ReadHeaderTimeout: time.Minute, ErrorLog: log.New(io.Discard, "", 0),
		ConnContext: func(ctx context.Context, c net.Conn) context.Context { return context.WithValue(ctx, connection{}, c) },
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			state := r.Context().Value(connection{}).(overTLS).ConnectionState()
			if state.NegotiatedProtocol == "istio" && state.PeerCertificates[0].URIs[0].Path == "/ns/"+namespace+"/sa/gateway" {
				peers.Add(1)
			}
			server.ServeHTTP(w, r)
		}),
	}
	go pod.Serve(tlsListener{listener, &tls.Config{
		Certificates: []tls.Certificate{identity(authority, namespace, account)}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: authority.Pool(), NextProtos: []string{"istio"},
	}})
	t.Cleanup(func() { require.NoError(t, pod.Close()) })
	return server, portOf(listener.Addr().String()), peers
}

// tlsListener serves HTTP/1.1 over TLS whatever ALPN has come to: net/http knows no protocol istio.
type tlsListener struct {
	net.Listener
	config *tls.Config
}

// overTLS is a connection of which net/http does not see that it is TLS.
type overTLS struct{ *tls.Conn }

func (l tlsListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return overTLS{tls.Server(c, l.config)}, nil
}

// service is a Service with one pod, and with a sidecar in it or not. No other namespace sees it:
// gateways there have no identity, without which none becomes ready that has a cluster for it.
func service(name, namespace, clusterIP, address, port string, sidecar bool) string {
	label := ""
	if sidecar {
		label = ", security.istio.io/tlsMode: istio"
	}
	return fmt.Sprintf(`
apiVersion: v1
kind: Service
metadata: {name: %[1]s, namespace: %[2]s, annotations: {networking.istio.io/exportTo: "."}}
spec: {clusterIP: %[6]s, selector: {app: %[1]s}, ports: [{name: http, port: 8000, targetPort: %[4]s}]}
---
apiVersion: v1
kind: Pod
metadata: {name: %[1]s, namespace: %[2]s, labels: {app: %[1]s%[5]s}}
spec: {serviceAccountName: %[1]s, containers: [{name: x, image: x}]}
status: {phase: Running, podIP: %[3]s, podIPs: [{ip: %[3]s}], conditions: [{type: Ready, status: "True"}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: %[1]s, namespace: %[2]s, labels: {kubernetes.io/service-name: %[1]s}}
addressType: IPv4
endpoints: [{addresses: [%[3]s], conditions: {ready: true}, targetRef: {kind: Pod, name: %[1]s, namespace: %[2]s}}]
ports: [{name: http, port: %[4]s, protocol: TCP}]
---
`, name, namespace, address, port, label, clusterIP)
}

// meshPolicy has providers that are Services of the cluster, by a short name and by a whole one.
const meshPolicy = `
version: 1
providers:
  strict: {dialect: anthropic, endpoint: http://strict:8000}
  plain:  {dialect: openai,    endpoint: http://plain.<namespace>.svc:8000/base}
  beta:   {dialect: openai,    endpoint: http://beta.providers.test:<beta>}
  own:    {dialect: openai,    endpoint: https://own.<namespace>.svc:8000}
models:
  proves: {targets: [{provider: own, model: gpt-4o-mini}]}
  direct: {targets: [{provider: plain, model: gpt-4o-mini}]}
  claude-haiku-4-5: {targets: [{provider: strict, model: claude-haiku-4-5}]}
  gpt-4o: {targets: [{provider: strict, model: claude-haiku-4-5}]}
  three:
    targets: [{provider: plain, model: gpt-4.1-mini}, {provider: strict, model: claude-haiku-4-5}, {provider: beta, model: gpt-4.1-mini}]
    retry: {attempts: 3}
    cooldown: {after: 1000, base: 1ms, max: 1ms}
records: {access_log: true}
`

// TestInTheMesh has providers that are Services: Istio's own clusters speak mutual TLS to a pod
// with a sidecar and none to one without, whatever provider an attempt is for. The gateway has
// names of its own, so that the names that Sluice writes must be the ones that Istio routes by.
func TestInTheMesh(t *testing.T) {
	behind := startProviders(t, "beta", "plain")
	g := newGateway(t)
	authority := testca.New()
	strict, port, peers := strictPod(t, authority, "127.0.0.21", g.namespace, "strict", saying("strict"))
	// A server that speaks TLS by itself has a certificate for the name that the policy writes, which
	// is another one than Istio's.
	certificate := testca.Own("own." + g.namespace + ".svc")
	roots, _, err := testca.Write(filepath.Join(t.TempDir(), "own"), certificate)
	require.NoError(t, err)
	behind["own"], err = mock.Start(mock.Options{Script: saying("own"), Certificate: &certificate})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, behind["own"].Close()) })
	g.apply(t, service("strict", g.namespace, "10.0.0.1", "127.0.0.21", port, true)+
		service("plain", g.namespace, "10.0.0.2", "127.0.0.1", portOf(behind["plain"].Addr()), false)+
		service("own", g.namespace, "10.0.0.3", "127.0.0.1", portOf(behind["own"].Addr()), false))
	m := serveModules(t, map[string][]byte{"/sluice.wasm": wasm})
	o := g.options(m, "/sluice.wasm")
	o.Hosts, o.CAFile = []string{"llm.example.com"}, roots
	g.host = "llm.example.com"
	g.apply(t, rendered(t, behind.in(meshPolicy, "<namespace>", g.namespace), o))
	g.start(t, mesh.GatewayOptions{Files: identityFiles(authority, g.namespace, "gateway")})
	g.serves(t)

	for _, stream := range []bool{false, true} {
		s := g.do(t, request{api: openAI, team: t.Name(), model: "direct", prompt: "Say it.", stream: stream})
		require.Equal(t, 200, s.status, s.body)
		require.Equal(t, "It is plain.", s.text)
		require.Equal(t, "/base/v1/chat/completions", lastOf(behind["plain"]).Path)

		s = g.do(t, request{api: openAI, team: t.Name(), model: "proves", prompt: "Say it.", stream: stream})
		require.Equal(t, 200, s.status, s.body)
		require.Equal(t, "It is own.", s.text)

		for n, r := range []request{{api: anthropic, model: "claude-haiku-4-5"}, {api: openAI, model: "gpt-4o"}} {
			before := peers.Load()
			r.team, r.prompt, r.stream, r.more = t.Name(), "Say it.", stream, `"max_tokens":20`
			s = g.do(t, r)
			require.Equal(t, 200, s.status, "%d: %s", n, s.body)
			require.Equal(t, "It is strict.", s.text)
			require.True(t, s.whole, s.body)
			require.Equal(t, before+1, peers.Load(), "it came with the gateway's identity")
			require.Equal(t, "strict."+g.namespace+".svc.cluster.local:8000", lastOf(strict).Host)
		}
	}

	// Failover from a Service to a Service, and out of the mesh.
	const down = "defaults: {fault: {status: 503, headers: {retry-after: '', retry-after-ms: ''}}}"
	require.NoError(t, behind["plain"].Script(down))
	s := g.do(t, request{api: openAI, team: t.Name(), model: "three", prompt: "Say it."})
	require.Equal(t, 200, s.status, s.body)
	require.Equal(t, "It is strict.", s.text)
	require.NoError(t, strict.Script(down))
	s = g.do(t, request{api: openAI, team: t.Name(), model: "three", prompt: "Say it."})
	require.Equal(t, 200, s.status, s.body)
	require.Equal(t, "It is beta.", s.text)
	require.Equal(t, "3", s.header.Get("x-sluice-attempts"))

	// A pod that is not there is a provider that nobody can reach.
	require.NoError(t, behind["plain"].Close())
	delete(behind, "plain")
	s = g.do(t, request{api: openAI, team: t.Name(), model: "three", prompt: "Say it."})
	require.Equal(t, 200, s.status, s.body)
	require.Equal(t, "unavailable", g.record(t, s).Get("attempts.0.reason").Str)
}
