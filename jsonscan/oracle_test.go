package jsonscan_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/jsonscan"
)

// acceptable is the slow and obvious reading: the standard library's grammar,
// valid UTF-8, no name twice, not too deep, no endless number.
func acceptable(text []byte) bool {
	if !json.Valid(text) || !utf8.Valid(text) {
		return false
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	type object struct {
		names map[string]bool // nil for an array
		name  bool            // a name comes next
	}
	var open []object
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return true
		}
		if err != nil {
			return false
		}
		if end, ok := token.(json.Delim); ok && (end == '}' || end == ']') {
			open = open[:len(open)-1]
			continue
		}
		if len(open) > 0 {
			if top := &open[len(open)-1]; top.names != nil {
				name, isString := token.(string)
				if top.name && isString {
					if top.names[name] {
						return false
					}
					top.names[name] = true
				}
				top.name = !top.name
			}
		}
		if number, ok := token.(json.Number); ok && len(number) > jsonscan.MaxNumber {
			return false
		}
		switch token {
		case json.Delim('{'):
			open = append(open, object{map[string]bool{}, true})
		case json.Delim('['):
			open = append(open, object{})
		}
		if len(open) > jsonscan.DefaultMaxDepth {
			return false
		}
	}
}

// sameAsStandard requires that the events give the values that encoding/json
// gives, and that each value's offsets cut out the value.
func sameAsStandard(t *testing.T, text []byte) {
	t.Helper()
	var want any
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	require.NoError(t, d.Decode(&want))
	var b builder
	require.NoError(t, jsonscan.Scan(text, &b, jsonscan.Options{}))
	require.Equal(t, want, b.Value)

	require.NoError(t, jsonscan.Scan(text, jsonscan.HandlerFunc(func(e *jsonscan.Event) error {
		if e.End < 0 || e.Kind == jsonscan.StringChunk {
			return nil
		}
		part := text[e.Start:e.End]
		if !json.Valid(part) || len(bytes.TrimSpace(part)) != len(part) {
			t.Errorf("%v at [%d,%d) is %q", e.Kind, e.Start, e.End, part)
		}
		if e.Key != nil {
			var m map[string]any
			member := append(append([]byte("{"), text[e.Member:e.End]...), '}')
			if err := json.Unmarshal(member, &m); err != nil || len(m) != 1 {
				t.Errorf("member at [%d,%d) is %q: %v", e.Member, e.End, member, err)
			}
			if _, ok := m[string(e.Key)]; !ok {
				t.Errorf("member %q has not the key %q", member, e.Key)
			}
		}
		return nil
	}), jsonscan.Options{}))
}

func FuzzScan(f *testing.F) {
	for _, v := range vectors {
		f.Add([]byte(v.text), uint16(3), uint16(5))
	}
	f.Add([]byte(`{"model":"gpt-4o","messages":[{"role":"user","content":[{"type":"text","text":"a\u00e9\n"}]}],"n":1}`), uint16(20), uint16(60))
	f.Fuzz(func(t *testing.T, text []byte, a, b uint16) {
		i := int(a) % (len(text) + 1)
		j := i + int(b)%(len(text)-i+1)
		whole := record(jsonscan.Options{}, nil, string(text))
		cut := record(jsonscan.Options{}, nil, string(text[:i]), string(text[i:j]), string(text[j:]))
		if !equalRecordings(whole, cut) {
			require.Equal(t, whole, cut, "cut at %d and %d", i, j)
		}
		if want := acceptable(text); want != (whole.Err == nil) {
			t.Fatalf("accepted by the standard library and by the rules: %v, by the scanner: %v", want, whole.Err)
		}
		if whole.Err == nil {
			sameAsStandard(t, text)
		}
		rawSame(t, text, i)
	})
}

// rawSame requires that asking for a value raw gives its very bytes, and that
// skipping finds the same errors.
func rawSame(t *testing.T, text []byte, cut int) {
	t.Helper()
	n, got := 0, []byte(nil)
	h := jsonscan.HandlerFunc(func(e *jsonscan.Event) error {
		switch e.Kind {
		case jsonscan.BeginObject, jsonscan.BeginArray, jsonscan.BeginString:
			got = got[:0]
			if n++; n%3 == 1 {
				e.Raw()
			} else if n%3 == 2 {
				e.Skip()
			}
		case jsonscan.RawChunk:
			got = append(got, e.Text...)
		case jsonscan.EndObject, jsonscan.EndArray, jsonscan.EndString:
			if len(got) > 0 && !bytes.Equal(got, text[e.Start:e.End]) {
				t.Errorf("raw %q, in the text %q", got, text[e.Start:e.End])
			}
			got = got[:0]
		case jsonscan.StringChunk:
			got = got[:0]
		}
		return nil
	})
	s := jsonscan.New(h, jsonscan.Options{})
	_ = s.Write(text[:cut])
	_ = s.Write(text[cut:])
	require.Equal(t, record(jsonscan.Options{}, nil, string(text)).Err, s.Close())
}
