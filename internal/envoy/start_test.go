package envoy

import (
	"bytes"
	"context"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// hello is a bootstrap that needs nothing: a listener that answers and logs.
const hello = `
admin: {address: {socket_address: {address: 127.0.0.1, port_value: 0}}}
static_resources:
  listeners:
  - name: hello
    address: {socket_address: {address: 127.0.0.1, port_value: 0}}
    filter_chains:
    - filters:
      - name: hcm
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: hello
          access_log:
          - name: out
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.access_loggers.stream.v3.StdoutAccessLog
              log_format: {text_format_source: {inline_string: "%REQ(:PATH)%\n"}}
          route_config: {virtual_hosts: [{name: v, domains: ["*"], routes: [{match: {prefix: "/"}, direct_response: {status: 204}}]}]}
          http_filters: [{name: router, typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}}]
`

func TestAnInstance(t *testing.T) {
	var log bytes.Buffer
	in, err := Start(t.Context(), Options{Bootstrap: []byte(hello), Log: &log, Concurrency: 1})
	require.NoError(t, err)
	for _, path := range []string{"/a", "/b"} {
		res, err := http.Get("http://" + in.Listener("hello") + path)
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
		require.Equal(t, http.StatusNoContent, res.StatusCode)
	}
	require.Empty(t, in.Listener("another"))

	stats, err := in.Stats(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 2, stats["http.hello.downstream_rq_total"])
	text, err := in.Prometheus(t.Context())
	require.NoError(t, err)
	require.Contains(t, text, "\nenvoy_http_downstream_rq_total{envoy_http_conn_manager_prefix=\"hello\"} 2\n")

	require.NoError(t, in.Stop())
	require.Equal(t, []string{"/a", "/b"}, in.Lines(), "what was logged is there after the end at the latest")
	require.Equal(t, in.Stderr(), log.String())
	require.NoFileExists(t, in.Config)
	require.NoError(t, in.Stop(), "twice")
}

func TestABadBootstrapSaysWhy(t *testing.T) {
	_, err := Start(t.Context(), Options{Bootstrap: []byte("static_resources: {listners: []}")})
	require.ErrorContains(t, err, "it ended by itself")
	require.ErrorContains(t, err, "listners")
}

func TestAnEndOfItsOwnIsSeen(t *testing.T) {
	in, err := Start(t.Context(), Options{Bootstrap: []byte(hello)})
	require.NoError(t, err)
	require.NoError(t, in.cmd.Process.Kill())
	<-in.Ended()
	require.ErrorContains(t, in.Stop(), "had ended before it was stopped: signal: killed")
}

func TestItEndsWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	in, err := Start(ctx, Options{Bootstrap: []byte(hello)})
	require.NoError(t, err)
	cancel()
	<-in.Ended()
	require.NoError(t, in.Stop())
}

// TestLimits runs programs that only look like an Envoy.
func TestLimits(t *testing.T) {
	stubborn := filepath.Join(t.TempDir(), "stubborn")
	require.NoError(t, os.WriteFile(stubborn, []byte("#!/bin/sh\ntrap '' TERM\necho never ready >&2\nwhile :; do sleep 0.1; done\n"), 0o755))
	_, err := Start(t.Context(), Options{Binary: stubborn, Bootstrap: []byte("x"), ReadyWithin: 200 * time.Millisecond, StopWithin: 100 * time.Millisecond})
	require.ErrorContains(t, err, "not ready in time")
	require.ErrorContains(t, err, "never ready")
	require.ErrorContains(t, err, "did not end within 100ms and was killed")

	_, err = Start(t.Context(), Options{Binary: filepath.Join(t.TempDir(), "none"), Bootstrap: []byte("x")})
	require.ErrorIs(t, err, os.ErrNotExist)
}
