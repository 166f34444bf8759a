package render_test

import (
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/internal/testca"
	"github.com/sluice-gateway/sluice/policy"
)

func TestProvidersAreVerified(t *testing.T) {
	ours, other := testca.New(), testca.New()
	for _, c := range []struct {
		name   string
		host   string // in the policy
		signer *testca.Authority
		of     []string // names in the certificate
		good   bool
	}{
		{"its name", "localhost", ours, []string{"localhost"}, true},
		{"one of its names", "localhost", ours, []string{"example.com", "localhost"}, true},
		{"its address", "127.0.0.1", ours, []string{"127.0.0.1"}, true},
		{"another's name", "localhost", ours, []string{"example.com"}, false},
		{"a name that only begins alike", "localhost", ours, []string{"localhost.example.com"}, false},
		{"another's address", "127.0.0.1", ours, []string{"127.0.0.2"}, false},
		{"an unknown authority", "localhost", other, []string{"localhost"}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			up := newTLSProvider(t, c.signer.Issue(c.of...))
			eachEnvoy(t, func(t *testing.T, binary string) {
				p := mockPolicy(up.Server)
				p.Providers[0].Endpoint.TLS = true
				p.Providers[0].Endpoint.Host = c.host
				opt := anywhere(testModule(t, "sluice_provider_mock", `{}`))
				opt.CAFile = rootFile(t, ours)
				in, url := gateway(t, binary, p, opt)
				res, err := http.Get(url)
				require.NoError(t, err)
				require.NoError(t, res.Body.Close())
				stats, err := in.Stats(t.Context())
				require.NoError(t, err)
				if !c.good {
					require.Equal(t, http.StatusServiceUnavailable, res.StatusCode)
					require.Zero(t, stats["cluster.sluice_provider_mock.ssl.handshake"])
					return
				}
				require.Equal(t, http.StatusOK, res.StatusCode)
				require.Equal(t, "HTTP/2.0", res.Header.Get("X-Protocol"), "the server offers it")
				wantName := c.host
				if net.ParseIP(c.host) != nil {
					wantName = "" // RFC 6066, section 3
				}
				require.Equal(t, wantName, res.Header.Get("X-Sni"))
			})
		})
	}
}

// TestAnyNameUnderAWildcard holds that a certificate for *.example.test serves
// api.example.test, as large providers' certificates do.
func TestAnyNameUnderAWildcard(t *testing.T) {
	ours := testca.New()
	up := newTLSProvider(t, ours.Issue("*.localhost"))
	eachEnvoy(t, func(t *testing.T, binary string) {
		p := mockPolicy(up.Server)
		p.Providers[0].Endpoint.TLS = true
		p.Providers[0].Endpoint.Host = "api.localhost" // RFC 6761, section 6.3
		opt := anywhere(testModule(t, "sluice_provider_mock", `{}`))
		opt.CAFile = rootFile(t, ours)
		_, url := gateway(t, binary, p, opt)
		require.Equal(t, "hello", get(t, url))
	})
}

// TestAnIPv6Endpoint holds that an endpoint may be an IPv6 address.
func TestAnIPv6Endpoint(t *testing.T) {
	listener, err := net.Listen("tcp", "[::1]:0")
	if err != nil {
		t.Skip("this machine has no IPv6 loopback: ", err)
	}
	up := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "six") }))
	require.NoError(t, up.Listener.Close())
	up.Listener = listener
	up.Start()
	t.Cleanup(up.Close)
	eachEnvoy(t, func(t *testing.T, binary string) {
		p := mockPolicy(up)
		p.Providers[0].Endpoint.Host = "::1"
		_, url := gateway(t, binary, p, anywhere(testModule(t, "sluice_provider_mock", `{}`)))
		require.Equal(t, "six", get(t, url))
	})
}

// mockPolicy has one provider, mock, at the server.
func mockPolicy(up *httptest.Server) *policy.Policy {
	p := workedPolicy()
	at := up.Listener.Addr().(*net.TCPAddr)
	p.Providers = []policy.Provider{{
		Name:     "mock",
		Dialect:  policy.OpenAI,
		Endpoint: policy.Endpoint{Host: at.IP.String(), Port: at.Port},
	}}
	return p
}

// tlsProvider says hello, and in headers what it saw of the connection.
type tlsProvider struct{ *httptest.Server }

func newTLSProvider(t *testing.T, certificate tls.Certificate) tlsProvider {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Sni", r.TLS.ServerName)
		w.Header().Set("X-Protocol", r.Proto)
		fmt.Fprint(w, "hello")
	}))
	server.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}}
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	return tlsProvider{server}
}

// rootFile is a file with an authority's certificate.
func rootFile(t *testing.T, authority *testca.Authority) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "ca.pem")
	require.NoError(t, os.WriteFile(file, authority.PEM(), 0o600))
	return file
}
