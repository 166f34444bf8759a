package render_test

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/internal/envoy"
	"github.com/sluice-gateway/sluice/policy"
	"github.com/sluice-gateway/sluice/render"
)

// TestANewPolicyTakesEffectWithoutARestart replaces the listener's file under
// load: no request is lost, and the new configuration does the later ones.
func TestANewPolicyTakesEffectWithoutARestart(t *testing.T) {
	eachEnvoy(t, func(t *testing.T, binary string) {
		p := mockPolicy(provider(t, nil))
		file := filepath.Join(t.TempDir(), "listener.yaml")
		first := replaceListener(t, file, p, "first")
		in, err := envoy.Start(t.Context(), envoy.Options{Binary: binary, Bootstrap: first})
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, in.Stop()) })
		url := "http://" + in.Listener(render.ListenerName)

		stop := make(chan struct{})
		var clients sync.WaitGroup
		failures := make(chan string, 4)
		for range 4 {
			clients.Go(func() {
				for {
					select {
					case <-stop:
						return
					default:
					}
					if problem := try(url); problem != "" {
						failures <- problem
						return
					}
				}
			})
		}
		replaceListener(t, file, p, "second")
		// A connection that is open keeps the old configuration until it is drained.
		require.Eventually(t, func() bool {
			lines := in.Lines()
			last := lines[max(0, len(lines)-1000):]
			return len(last) == 1000 && !slices.Contains(last, "first")
		}, 60*time.Second, 100*time.Millisecond, "%s", in.Stderr())
		close(stop)
		clients.Wait()
		close(failures)
		require.Empty(t, <-failures)
		require.Equal(t, "first", in.Lines()[0])
		stats, err := in.Stats(t.Context())
		require.NoError(t, err)
		require.EqualValues(t, 2, stats["listener_manager.lds.update_success"])
		require.Empty(t, in.Stderr())
	})
}

// replaceListener puts a listener whose filter leaves that record in the file's
// place at one stroke, and returns the bootstrap that belongs to it.
func replaceListener(t *testing.T, file string, p *policy.Policy, record string) []byte {
	t.Helper()
	var bootstrap, listener bytes.Buffer
	opt := anywhere(testModule(t, "sluice_provider_mock", record))
	require.NoError(t, render.EnvoyDynamic(&bootstrap, &listener, p, opt, file))
	require.NoError(t, os.WriteFile(file+".new", listener.Bytes(), 0o600))
	require.NoError(t, os.Rename(file+".new", file))
	return bootstrap.Bytes()
}

// try makes one request and returns what was wrong with it.
func try(url string) string {
	res, err := http.Get(url + "/v1/models")
	if err != nil {
		return err.Error()
	}
	body, err := io.ReadAll(res.Body)
	if err := res.Body.Close(); err != nil {
		return err.Error()
	}
	if err != nil {
		return err.Error()
	}
	if res.StatusCode != http.StatusOK || string(body) != "hello" {
		return res.Status + " " + string(body)
	}
	return ""
}
