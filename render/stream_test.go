package render_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/internal/envoy"
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

// TestThePolicyReachesTheFilterAsItIs asks Envoy, whose YAML reader is another than
// ours, what it will hand to the filter.
func TestThePolicyReachesTheFilterAsItIs(t *testing.T) {
	canonical := "{\"version\":1,\"x\":\"é \\\" ' \\\\ # : % & \\u0000 \u00a0\u2028\ufeff\U0001f600 %ENVOY% {{}} \"}"
	eachEnvoy(t, func(t *testing.T, binary string) {
		p := mockPolicy(provider(t, nil))
		opt := anywhere(testModule(t, "sluice_provider_mock", `{}`))
		in, err := envoy.Start(t.Context(), envoy.Options{Binary: binary, Bootstrap: []byte(rendered(t, p, canonical, opt))})
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, in.Stop()) })

		res, err := http.Get("http://" + in.Admin + "/config_dump?resource=static_listeners")
		require.NoError(t, err)
		defer func() { require.NoError(t, res.Body.Close()) }()
		var dump any
		require.NoError(t, json.NewDecoder(res.Body).Decode(&dump))
		require.Equal(t, []string{`{"role":"edge","policy":` + canonical + `}`}, valuesOf(dump))
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
