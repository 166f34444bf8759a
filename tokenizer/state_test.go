package tokenizer

import (
	"strings"
	"testing"

	"github.com/sluice-gateway/sluice/internal/benchtokenizer/texts"
	"github.com/stretchr/testify/require"
)

// A counter that goes on from the state at a cut counts as the one that was cut, at every cut.
func TestStateAtEveryCut(t *testing.T) {
	forEach(t, func(t *testing.T, e *Encoding) {
		s := newSource(6, e)
		all := []string{"", "don't 中文 \r\n\r\n  x", "👨‍👩‍👧‍👦é", "\xe2\x82\xf0\x9f\x98", strings.Repeat("a", 300) + " b", strings.Repeat("€ ", 40)}
		for range 200 {
			all = append(all, s.text(), string(s.bytes()))
		}
		for _, a := range texts.Adversaries() {
			all = append(all, a.Make(600))
		}
		refused := 0
		for _, text := range all {
			c, again := e.NewCounter(), e.NewCounter()
			again.WriteString("what it counted before") // and is forgotten
			for cut := 0; ; cut++ {
				state, ok := c.AppendState([]byte("x"))
				require.Equal(t, byte('x'), state[0])
				require.LessOrEqual(t, len(state)-1, StateSize)
				if ok {
					require.True(t, again.RestoreState(state[1:]), "cut at %d of %q", cut, text)
					require.Equal(t, c.Count(), again.Count(), "cut at %d of %q", cut, text)
					same, _ := again.AppendState(nil)
					require.Equal(t, state[1:], same)
					again.WriteString(text[cut:])
					require.Equal(t, e.CountString(text), again.Count(), "cut at %d of %q", cut, text)
				} else {
					require.Len(t, state, 1)
					refused++
				}
				if cut == len(text) {
					break
				}
				c.WriteString(text[cut : cut+1])
			}
		}
		require.NotZero(t, refused, "there were pieces of more than 256 bytes")
	})
}

func TestStateIsOfItsEncoding(t *testing.T) {
	c := O200kBase().NewCounter()
	c.WriteString("three words here")
	state, ok := c.AppendState(nil)
	require.True(t, ok)
	require.Less(t, len(state), 10)
	other := Cl100kBase().NewCounter()
	require.False(t, other.RestoreState(state))
	require.Zero(t, other.Count(), "and it is left alone")
}

// No bytes do harm: they are a state, which counts on and is written as it was read, or they are refused.
func FuzzRestoreState(f *testing.F) {
	for _, seed := range []string{"", "\x00", "\x00\x05", "\x01\x05\xe2", "\x01\x05a", "\x02\x81\x05\xf0\x9fab", "\x00\x05\xff", "\x04\x05 a", "\x08\x05",
		"\x00\xff\xff\xff\xff\xff\xff\x7fab", "\x00\xff\xff\xff\xff\xff\xff\xff\x01", "\x00\x00" + strings.Repeat(" ", 256), "\x00\x00" + strings.Repeat("a", 257)} {
		f.Add([]byte(seed), []byte("'s \xf0\x9f\x98"))
	}
	f.Fuzz(func(t *testing.T, state, text []byte) {
		for _, e := range encodings() {
			c := e.NewCounter()
			if !c.RestoreState(state) {
				require.Zero(t, c.Count())
				continue
			}
			before := c.Count()
			require.GreaterOrEqual(t, before, c.done)
			written, ok := c.AppendState(nil)
			require.True(t, ok)
			again := e.NewCounter()
			require.True(t, again.RestoreState(written))
			c.Write(text)
			for i := range text {
				again.Write(text[i : i+1])
			}
			require.Equal(t, c.Count(), again.Count())
		}
	})
}
