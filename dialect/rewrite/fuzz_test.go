package rewrite

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/dialect"
	"github.com/sluice-gateway/sluice/jsonscan"
	"github.com/sluice-gateway/sluice/sse"
)

// Any events: what is valid stays so, nothing that has to stay changes, and no text is
// lost, or comes to another place, or twice.
func FuzzStream(f *testing.F) {
	files, err := filepath.Glob("testdata/streams/*/*.sse")
	require.NoError(f, err)
	for _, file := range files {
		stream, err := os.ReadFile(file)
		require.NoError(f, err)
		f.Add(byte(opOfFolder[filepath.Base(filepath.Dir(file))]), byte(3), string(stream))
	}
	for _, s := range signedThoughts {
		f.Add(byte(s.op), byte(3), s.stream([]string{"x ", "y"}))
	}
	f.Fuzz(func(t *testing.T, op, hold byte, stream string) {
		o := dialect.Op(op % 6)
		stream += "\n\n" // what has no blank line at its end is no event
		// Halves of characters move to their others.
		if !strings.Contains(strings.ToLower(stream), `\ud`) {
			require.Equal(t, stream, rewrite(o, func(Channel) Writer { return same{} }, stream))
		}
		got := rewrite(o, func(Channel) Writer { return &loud{late: int(hold), quiet: true} }, stream)

		valid := true
		each(stream, func(_, data []byte) { valid = valid && (data[0] != '{' || json.Valid(data)) })
		if valid {
			each(got, func(_, data []byte) { require.True(t, data[0] != '{' || json.Valid(data), "%s", data) })
		}
		// An event that says two things is not cut in two. There are none such.
		if o == dialect.Responses && (strings.Contains(stream, "item") || strings.Contains(stream, "part") || strings.Contains(stream, "response\"")) {
			return
		}
		require.Equal(t, recorded(o, stream), recorded(o, got), "%s", got)
	})
}

func each(stream string, f func(typ, data []byte)) {
	r := sse.NewReader(0)
	r.Feed([]byte(stream))
	for ev, ok := r.Next(); ok; ev, ok = r.Next() {
		if data := bytes.TrimSpace(ev.Data); len(data) > 0 {
			f(ev.Type, data)
		}
	}
}

// recorder keeps the texts of channels.
type recorder struct{ to *string }

func (r recorder) Write(out, piece []byte) []byte {
	*r.to += string(piece)
	return append(out, piece...)
}
func (recorder) End(out []byte) []byte { return out }
func (recorder) Held() int             { return 0 }

func recorded(op dialect.Op, stream string) map[Channel]string {
	texts := map[Channel]*string{}
	rewrite(op, func(c Channel) Writer {
		if texts[c] == nil {
			texts[c] = new(string)
		}
		return recorder{texts[c]}
	}, stream)
	all := map[Channel]string{}
	for c, text := range texts {
		if *text != "" {
			all[c] = *text
		}
	}
	return all
}

// Any answer: what is valid stays so, and what is to stay does.
func FuzzWhole(f *testing.F) {
	f.Add(byte(1), `{"choices":[{"message":{"content":"x"}}]}`)
	f.Add(byte(4), `{"content":[{"type":"tool_use","input":{"\u0078":["x"]}}]}`)
	f.Add(byte(4), `{"content":[{"type":"thinking","thinking":"x","signature":"y"},{"type":"thinking","thinking":"x"}]}`)
	f.Add(byte(5), `{"output":[{"content":[{"text":"x\ud83d"}]}]}`)
	f.Fuzz(func(t *testing.T, op byte, body string) {
		o := dialect.Op(op % 6)
		edits, _ := Whole(o, []byte(body), func(Channel) Writer { return same{} })
		require.Empty(t, edits)
		edits, err := Whole(o, []byte(body), loudly(5))
		if err == nil && json.Valid([]byte(body)) {
			require.True(t, json.Valid(jsonscan.Apply(nil, []byte(body), edits)))
		}
	})
}
