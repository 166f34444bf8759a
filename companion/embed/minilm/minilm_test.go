package minilm

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sluice-gateway/sluice/companion/embed"
	"github.com/sluice-gateway/sluice/companion/embed/minilm/kernel"
	"github.com/stretchr/testify/require"
)

// folder is the model, which `make test` fetches and names.
func folder() string {
	if dir := os.Getenv("SLUICE_MODEL"); dir != "" {
		return dir
	}
	return "../../../build/model"
}

// opened is read once: a second is long for a test.
var opened = sync.OnceValues(func() (*Model, error) { return Open(folder()) })

func model(t testing.TB) *Model {
	m, err := opened()
	require.NoError(t, err, "these tests need the model: run `make model`, or set SLUICE_MODEL to where it is")
	return m
}

func cosine(a, b []float32) float64 {
	var dot, aa, bb float64
	for i := range a {
		dot += float64(a[i]) * float64(b[i])
		aa += float64(a[i]) * float64(a[i])
		bb += float64(b[i]) * float64(b[i])
	}
	return dot / math.Sqrt(aa*bb)
}

// golden are texts and what testdata/reference.py has computed of them in float64. With
// -short, for machines that are emulated, only a few.
func golden(t testing.TB) (texts []string, vectors [][]float32) {
	b, err := os.ReadFile("testdata/texts.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(b, &texts))
	f, err := os.Open("testdata/vectors.f32")
	require.NoError(t, err)
	defer func() { _ = f.Close() }()
	for range texts {
		v := make([]float32, Dimensions)
		require.NoError(t, binary.Read(f, binary.LittleEndian, v))
		vectors = append(vectors, v)
	}
	n, err := f.Read(make([]byte, 1))
	require.Equal(t, 0, n)
	require.Equal(t, io.EOF, err)
	if testing.Short() {
		return texts[:10], vectors[:10]
	}
	return texts, vectors
}

func TestVectorsAreTheReferences(t *testing.T) {
	texts, want := golden(t)
	vectors, err := model(t).Embed(t.Context(), texts)
	require.NoError(t, err)
	worst := 1.0
	for i, v := range vectors {
		require.Len(t, v.Values, Dimensions)
		near := cosine(want[i], v.Values)
		require.Greater(t, near, 0.999999, "%.60q", texts[i])
		require.InDelta(t, 1, math.Sqrt(dot(v.Values, v.Values)), 1e-6, "length")
		worst = min(worst, near)
	}
	t.Logf("the least cosine to the reference is %.9f", worst)
}

func dot(a, b []float32) (sum float64) {
	for i := range a {
		sum += float64(a[i]) * float64(b[i])
	}
	return sum
}

// The kernels in Go make the same of the whole model. Short texts: it is slow.
func TestPlainIsTheSame(t *testing.T) {
	plain := &Model{words: model(t).words, weights: model(t).weights, kernels: kernel.Plain{}}
	texts := []string{"Who is the president?", "cancel my order 1234", "", "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"}
	a, err := model(t).Embed(t.Context(), texts)
	require.NoError(t, err)
	b, err := plain.Embed(t.Context(), texts)
	require.NoError(t, err)
	for i := range texts {
		require.Greater(t, cosine(a[i].Values, b[i].Values), 0.9999999, "%q", texts[i])
	}
}

// What was measured with this model elsewhere, by another program: the golden vectors and
// this code could share a mistake.
func TestKnownSimilarity(t *testing.T) {
	v, err := model(t).Embed(t.Context(), []string{"Who is the president?", "Who is the US president?"})
	require.NoError(t, err)
	require.InDelta(t, 0.921, cosine(v[0].Values, v[1].Values), 0.0005)
}

// A text's vector does not depend on what else is asked for.
func TestTogetherIsAsAlone(t *testing.T) {
	texts, _ := golden(t)
	r := rand.New(rand.NewPCG(1, 2))
	r.Shuffle(len(texts), func(i, j int) { texts[i], texts[j] = texts[j], texts[i] })
	together, err := model(t).Embed(t.Context(), texts)
	require.NoError(t, err)
	for i, text := range texts {
		alone, err := model(t).Embed(t.Context(), []string{text})
		require.NoError(t, err)
		require.Equal(t, together[i].Cut, alone[0].Cut)
		require.Greater(t, cosine(together[i].Values, alone[0].Values), 0.9999999, "%.60q", text)
	}
	none, err := model(t).Embed(t.Context(), nil)
	require.NoError(t, err)
	require.Empty(t, none)
}

func TestCutTellsOfAnEndThatIsNotRead(t *testing.T) {
	begin := strings.Repeat("word ", Window-2)
	v, err := model(t).Embed(t.Context(), []string{begin, begin + "again", begin + "not"})
	require.NoError(t, err)
	require.False(t, v[0].Cut)
	require.True(t, v[1].Cut)
	require.True(t, v[2].Cut)
	require.InDelta(t, 1, cosine(v[1].Values, v[2].Values), 1e-6, "which is why Cut matters")
	require.Equal(t, Window, model(t).Tokens(begin+"again"))
	require.Equal(t, 2, model(t).Tokens(""))
	require.Equal(t, 5, model(t).Tokens("three words here"))
}

func TestManyAtOnce(t *testing.T) {
	texts, want := golden(t)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for j := i; j < len(texts); j += 8 {
				v, err := model(t).Embed(t.Context(), texts[j:j+1])
				if err != nil || cosine(want[j], v[0].Values) < 0.999999 {
					t.Errorf("%q: %v", texts[j], err)
				}
			}
		})
	}
	all.Wait()
}

func TestEmbedObeysItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := model(t).Embed(ctx, []string{"a"})
	require.ErrorIs(t, err, context.Canceled)
	require.EqualError(t, err, "minilm: 0 of 1 texts: context canceled")
}

func TestSpace(t *testing.T) {
	require.Equal(t, "minilm-l6-v2/256", model(t).Space())
	require.NoError(t, Verify(folder()))
}

func TestNoModel(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "nowhere")
	_, err := Open(dir)
	require.ErrorIs(t, err, ErrNoModel)
	require.ErrorContains(t, err, "`make model` fetches it")
}

// A folder with other files than the model's is no folder without one.
func TestBadModel(t *testing.T) {
	dir := t.TempDir()
	link := func(name string) {
		from, err := filepath.Abs(filepath.Join(folder(), name))
		require.NoError(t, err)
		require.NoError(t, os.Symlink(from, filepath.Join(dir, name)))
	}
	refused := func(want string) {
		_, err := Open(dir)
		require.ErrorContains(t, err, want)
		require.NotErrorIs(t, err, ErrNoModel)
		require.Error(t, Verify(dir))
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, weightsFile), []byte("short"), 0o600))
	refused("safetensors: 5 bytes are no file")
	require.NoError(t, os.Remove(filepath.Join(dir, weightsFile)))
	link(weightsFile)
	refused("vocab.txt")
	require.NoError(t, os.WriteFile(filepath.Join(dir, vocabularyFile), []byte("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n"), 0o600))
	refused(`tensor "embeddings.word_embeddings.weight" is [30522 384] of F32, and [5 384] of F32 is asked for`)

	// The right size, but other words: vectors of another space.
	vocabulary, err := os.ReadFile(filepath.Join(folder(), vocabularyFile))
	require.NoError(t, err)
	other := strings.Replace(string(vocabulary), "\nhouse\n", "\nhous\u00e9\n", 1)
	require.NoError(t, os.WriteFile(filepath.Join(dir, vocabularyFile), []byte(other), 0o600))
	m, err := Open(dir)
	require.NoError(t, err)
	require.Regexp(t, "^minilm-[0-9a-f]{12}/256$", m.Space())
	require.ErrorContains(t, Verify(dir), "minilm: vocab.txt in ")
}

// Tokens include [CLS] and [SEP]. The median says more than the mean where others use the
// machine too.
func BenchmarkEmbed(b *testing.B) {
	for _, tokens := range []int{8, 32, 128, 256} {
		text := strings.Repeat("word ", tokens-2)
		require.Equal(b, tokens, model(b).Tokens(text))
		b.Run(fmt.Sprintf("tokens=%d", tokens), func(b *testing.B) {
			var took []time.Duration
			for b.Loop() {
				began := time.Now()
				_, err := model(b).Embed(b.Context(), []string{text})
				require.NoError(b, err)
				took = append(took, time.Since(began))
			}
			slices.Sort(took)
			b.ReportMetric(took[len(took)/2].Seconds()*1000, "p50-ms")
			b.ReportMetric(took[0].Seconds()*1000, "min-ms")
		})
	}
	texts := strings.SplitAfter(strings.Repeat("Who is the president of the US?\n", 32), "\n")[:32]
	b.Run("32-short-together", func(b *testing.B) {
		for b.Loop() {
			_, err := model(b).Embed(b.Context(), texts)
			require.NoError(b, err)
		}
		b.ReportMetric(float64(b.Elapsed().Microseconds())/1000/float64(b.N)/32, "ms/text")
	})
}

func BenchmarkOpen(b *testing.B) {
	for b.Loop() {
		_, err := Open(folder())
		require.NoError(b, err)
	}
}

var _ embed.Embedder = (*Model)(nil)
