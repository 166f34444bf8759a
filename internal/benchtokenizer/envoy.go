package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"time"

	"github.com/sluice-gateway/sluice/internal/envoy"
)

const inEnvoy = "Envoy's V8"

// throughEnvoy is the module as a filter of a stock Envoy, which is sent each text as a request's body.
type throughEnvoy struct {
	ctx     context.Context
	running *envoy.Instance
	client  *http.Client
}

func startEnvoy(ctx context.Context, b *bench) (counter, error) {
	binary, err := envoy.Path("")
	if err != nil {
		return nil, err
	}
	e := &throughEnvoy{ctx: ctx, client: &http.Client{Timeout: time.Minute}}
	e.running, err = envoy.Start(ctx, envoy.Options{Binary: binary, Bootstrap: fmt.Appendf(nil, bootstrap, b.modules.both()), Concurrency: 1})
	if err != nil {
		return nil, err
	}
	return e, nil
}

func (e *throughEnvoy) count(encoding, path string) (s sample, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return s, err
	}
	body := append([]byte{byte(slices.Index(encodings, encoding))}, text...)
	request, err := http.NewRequestWithContext(e.ctx, http.MethodPost, "http://"+e.running.Listener("bench"), bytes.NewReader(body))
	if err != nil {
		return s, err
	}
	response, err := e.client.Do(request)
	if err != nil {
		return s, err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err == nil {
		_, err = fmt.Sscan(string(answer), &s.tokens, &s.took)
	}
	if err != nil {
		return s, fmt.Errorf("envoy: status %d, answer %.100q: %w", response.StatusCode, answer, err)
	}
	return s, nil
}

func (e *throughEnvoy) close() { _ = e.running.Stop() }

const bootstrap = `
admin:
  address: {socket_address: {address: 127.0.0.1, port_value: 0}}
static_resources:
  listeners:
    - name: bench
      address: {socket_address: {address: 127.0.0.1, port_value: 0}}
      per_connection_buffer_limit_bytes: 16777216
      filter_chains:
        - filters:
            - name: envoy.filters.network.http_connection_manager
              typed_config:
                '@type': type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                stat_prefix: bench
                route_config:
                  virtual_hosts:
                    - name: all
                      domains: ['*']
                      routes: [{match: {prefix: /}, direct_response: {status: 404}}]
                http_filters:
                  - name: bench
                    typed_config:
                      '@type': type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm
                      config:
                        name: bench
                        allow_on_headers_stop_iteration: true
                        vm_config:
                          runtime: envoy.wasm.runtime.v8
                          code: {local: {filename: '%s'}}
                  - name: envoy.filters.http.router
                    typed_config:
                      '@type': type.googleapis.com/envoy.extensions.filters.http.router.v3.Router
`
