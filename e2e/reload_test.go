package e2e

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/internal/envoy"
	"github.com/sluice-gateway/sluice/render"
)

// TestReload replaces the listener's file under load: no request fails, the budgets
// keep what was spent, and the new policy takes effect.
func TestReload(t *testing.T) {
	t.Parallel()
	for _, version := range envoy.TestVersions() {
		t.Run("envoy "+version, func(t *testing.T) {
			t.Parallel()
			g := &gateway{version: version}
			require.NoError(t, g.startProviders())
			file := filepath.Join(t.TempDir(), "listener.yaml")
			bootstrap := g.replaceListener(t, file, monthly)
			require.NoError(t, g.startEnvoy(bootstrap))
			t.Cleanup(func() { require.NoError(t, g.stop()) })

			key := "sk-" + newName(t)
			left := g.spend(t, openAI, key, 70_000)

			stop := make(chan struct{})
			var load sync.WaitGroup
			for i := range 8 {
				d, busy := []dialect{openAI, anthropic}[i%2], "sk-"+newName(t)
				client := client(http1Only)
				load.Go(func() {
					for n := 0; ; n++ {
						select {
						case <-stop:
							return
						default:
						}
						a := g.send(t, request{path: d.path, key: busy + strconv.Itoa(n/100), body: d.body("Under load.", n%2 == 0, `"max_tokens":20`), client: client,
							header: map[string]string{"x-mock-pace": "{per_event: 200us}"}})
						if a.err != nil || a.status != 200 || a.seen(n%2 == 0) == "" || n%2 == 0 && !readStream(a.body).done {
							t.Errorf("request %d: %d %v %s", n, a.status, a.err, short(a.body))
							return
						}
					}
				})
			}
			again := strings.NewReplacer("limit: 100000", "limit: 50000", "gpt-4o-mini}]}", "gpt-4.1-nano}]}").Replace(monthly)
			g.replaceListener(t, file, again)
			// A request that is refused says by which limit.
			soon(t, func() bool {
				a := g.send(t, request{path: openAI.path, key: key, client: client(http1Only), body: openAI.body("?", false, `"max_tokens":`+strconv.Itoa(tooMuch))})
				return a.header.Get("x-ratelimit-limit-tokens") == "50000"
			}, "the new policy")
			close(stop)
			load.Wait()
			a := g.send(t, request{path: openAI.path, key: key, client: client(http1Only), body: openAI.body("?", false, `"max_tokens":`+strconv.Itoa(tooMuch))})
			require.Equal(t, strconv.FormatInt(left-50_000, 10), a.header.Get("x-ratelimit-remaining-tokens"), "what was spent stays spent")
			stats, err := g.envoy.Stats(t.Context())
			require.NoError(t, err)
			require.EqualValues(t, 2, stats["listener_manager.lds.update_success"])
		})
	}
}

// replaceListener puts a policy's listener in the file's place at one stroke, and
// returns the bootstrap that belongs to it.
func (g *gateway) replaceListener(t *testing.T, file, text string) []byte {
	t.Helper()
	p, err := g.read(text)
	require.NoError(t, err)
	g.policy = p
	var bootstrap, listener bytes.Buffer
	require.NoError(t, render.EnvoyDynamic(&bootstrap, &listener, p, beside(), file))
	require.NoError(t, os.WriteFile(file+".new", listener.Bytes(), 0o600))
	require.NoError(t, os.Rename(file+".new", file))
	return bootstrap.Bytes()
}
