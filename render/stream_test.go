package render_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/internal/envoy"
	"github.com/sluice-gateway/sluice/policy/normal"
	"github.com/sluice-gateway/sluice/render"
)

// TestAStreamArrivesAsItIsSent holds that no part of a stream waits for the next:
// the provider sends each one only when the client has the one before.
func TestAStreamArrivesAsItIsSent(t *testing.T) {
	const parts = 20
	eachEnvoy(t, func(t *testing.T, binary string) {
		arrived := make(chan struct{})
		up := provider(t, func(w http.ResponseWriter, r *http.Request) {
			for i := range parts {
				fmt.Fprintf(w, "data: %02d\n\n", i)
				if err := http.NewResponseController(w).Flush(); err != nil {
					return
				}
				select {
				case <-arrived:
				case <-r.Context().Done():
					return
				}
			}
		})
		_, url := gateway(t, binary, mockPolicy(up), anywhere(testModule(t, "sluice_provider_mock", `{}`)))
		for name, client := range clients() {
			res, err := client.Get(url + "/v1/chat/completions")
			require.NoError(t, err, name)
			part := make([]byte, len("data: 00\n\n"))
			for i := range parts {
				_, err := io.ReadFull(res.Body, part)
				require.NoError(t, err, name)
				require.Equal(t, fmt.Sprintf("data: %02d\n\n", i), string(part), name)
				arrived <- struct{}{}
			}
			require.NoError(t, res.Body.Close())
		}
	})
}

// TestAStreamPastTheLimitIsBrokenOff holds that a stream which is ended by the limit
// does not look like one that has come to its end.
func TestAStreamPastTheLimitIsBrokenOff(t *testing.T) {
	eachEnvoy(t, func(t *testing.T, binary string) {
		up := provider(t, func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprint(w, "data: begun\n\n")
			if err := http.NewResponseController(w).Flush(); err == nil {
				<-r.Context().Done()
			}
		})
		p := mockPolicy(up)
		p.Limits.Stream = time.Second
		in, url := gateway(t, binary, p, anywhere(testModule(t, "sluice_provider_mock", `{}`)))
		for name, client := range clients() {
			res, err := client.Get(url + "/v1/chat/completions")
			require.NoError(t, err, name)
			body, err := io.ReadAll(res.Body)
			require.Error(t, err, name)
			require.Equal(t, "data: begun\n\n", string(body), name)
			require.NoError(t, res.Body.Close())
		}
		stats, err := in.Stats(t.Context())
		require.NoError(t, err)
		require.EqualValues(t, 2, stats["http.sluice.downstream_rq_max_duration_reached"]+stats["http.sluice.downstream_rq_idle_timeout"])
	})
}

// TestAfterATrapTheNextRequestIsServed holds that a trap hurts the request that
// caused it, which is not let by, and that the module comes back.
func TestAfterATrapTheNextRequestIsServed(t *testing.T) {
	eachEnvoy(t, func(t *testing.T, binary string) {
		var reached atomic.Int64
		up := provider(t, func(http.ResponseWriter, *http.Request) { reached.Add(1) })
		opt := anywhere(testModule(t, "sluice_provider_mock", `{}`))
		in, err := envoy.Start(t.Context(), envoy.Options{
			Binary:      binary,
			Bootstrap:   []byte(rendered(t, mockPolicy(up), opt)),
			Concurrency: 1,
		})
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, in.Stop()) })
		url := "http://" + in.Listener(render.ListenerName)
		status := func(headers int) int {
			req, err := http.NewRequestWithContext(t.Context(), "GET", url, nil)
			require.NoError(t, err)
			for i := range headers {
				req.Header.Set(fmt.Sprint("x-", i), "x")
			}
			res, err := http.DefaultClient.Do(req)
			require.NoError(t, err)
			require.NoError(t, res.Body.Close())
			return res.StatusCode
		}
		for range 3 {
			require.Equal(t, http.StatusServiceUnavailable, status(manyHeaders))
			require.Eventually(t, func() bool { return status(0) == http.StatusOK }, 30*time.Second, time.Millisecond)
		}
		require.EqualValues(t, 3, reached.Load())
		stats, err := in.Stats(t.Context())
		require.NoError(t, err)
		require.EqualValues(t, 3, stats["wasm.sluice.vm_reload_success"])
	})
}

// TestThePolicyReachesTheFilterAsItIs asks Envoy, whose YAML reader is another than
// ours, what it will hand to the filter.
func TestThePolicyReachesTheFilterAsItIs(t *testing.T) {
	eachEnvoy(t, func(t *testing.T, binary string) {
		p := mockPolicy(provider(t, nil))
		p.Identity[0].Claim = "é \" ' \\ # : % & \x00 \u00a0\u2028\ufeff\U0001f600 %ENVOY% {{}} "
		opt := anywhere(testModule(t, "sluice_provider_mock", `{}`))
		in, err := envoy.Start(t.Context(), envoy.Options{Binary: binary, Bootstrap: []byte(rendered(t, p, opt))})
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, in.Stop()) })

		res, err := http.Get("http://" + in.Admin + "/config_dump?resource=static_listeners")
		require.NoError(t, err)
		defer func() { require.NoError(t, res.Body.Close()) }()
		var dump any
		require.NoError(t, json.NewDecoder(res.Body).Decode(&dump))
		require.Equal(t, []string{`{"role":"edge","policy":` + string(normal.Append(nil, p)) + `}`}, valuesOf(dump))
	})
}

// valuesOf finds the StringValues of a configuration dump.
func valuesOf(node any) []string {
	var found []string
	switch node := node.(type) {
	case map[string]any:
		if kind, ok := node["@type"].(string); ok && strings.HasSuffix(kind, "google.protobuf.StringValue") {
			return []string{node["value"].(string)}
		}
		for _, child := range node {
			found = append(found, valuesOf(child)...)
		}
	case []any:
		for _, child := range node {
			found = append(found, valuesOf(child)...)
		}
	}
	return found
}
