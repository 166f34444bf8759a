package rewrite

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/dialect"
	"github.com/sluice-gateway/sluice/jsonscan"
)

// Every half of a surrogate pair is written as it was read, wherever it stands.
func TestHalves(t *testing.T) {
	for unit := 0xD800; unit < 0xE000; unit++ {
		half := string([]byte{0xED, byte(0x80 | unit>>6&0x3F), byte(0x80 | unit&0x3F)})
		require.Equal(t, fmt.Sprintf(`"\u%04x"`, unit), string(appendQuoted(nil, half)))
		require.Equal(t, fmt.Sprintf(`x"a\"\u%04xb\u%04x\u%04x\n한"`, unit, unit, unit), string(appendQuoted([]byte("x"), `a"`+half+"b"+half+half+"\n한")))
	}
	for _, s := range []string{"", "\"", "한국\xed", "\xed\xa0", "\xff"} {
		require.Equal(t, string(jsonscan.AppendQuoted(nil, s)), string(appendQuoted(nil, s)))
	}
}

// window holds back some bytes.
type window struct{ held []byte }

func (w *window) Write(out, p []byte) []byte {
	w.held = append(w.held, p...)
	n := max(0, len(w.held)-5)
	for n > 0 && w.held[n]>>6 == 2 {
		n--
	}
	out = append(out, w.held[:n]...)
	w.held = w.held[n:]
	return out
}
func (w *window) End(out []byte) []byte { return append(out, w.held...) }
func (w *window) Held() int             { return len(w.held) }

// A pair that is split over two pieces is one again for who joins the pieces.
func TestSplitPair(t *testing.T) {
	s := NewStream(dialect.ChatCompletions, func(Channel) Writer { return &window{} })
	text := ""
	for _, piece := range []string{`hi \ud83d`, `\ude00`, ` there`, `\ud83d`} {
		before, with := s.Event(nil, []byte(`{"choices":[{"index":0,"delta":{"content":"`+piece+`"}}]}`))
		require.Empty(t, before)
		text += string(with) + "\n"
	}
	before, _ := s.Event(nil, []byte(`{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}`))
	all := text + string(before)
	require.NotContains(t, all, "\uFFFD")
	require.Contains(t, all, `\ud83d\ude00`)
	require.Contains(t, string(before), `re\ud83d"`)
}
