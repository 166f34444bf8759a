package guard

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/dialect"
	"github.com/sluice-gateway/sluice/policy/source"
)

type deaf struct{}

func (deaf) BeginText(dialect.Text)     {}
func (deaf) Text([]byte)                {}
func (deaf) EndText(int64, int64)       {}
func (deaf) EndMessage(dialect.Speaker) {}
func (deaf) Attach(dialect.Attachment)  {}

// A reader that waits for the next request has nothing of the last one, and no more memory
// than a usual text takes: whatever that one was, and wherever it ended.
func TestReaderGivesBack(t *testing.T) {
	p, err := source.Policy([]byte("version: 1\nproviders: {openai: {dialect: openai, endpoint: 'http://127.0.0.1:1'}}\ndefault_provider: openai\nguards:\n  pii: {kinds: [email], custom: [{name: project, words: [Kestrel]}]}\n"))
	require.NoError(t, err)
	g, err := New(p.Guards)
	require.NoError(t, err)
	const mail = "ann@example.com"
	for _, arguments := range []string{
		`{"a":"` + mail + `"}`,
		`{"a":"` + strings.Repeat("x ", 200<<10) + mail + `"}`,
		`[` + strings.Repeat(`"`+mail+`",`, 5000) + `1]`,
		strings.Repeat(mail+" Kestrel ", 20_000),
		mail,
		strings.Repeat(mail+` \u00e4 `, 20_000),
		`\u0061` + mail + ` \u00`,
	} {
		for _, form := range []dialect.Form{dialect.JSONText, dialect.Plain} {
			for _, ends := range []bool{true, false} {
				prompt := g.Prompt(deaf{})
				prompt.BeginText(dialect.Text{Form: form})
				for rest := []byte(arguments); len(rest) > 0; rest = rest[min(4096, len(rest)):] {
					prompt.Text(rest[:min(4096, len(rest))])
				}
				if ends {
					prompt.EndText(0, 1<<20)
				}
				prompt.End()
				require.Len(t, g.readers, 1)
				r := g.readers[0]
				kept := 0
				for _, b := range [][]byte{r.text, r.as, r.held, r.raw, r.out, r.changed} {
					require.NotContains(t, string(b[:cap(b)]), "ann@")
					require.True(t, len(bytes.Trim(b[:cap(b)], "\x00")) == 0)
					kept += cap(b)
				}
				for _, s := range r.spans[:cap(r.spans)] {
					require.Nil(t, s.With)
				}
				for _, e := range r.inner.edits[:cap(r.inner.edits)] {
					require.Nil(t, e.With)
				}
				require.LessOrEqual(t, kept, 3*usualText)
				require.LessOrEqual(t, max(cap(r.finds.finds), cap(r.owns.finds), cap(r.spans), cap(r.inner.edits), cap(r.ends)), usualFinds)
			}
		}
	}
}
