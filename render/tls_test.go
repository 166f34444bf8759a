package render_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/policy"
)

func TestProvidersAreVerified(t *testing.T) {
	ours, other := newAuthority(t), newAuthority(t)
	for _, c := range []struct {
		name   string
		host   string // in the policy
		signer *authority
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
			up := newTLSProvider(t, c.signer.certificate(t, c.of...))
			eachEnvoy(t, func(t *testing.T, binary string) {
				p := mockPolicy(up.Server)
				p.Providers[0].Endpoint.TLS = true
				p.Providers[0].Endpoint.Host = c.host
				opt := anywhere(testModule(t, "sluice_provider_mock", `{}`))
				opt.CAFile = ours.file
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
	ours := newAuthority(t)
	up := newTLSProvider(t, ours.certificate(t, "*.localhost"))
	eachEnvoy(t, func(t *testing.T, binary string) {
		p := mockPolicy(up.Server)
		p.Providers[0].Endpoint.TLS = true
		p.Providers[0].Endpoint.Host = "api.localhost" // RFC 6761, section 6.3
		opt := anywhere(testModule(t, "sluice_provider_mock", `{}`))
		opt.CAFile = ours.file
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

// authority is a certificate authority.
type authority struct {
	file string // its root, in PEM form
	root *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: "test authority"},
		NotBefore:             time.Now().Add(-time.Hour),
		NotAfter:              time.Now().Add(time.Hour),
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	root, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "ca.pem")
	require.NoError(t, os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	return &authority{file: file, root: root, key: key}
}

// certificate is one for these names and addresses.
func (a *authority) certificate(t *testing.T, names ...string) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2),
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(time.Hour),
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	for _, name := range names {
		if ip := net.ParseIP(name); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, name)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.root, key.Public(), a.key)
	require.NoError(t, err)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}
