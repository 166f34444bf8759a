package wordpiece

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// modelFile is a file of the model, which `make test` fetches and names.
func modelFile(t testing.TB, name string) string {
	dir := os.Getenv("SLUICE_MODEL")
	if dir == "" {
		dir = "../../../../build/model"
	}
	path := filepath.Join(dir, name)
	_, err := os.Stat(path)
	require.NoError(t, err, "these tests need the model: run `make model`, or set SLUICE_MODEL to where it is")
	return path
}

func load(t testing.TB) (*Tokenizer, string) {
	vocabulary, err := os.ReadFile(modelFile(t, "vocab.txt"))
	require.NoError(t, err)
	k, err := New(string(vocabulary))
	require.NoError(t, err)
	require.Equal(t, 30522, k.Size())
	return k, string(vocabulary)
}

const small = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nun\n##aff\n##able\nable\n.\n中\n##s\n"

func TestEncode(t *testing.T) {
	k, err := New(small)
	require.NoError(t, err)
	for text, want := range map[string][]int32{
		"":                             {},
		"unaffable":                    {5, 6, 7},
		"UNAFFÄBLE":                    {5, 6, 7},
		"unaff able.":                  {5, 6, 8, 9},
		"unaffx":                       {1}, // all of the word
		"un中s":                         {5, 10, 1},
		"[SEP]un[MASK]":                {3, 5, 4},
		"[sep]":                        {1, 1, 1},
		"un\xffaff\ufffd\x00":          {5, 6},
		"able\u00a0able":               {8, 8},
		"un" + strings.Repeat("s", 98): append([]int32{5}, slices.Repeat([]int32{11}, 98)...),
		"un" + strings.Repeat("s", 99): {1},
	} {
		ids, cut := k.Encode(nil, text, 256)
		require.Equal(t, append(append([]int32{2}, want...), 3), ids, "%q", text)
		require.False(t, cut)
	}
}

// At every limit: the beginning of what there is, and cut where there is more.
func TestEncodeCuts(t *testing.T) {
	k, err := New(small)
	require.NoError(t, err)
	for _, text := range []string{"", "un", "unaffable able un. un", "un unaffx able", "un unaff unaff[SEP][SEP]", strings.Repeat("able ", 300)} {
		all, cut := k.Encode(nil, text, 1000)
		require.False(t, cut)
		for most := 2; most < len(all)+3; most++ {
			ids, cut := k.Encode([]int32{77}, text, most)
			n := min(len(all), most)
			require.Equal(t, int32(77), ids[0], "what was there stays")
			require.Equal(t, append(all[:n-1:n-1], 3), ids[1:], "%q in %d", text, most)
			require.Equal(t, len(all) > most, cut, "%q in %d", text, most)
		}
	}
}

// What is behind MostBytes is not looked at, and said to be cut.
func TestEncodeStops(t *testing.T) {
	k, err := New(small)
	require.NoError(t, err)
	for _, filler := range []string{"\x00", "\u0301", "x", "é", " "} {
		text := strings.Repeat(filler, MostBytes/len(filler)-4)
		ids, cut := k.Encode(nil, "un "+text, 256)
		require.False(t, cut, "%q", filler)
		require.Equal(t, []int32{2, 5}, ids[:2])
		ids, cut = k.Encode(nil, "un "+text+" able able able", 256)
		require.True(t, cut, "%q", filler)
		require.NotContains(t, ids, int32(8), "%q", filler)
	}
}

func TestNewRefuses(t *testing.T) {
	for vocabulary, want := range map[string]string{
		"":                                        `wordpiece: line 1, "", is no piece`,
		strings.Replace(small, ".", "", 1):        `wordpiece: line 10, "", is no piece`,
		strings.Replace(small, ".", "\xff", 1):    `wordpiece: line 10, "\xff", is no piece`,
		strings.ReplaceAll(small, "\n", "\r\n"):   `wordpiece: line 1, "[PAD]\r", is no piece`,
		small + "able\n":                          `wordpiece: "able" is in line 9 and in line 13`,
		small + "##able\n":                        `wordpiece: "##able" is in line 8 and in line 13`,
		strings.Replace(small, "[SEP]", "sep", 1): `wordpiece: [SEP] is not among the 12 lines`,
	} {
		_, err := New(vocabulary)
		require.EqualError(t, err, want)
	}
}

// Whatever the text: the frame, the limit, ids that exist, and no more tokens than bytes.
func FuzzEncode(f *testing.F) {
	for _, part := range parts {
		f.Add(part)
	}
	k, _ := load(f)
	f.Fuzz(func(t *testing.T, text string) {
		text = text[:min(len(text), MostBytes/2-1)]
		ids, cut := k.Encode(nil, text, 64)
		require.Equal(t, int32(101), ids[0])
		require.Equal(t, int32(102), ids[len(ids)-1])
		require.LessOrEqual(t, len(ids), 64)
		for _, id := range ids {
			require.True(t, 0 <= id && id < 30522)
		}
		all, _ := k.Encode(nil, text, len(text)*4+2)
		require.Equal(t, cut, len(all) > 64)
		require.Equal(t, all[:len(ids)-1], ids[:len(ids)-1])
		double, _ := k.Encode(nil, text+" "+text, 2*len(text)*4+2)
		require.Equal(t, slices.Concat(all[:len(all)-1], all[1:]), double, "a space between two texts keeps them apart")
	})
}

func BenchmarkEncode(b *testing.B) {
	k, vocabulary := load(b)
	s := newSource(1, vocabulary)
	for name, text := range map[string]string{
		"short": "Who is the president of the US?", "mixed": strings.Repeat(s.text(), 10), "1MB-word": strings.Repeat("z", 1<<20), "1MB-words": strings.Repeat("zqxj ", 200_000),
		"1MB-accents": strings.Repeat("\u0301", 1<<19), "1MB-nothing": strings.Repeat("\x00", 1<<20), "1MB-é": strings.Repeat("é", 1<<19),
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				k.Encode(nil, text, 256)
			}
		})
	}
}
