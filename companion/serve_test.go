package companion

import (
	"context"
	"crypto/tls"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/internal/testca"
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

func TestCertificatesOfClients(t *testing.T) {
	ours, theirs := testca.New(), testca.New()
	dir := t.TempDir()
	cert, key, err := testca.Write(filepath.Join(dir, "server"), ours.Issue("127.0.0.1"))
	require.NoError(t, err)
	root := filepath.Join(dir, "ca.pem")
	require.NoError(t, os.WriteFile(root, ours.PEM(), 0o600))
	listener, err := Listen(Listening{Address: "127.0.0.1:0", CertFile: cert, KeyFile: key, CAFile: root})
	require.NoError(t, err)
	s := serve(t, func(c *Config) { c.ClientCA = true })
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- s.Serve(ctx, listener) }()
	get := func(path string, by *testca.Authority) (int, error) {
		config := &tls.Config{RootCAs: ours.Pool()}
		if by != nil {
			shown := by.Issue("client")
			config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
				return &shown, nil // also one that the server's list of authorities does not have
			}
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
		by     *testca.Authority
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
