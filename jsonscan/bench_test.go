package jsonscan_test

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"github.com/sluice-gateway/sluice/jsonscan"
)

// chatBody is a chat request of about size bytes: prose with line ends and
// quotes as code and conversations have them, in messages of 4 KB.
func chatBody(size int) []byte {
	const prose = "The quick brown fox said: \"jump\".\nfunc main() {\n\treturn nil // done\n}\nIt was, by all accounts, a long and uneventful afternoon in the valley. "
	body := []byte(`{"model":"gpt-4o","stream":true,"temperature":0.7,"messages":[`)
	for i := 0; len(body) < size; i++ {
		if i > 0 {
			body = append(body, ',')
		}
		body = append(body, `{"role":"user","content":`...)
		body = jsonscan.AppendQuoted(body, strings.Repeat(prose, min(4096, size)/len(prose)+1))
		body = append(body, '}')
	}
	return append(body, `]}`...)
}

// textCounter is the least a request reader does.
type textCounter struct{ n int }

func (c *textCounter) Event(e *jsonscan.Event) error {
	if e.Kind == jsonscan.StringChunk {
		c.n += len(e.Text)
	}
	return nil
}

var benchPaths = jsonscan.NewPaths(map[string]int{"model": 1, "messages[].content": 2, "messages[].content[].text": 3})

func BenchmarkScan(b *testing.B) {
	quoted := func(s string) []byte { return jsonscan.AppendQuoted(nil, s) }
	var names []byte
	for i := range 100_000 {
		names = append(names, `,"name`+strconv.Itoa(i)+`":0`...)
	}
	names[0] = '{'
	for _, v := range []struct {
		name  string
		body  []byte
		chunk int
	}{
		{"chat-1MB", chatBody(1 << 20), 1 << 20},
		{"chat-1MB-by-16KiB", chatBody(1 << 20), 16 << 10},
		{"plain-1MB", quoted(strings.Repeat("plain words and nothing else, ", 35_000)), 1 << 20},
		{"chinese-1MB", quoted(strings.Repeat("敏捷的棕色狐狸跳过了懒狗。", 27_000)), 1 << 20},
		{"escapes-1MB", []byte(`"` + strings.Repeat(`\n`, 500_000) + `"`), 1 << 20},
		{"unicode-escapes-1MB", []byte(`"` + strings.Repeat(`\u4f60`, 170_000) + `"`), 1 << 20},
		{"numbers-1MB", []byte("[0" + strings.Repeat(",0.0123", 150_000) + "]"), 1 << 20},
		{"100k-names", append(names, '}'), 1 << 20},
	} {
		b.Run(v.name, func(b *testing.B) {
			b.SetBytes(int64(len(v.body)))
			b.ReportAllocs()
			var c textCounter
			s := jsonscan.New(&c, jsonscan.Options{Paths: benchPaths})
			if v.body[0] == '"' {
				s = jsonscan.New(&c, jsonscan.Options{})
			}
			for b.Loop() {
				s.Reset(&c)
				for i := 0; i < len(v.body); i += v.chunk {
					if err := s.Write(v.body[i:min(i+v.chunk, len(v.body))]); err != nil {
						b.Fatal(err)
					}
				}
				if err := s.Close(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkStandard is what encoding/json needs only to say that a text is well
// formed, as a measure of the machine.
func BenchmarkStandard(b *testing.B) {
	body := chatBody(1 << 20)
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		if !json.Valid(body) {
			b.Fatal("not valid")
		}
	}
}
