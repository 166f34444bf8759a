package rewrite

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/dialect"
)

// A text as it is written, by its units.
var halves = []string{"a", `\ud83d`, `\ude00`, " [", "EMAIL_1", `]`, `\uD83C`, `\uDF0D`, `\ud83d`, `\ud83d`, `\ude00`, "x", `\ude00`, `\\`, "ud83d", `\ufffd`, `\\`, `\ud83d`, `\ude00`, "😀", "[[EMAIL_1]", `\ud83d`}

// A character that is cut in two between two pieces comes out whole, in each dialect and at
// every cut; and a half that has no other one as what it reads as.
func TestHalves(t *testing.T) {
	for _, e := range events {
		t.Run(e.name, func(t *testing.T) {
			said := func(units, pieces []string) {
				names := make([]string, len(pieces))
				var with []string
				for i, piece := range pieces {
					names[i] = fmt.Sprintf("<%d>", i)
					with = append(with, names[i], piece)
				}
				stream := strings.NewReplacer(with...).Replace(e.say(names))
				text := parse(t, []byte(`"`+strings.Join(units, "")+`"`)).text()
				want := strings.ReplaceAll(text, "[EMAIL_1]", "ann@example.org")
				require.Equal(t, map[string]string{e.text: want}, listen(t, e.op, rewrite(e.op, restoring(), stream)), "%q", pieces)
				for late := range 9 {
					require.Equal(t, map[string]string{e.text: strings.ToUpper(text)}, listen(t, e.op, rewrite(e.op, loudly(late), stream)), "%q", pieces)
				}
				require.Equal(t, stream, rewrite(e.op, func(Channel) Writer { return nil }, stream))
			}
			for n := 1; n <= len(halves); n++ { // and each end
				said(halves[:n], halves[:n])
				for cut := 1; cut < n; cut++ {
					before, behind := strings.Join(halves[:cut], ""), strings.Join(halves[cut:n], "")
					said(halves[:n], []string{before, behind})
					said(halves[:n], []string{before, "", behind})
				}
			}
		})
	}
}

// A half that waits counts as what it reads as alone.
func TestHeldHalf(t *testing.T) {
	s := NewStream(dialect.Completions, restoring())
	_, with := s.Event(nil, []byte(`{"choices":[{"index":0,"text":"a\ud83d"}]}`))
	require.Equal(t, "a", parse(t, with).get("choices").list()[0].get("text").text())
	require.Equal(t, len("\uFFFD"), s.Held())
}
