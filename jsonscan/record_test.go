package jsonscan_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/jsonscan"
)

// A recorder writes down what the scanner reports, one line an event, with the
// pieces of strings and raw values put together: what remains must not depend
// on how the text was cut.
type recorder struct {
	lines []string
	text  []byte
	raw   map[string]bool // values wanted raw, by key; skipped if false
}

func (r *recorder) Event(e *jsonscan.Event) error {
	switch e.Kind {
	case jsonscan.StringChunk, jsonscan.RawChunk:
		if len(e.Text) == 0 {
			return fmt.Errorf("empty %v", e.Kind)
		}
		r.text = append(r.text, e.Text...)
		return nil
	case jsonscan.BeginObject, jsonscan.BeginArray, jsonscan.BeginString:
		r.text = r.text[:0]
		if raw, ok := r.raw[string(e.Key)]; ok && raw {
			e.Raw()
		} else if ok {
			e.Skip()
		}
	case jsonscan.Number, jsonscan.True, jsonscan.False, jsonscan.Null:
		r.text = append(r.text[:0], e.Text...)
	}
	key := "-"
	if e.Key != nil {
		key = string(jsonscan.AppendQuoted(nil, string(e.Key)))
	}
	r.lines = append(r.lines, fmt.Sprintf("%v path=%d depth=%d index=%d key=%s member=%d [%d,%d) len=%d %q",
		e.Kind, e.Path, e.Depth, e.Index, key, e.Member, e.Start, e.End, e.Len, r.text))
	if e.End >= 0 {
		r.text = r.text[:0]
	}
	return nil
}

type recording struct {
	Lines []string
	Err   error
}

func record(o jsonscan.Options, raw map[string]bool, chunks ...string) recording {
	r := &recorder{raw: raw}
	s := jsonscan.New(r, o)
	for _, c := range chunks {
		if s.Write([]byte(c)) != nil {
			break
		}
	}
	return recording{r.lines, s.Close()}
}

// everyCut records text whole, byte by byte and cut at every two positions
// (long ones: at some), and requires that all agree.
func everyCut(t *testing.T, o jsonscan.Options, raw map[string]bool, text string) recording {
	t.Helper()
	whole := record(o, raw, text)
	bytewise := make([]string, len(text))
	for i := range len(text) {
		bytewise[i] = text[i : i+1]
	}
	require.Equal(t, whole, record(o, raw, bytewise...), "byte by byte: %q", text)
	step := 1 + len(text)/60
	for i := 0; i <= len(text); i += step {
		for j := i; j <= len(text); j += step {
			cut := record(o, raw, text[:i], text[i:j], text[j:])
			if !equalRecordings(whole, cut) {
				require.Equal(t, whole, cut, "cut at %d and %d: %q", i, j, text)
			}
		}
	}
	return whole
}

// equalRecordings is require's equality without its cost.
func equalRecordings(a, b recording) bool {
	if len(a.Lines) != len(b.Lines) || fmt.Sprint(a.Err) != fmt.Sprint(b.Err) {
		return false
	}
	for i := range a.Lines {
		if a.Lines[i] != b.Lines[i] {
			return false
		}
	}
	return true
}

// A builder makes of the events what encoding/json makes of the text.
type builder struct {
	stack []any // *map[string]any, *[]any
	keys  []string
	text  []byte
	Value any
}

func (b *builder) Event(e *jsonscan.Event) error {
	switch e.Kind {
	case jsonscan.BeginObject:
		b.stack, b.keys = append(b.stack, map[string]any{}), append(b.keys, string(e.Key))
	case jsonscan.BeginArray:
		b.stack, b.keys = append(b.stack, &[]any{}), append(b.keys, string(e.Key))
	case jsonscan.EndObject, jsonscan.EndArray:
		v, key := b.stack[len(b.stack)-1], b.keys[len(b.keys)-1]
		b.stack, b.keys = b.stack[:len(b.stack)-1], b.keys[:len(b.keys)-1]
		if a, ok := v.(*[]any); ok {
			v = *a
		}
		if key != string(e.Key) {
			return fmt.Errorf("key at the end %q, at the beginning %q", e.Key, key)
		}
		b.put(string(e.Key), v)
	case jsonscan.BeginString:
		b.text = b.text[:0]
	case jsonscan.StringChunk:
		b.text = append(b.text, e.Text...)
	case jsonscan.EndString:
		b.put(string(e.Key), string(b.text))
	case jsonscan.Number:
		b.put(string(e.Key), json.Number(e.Text))
	case jsonscan.True, jsonscan.False:
		b.put(string(e.Key), e.Kind == jsonscan.True)
	case jsonscan.Null:
		b.put(string(e.Key), nil)
	}
	return nil
}

func (b *builder) put(key string, v any) {
	if len(b.stack) == 0 {
		b.Value = v
		return
	}
	switch c := b.stack[len(b.stack)-1].(type) {
	case map[string]any:
		c[key] = v
	case *[]any:
		*c = append(*c, v)
	}
}
