package pii

import (
	"strings"
	"testing"
)

// mixedText is about what prompts are: prose, some code, JSON, and a find here and there.
const mixedText = `Hello, my name is Ann and I have a problem with order 4482-11. I wrote to support@example.com
on 2024-03-11 at 10:32:07 but nobody answered; please call me at +44 20 7946 0018 or (212) 555-0123.
My card 4111 1111 1111 1111 was charged $1,234.50 twice. Ich heiße Jürgen und wohne in München, 東京に住んでいます。
func handler(w http.ResponseWriter, r *http.Request) error {
	id, err := strconv.ParseInt(r.URL.Query().Get("id"), 10, 64)
	if err != nil { return fmt.Errorf("bad id %q: %w", r.URL.RawQuery, err) }
	return json.NewEncoder(w).Encode(map[string]any{"id": id, "ok": true, "hash": "9f86d081884c7d659a2feaa0c55ad015"})
}
{"user":{"name":"B. Meyer","ip":"192.168.10.24","uuid":"550e8400-e29b-41d4-a716-446655440000"},"api_key":"9f8e7d6c5b4a39281706f5e4"}
The quick brown fox jumps over the lazy dog, and the service restarts whenever the configuration changes on disk.
`

func benchmark(b *testing.B, text string) {
	s := New(Options{})
	data := []byte(text)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		s.Reset()
		s.Scan(data, true)
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/float64(len(data))*1024, "us/KB")
}

func BenchmarkScan(b *testing.B) {
	for _, row := range []struct{ name, text string }{
		{"mixed", strings.Repeat(mixedText, 10)},
		{"prose", strings.Repeat("The quick brown fox jumps over the lazy dog, and then it sleeps all day. ", 200)},
		{"chinese", strings.Repeat("敏捷的棕色狐狸跳过了懒狗，然后睡了一整天。", 200)},
		{"digits", strings.Repeat("7", 16<<10)},
		{"digits-apart", strings.Repeat("1 ", 8<<10)},
		{"dotted", strings.Repeat("1.", 8<<10)},
		{"colons", strings.Repeat("1:", 8<<10)},
		{"at", strings.Repeat("@", 16<<10)},
		{"a@", strings.Repeat("a@", 8<<10)},
		{"a.a@a.", strings.Repeat("a.a@a.", 4<<10)},
		{"letters", strings.Repeat("a", 16<<10)},
		{"base64", strings.Repeat("aGVsbG8gd29ybGQhISBub3QgYSBzZWNyZXQ", 500)},
		{"cards", strings.Repeat("4111 1111 1111 1112 ", 1000)},
		{"dates", strings.Repeat("2024-01-15 ", 1500)},
		{"eyJ", strings.Repeat("eyJ.", 4000)},
		{"password", strings.Repeat("password:", 1500)},
	} {
		b.Run(row.name, func(b *testing.B) { benchmark(b, row.text) })
	}
}
