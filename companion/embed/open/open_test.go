package open

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/sluice-gateway/sluice/companion/embed"
	"github.com/sluice-gateway/sluice/companion/embed/minilm"
	"github.com/sluice-gateway/sluice/companion/embed/openai"
	"github.com/sluice-gateway/sluice/internal/mock"
	"github.com/stretchr/testify/require"
)

func TestTheModel(t *testing.T) {
	dir := os.Getenv("SLUICE_MODEL")
	if dir == "" {
		dir = "../../../build/model"
	}
	e, err := Open(t.Context(), Options{Model: dir})
	require.NoError(t, err, "this test needs the model: run `make model`, or set SLUICE_MODEL to where it is")
	require.Equal(t, "minilm-l6-v2/256", e.Space())
	for range 2 {
		v, err := e.Embed(t.Context(), []string{"Who is the president?"})
		require.NoError(t, err)
		require.Len(t, v[0].Values, minilm.Dimensions)
	}
	require.EqualValues(t, 1, e.Stats().Hits)
	require.Equal(t, embed.BatchStats{Passes: 1, Texts: 1}, e.Batcher.Stats())
}

func TestNoModel(t *testing.T) {
	_, err := Open(t.Context(), Options{Model: filepath.Join(t.TempDir(), "model")})
	require.ErrorIs(t, err, minilm.ErrNoModel)
	_, err = Open(t.Context(), Options{}) // beside the test's program
	require.ErrorIs(t, err, minilm.ErrNoModel)
	program, _ := os.Executable()
	require.ErrorContains(t, err, filepath.Join(filepath.Dir(program), "model"))
}

func TestNone(t *testing.T) {
	e, err := Open(t.Context(), Options{Spec: None})
	require.NoError(t, err)
	require.Nil(t, e)
}

func TestAService(t *testing.T) {
	server, err := mock.Start(mock.Options{Script: "keys: [sk-good]\n"})
	require.NoError(t, err)
	defer func() { _ = server.Close() }()
	t.Setenv("SLUICE_TEST_KEY", "sk-good")
	e, err := Open(t.Context(), Options{Spec: server.URL() + "/v1?model=text-embedding-3-small&key_env=SLUICE_TEST_KEY"})
	require.NoError(t, err)
	require.Equal(t, "openai:text-embedding-3-small/1536", e.Space())

	t.Setenv("SLUICE_TEST_KEY", "sk-of-somebody-else")
	_, err = Open(t.Context(), Options{Spec: server.URL() + "/v1?model=text-embedding-3-small&key_env=SLUICE_TEST_KEY"})
	require.ErrorContains(t, err, "401 Unauthorized: the key for model text-embedding-3-small is refused")
	require.NotContains(t, err.Error(), "sk-")
}

func TestRemote(t *testing.T) {
	t.Setenv("SLUICE_TEST_KEY", "sk-good")
	o, err := remote("https://h:1/p?model=a%2Fb&key_env=SLUICE_TEST_KEY&dimensions=3&window=4&inputs=5&timeout=6s&attempts=7")
	require.NoError(t, err)
	require.Equal(t, openai.Options{URL: "https://h:1/p", Model: "a/b", Key: "sk-good", Dimensions: 3, Window: 4, Inputs: 5, Timeout: 6 * time.Second, Attempts: 7}, o)

	for spec, want := range map[string]string{
		"http://h?modell=a":                   "open: embedder http://h: modell: there is no such option; model, key_env, dimensions, window, inputs, timeout and attempts are",
		"http://h?model=a&model=b":            "open: embedder http://h: model is there 2 times",
		"http://h?key_env=SLUICE_TEST_NO_KEY": "open: embedder http://h: key_env: the environment has no SLUICE_TEST_NO_KEY",
		"http://h?dimensions=0":               `open: embedder http://h: dimensions: "0" is no number from 1 to 16777216`,
		"http://h?window=x":                   `open: embedder http://h: window: "x" is no number from 1 to 16777216`,
		"http://h?timeout=-1s":                "open: embedder http://h: timeout: -1s is no time to wait",
		"http://u:secret@h?attempts=":         `open: embedder http://u:xxxxx@h: attempts: "" is no number from 1 to 16777216`,
		"http://h?%zz":                        `open: embedder http://h: invalid URL escape "%zz"`,
	} {
		_, err := remote(spec)
		require.EqualError(t, err, want)
	}
	for _, spec := range []string{"miniLM", "ftp://h?model=a", "/some/folder"} {
		_, err := Open(t.Context(), Options{Spec: spec})
		require.ErrorContains(t, err, "is no http:// or https:// address")
	}
}
