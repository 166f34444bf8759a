package companion

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestWhereToListen(t *testing.T) {
	for _, row := range []struct {
		l       Listening
		problem string // "" = it listens
	}{
		{Listening{Address: "127.0.0.1:0"}, ""},
		{Listening{Address: "localhost:0"}, ""},
		{Listening{Address: "[::1]"}, "missing port"},
		{Listening{Address: ":0"}, "without a token or --client-ca only 127.0.0.1"},
		{Listening{Address: "0.0.0.0:0"}, "without a token or --client-ca only 127.0.0.1"},
		{Listening{Address: "example.org:0"}, "without a token or --client-ca only 127.0.0.1"},
		{Listening{Address: "127.0.0.1.example.org:0"}, "without a token or --client-ca only 127.0.0.1"},
		{Listening{Address: "127.0.0.1:0", CAFile: "ca"}, "need --tls-cert"},
		{Listening{Address: "127.0.0.1:0", CertFile: "c"}, "go together"},
		{Listening{Address: "127.0.0.1:0", CertFile: "no", KeyFile: "no"}, "certificate: open no"},
		{Listening{Address: "127.0.0.1:99999"}, "invalid port"},
	} {
		listener, err := Listen(row.l)
		if row.problem != "" {
			require.ErrorContains(t, err, row.problem)
			continue
		}
		require.NoError(t, err)
		listener.Close()
	}
	require.True(t, loopback("127.9.9.9") && loopback("::1") && !loopback("") && !loopback("10.0.0.1"))
}

// authority makes certificates.
type authority struct {
	t    *testing.T
	dir  string
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pool *x509.CertPool
}

func newAuthority(t *testing.T) *authority {
	a := &authority{t: t, dir: t.TempDir(), pool: x509.NewCertPool()}
	var der []byte
	der, a.key = a.sign(nil, nil, true)
	var err error
	a.cert, err = x509.ParseCertificate(der)
	require.NoError(t, err)
	a.pool.AddCert(a.cert)
	a.write("ca.pem", "CERTIFICATE", der)
	return a
}

func (a *authority) sign(parent *x509.Certificate, by *ecdsa.PrivateKey, ca bool) ([]byte, *ecdsa.PrivateKey) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(a.t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: "test"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: ca, BasicConstraintsValid: true,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}}
	if parent == nil {
		parent, by = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, by)
	require.NoError(a.t, err)
	return der, key
}

func (a *authority) write(name, kind string, der []byte) string {
	path := filepath.Join(a.dir, name)
	require.NoError(a.t, os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600))
	return path
}

// pair is a certificate that the authority has signed, as files.
func (a *authority) pair(name string) (cert, key string) {
	der, private := a.sign(a.cert, a.key, false)
	bytes, err := x509.MarshalPKCS8PrivateKey(private)
	require.NoError(a.t, err)
	return a.write(name+".pem", "CERTIFICATE", der), a.write(name+"-key.pem", "PRIVATE KEY", bytes)
}

func TestCertificatesOfClients(t *testing.T) {
	ours, theirs := newAuthority(t), newAuthority(t)
	cert, key := ours.pair("server")
	listener, err := Listen(Listening{Address: "127.0.0.1:0", CertFile: cert, KeyFile: key, CAFile: filepath.Join(ours.dir, "ca.pem")})
	require.NoError(t, err)
	s := serve(t, func(c *Config) { c.ClientCA = true })
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- s.Serve(ctx, listener) }()
	get := func(path string, by *authority) (int, error) {
		config := &tls.Config{RootCAs: ours.pool}
		if by != nil {
			pair, err := tls.LoadX509KeyPair(by.pair("client"))
			require.NoError(t, err)
			config.Certificates = []tls.Certificate{pair}
		}
		transport := &http.Transport{TLSClientConfig: config}
		defer transport.CloseIdleConnections()
		response, err := (&http.Client{Transport: transport}).Get("https://" + listener.Addr().String() + path)
		if err != nil {
			return 0, err
		}
		response.Body.Close()
		return response.StatusCode, nil
	}
	for _, row := range []struct {
		path   string
		by     *authority
		status int // 0 = no connection
	}{
		{"/v1/stats", ours, 200}, {"/v1/stats", nil, 401}, {"/v1/stats", theirs, 0},
		{"/healthz", nil, 200}, {"/metrics", nil, 200},
	} {
		status, err := get(row.path, row.by)
		require.Equal(t, row.status, status, "%s: %v", row.path, err)
	}
	stop()
	require.NoError(t, <-ended)
}

// When it stops, those that wait are let go with a ticket, calls under way are finished,
// and no new ones taken.
func TestStops(t *testing.T) {
	listener, err := Listen(Listening{Address: "127.0.0.1:0"})
	require.NoError(t, err)
	s := serve(t)
	s.url = "http://" + listener.Addr().String()
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- s.Serve(ctx, listener) }()
	require.Equal(t, "miss", s.call("POST", "/v1/lookup", question("hello", "")).header.Get("x-sluice-cache"))
	var group sync.WaitGroup
	for range 10 {
		group.Go(func() {
			got := s.call("POST", "/v1/lookup?wait=60000", question("hello", ""))
			require.Equal(t, "miss", got.header.Get("x-sluice-cache"))
			require.NotEmpty(t, got.body)
		})
	}
	require.Eventually(t, func() bool { _, n := s.engine.Waiting(); return n == 10 }, 10*time.Second, time.Millisecond)
	stop()
	group.Wait()
	require.NoError(t, <-ended)
	_, err = http.Post(s.url+"/v1/lookup", "application/json", strings.NewReader("{}"))
	require.Error(t, err)
}

// A header that never ends, or is too large, ends the connection.
func TestHeadersAreBounded(t *testing.T) {
	listener, err := Listen(Listening{Address: "127.0.0.1:0"})
	require.NoError(t, err)
	s := serve(t)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- s.Serve(ctx, listener) }()
	request, err := http.NewRequest("GET", "http://"+listener.Addr().String()+"/healthz", nil)
	require.NoError(t, err)
	request.Header.Set("x-long", strings.Repeat("x", maxHeader+8192))
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	response.Body.Close()
	require.Equal(t, http.StatusRequestHeaderFieldsTooLarge, response.StatusCode)
	stop()
	require.NoError(t, <-ended)
}
