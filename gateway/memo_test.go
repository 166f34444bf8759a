package gateway

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/gateway/internal/siphash"
	"github.com/sluice-gateway/sluice/tokenizer"
)

// Whatever was sent before and however the bytes come, a text counts the same.
func TestMemoCounts(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	words := []string{"word ", "Straße", "東京", " ", "\n", "'s", "0123", "aaaaaaaaaaaaaaaa", "🙂", strings.Repeat("x", 400)}
	text := func() string {
		var b strings.Builder
		for size := random.IntN(4 * memoBlock); b.Len() < size; {
			b.WriteString(words[random.IntN(len(words))])
		}
		return b.String()
	}
	for _, e := range []*tokenizer.Encoding{tokenizer.O200kBase(), tokenizer.Cl100kBase()} {
		m := newMemo(siphash.Key{1, 2})
		c := newTextCounter(m, e)
		var texts []string
		for range 600 {
			s := text()
			if len(texts) > 0 {
				switch random.IntN(4) { // mostly something that was there before
				case 0:
					s = texts[random.IntN(len(texts))]
				case 1:
					s = texts[random.IntN(len(texts))] + s
				case 2:
					old := texts[random.IntN(len(texts))]
					s = old[:random.IntN(len(old)+1)]
				}
			}
			texts = append(texts, s)
			for rest := s; rest != ""; {
				n := min(len(rest), 1+random.IntN(3*memoBlock))
				c.write([]byte(rest[:n]))
				rest = rest[n:]
			}
			require.EqualValues(t, e.CountString(s), c.end())
		}
		require.Positive(t, m.hits)
		require.Positive(t, m.misses)
	}
}

func TestMemoIsBounded(t *testing.T) {
	m := newMemo(siphash.Key{1, 2})
	for i := range uint64(10 * memoEntries) {
		m.put([2]uint64{i, i}, "state")
		m.get([2]uint64{i / 2, i / 2})
	}
	require.LessOrEqual(t, len(m.younger)+len(m.older), 2*memoEntries)
}

// Two encodings and two virtual machines do not take each other's word.
func TestMemoIsKeyed(t *testing.T) {
	digest := func(m *memo, e *tokenizer.Encoding) [2]uint64 {
		c := newTextCounter(m, e)
		c.hash.Write([]byte("the same text"))
		return c.digest(endOfText)
	}
	a, b := newMemo(siphash.Key{1, 2}), newMemo(siphash.Key{1, 3})
	require.NotEqual(t, digest(a, tokenizer.O200kBase()), digest(b, tokenizer.O200kBase()))
	require.NotEqual(t, digest(a, tokenizer.O200kBase()), digest(a, tokenizer.Cl100kBase()))
}

// An agent's conversation sends all earlier turns again with each new one. What is
// counted is what is new, and the rest of a block where a text was longer than before.
func TestConversation(t *testing.T) {
	m := newMemo(siphash.Key{1, 2})
	c := newTextCounter(m, tokenizer.O200kBase())
	var turns []string
	var sent, fresh int64
	for turn := range 50 {
		said := strings.Repeat("In turn "+string(rune('a'+turn%26))+string(rune('a'+turn/26))+" the tool said this. ", 100)
		turns = append(turns, said)
		fresh += int64(len(said))
		for _, s := range turns {
			sent += int64(len(s))
			c.write([]byte(s))
			c.end()
		}
	}
	require.Equal(t, fresh, m.misses)
	require.Equal(t, sent-fresh, m.hits)
	require.Greater(t, sent, 25*fresh)
}

// The work of the last of 50 turns, with what the turns before have left and without.
func BenchmarkConversation(b *testing.B) {
	turns := make([][]byte, 50)
	for i := range turns {
		turns[i] = []byte(strings.Repeat("Turn "+string(rune('a'+i%26))+": the tool has read the file, and here is what is in it: func main() { os.Exit(run()) }\n", 200))
	}
	size := int64(len(turns) * len(turns[0]))
	count := func(c *textCounter, from int) {
		for _, s := range turns[from:] {
			c.write(s)
			c.end()
		}
	}
	b.Run("not twice", func(b *testing.B) {
		b.SetBytes(size)
		c := newTextCounter(newMemo(siphash.Key{1, 2}), tokenizer.O200kBase())
		count(c, 0)
		for b.Loop() {
			count(c, 0)
		}
	})
	b.Run("each time", func(b *testing.B) {
		b.SetBytes(size)
		for b.Loop() {
			count(newTextCounter(newMemo(siphash.Key{1, 2}), tokenizer.O200kBase()), 0)
		}
	})
}
