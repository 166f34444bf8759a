// Package texts is what counting is measured on: ordinary text, and the kinds of text that are slow for a counter that is not
// careful. The tests of package tokenizer and its benchmark take the same.
package texts

import (
	"math/rand/v2"
	"strings"
)

// Mixed is ordinary text of the kinds that requests carry, not quite 1 MiB of it: prose in several scripts, code, JSON, logs.
func Mixed() string {
	parts := strings.Join(mixed[:], "")
	return strings.Repeat(parts, 1<<20/len(parts))
}

var mixed = [...]string{
	"The quick brown fox jumps over the lazy dog. It wasn't the first time that the committee's recommendations, published in 1987, had been ignored; nevertheless, they've persisted.\n\n",
	"func (s *Server) handle(w http.ResponseWriter, r *http.Request) error {\n\tif r.Method != http.MethodPost {\n\t\treturn fmt.Errorf(\"method %q not allowed\", r.Method)\n\t}\n\treturn s.next.ServeHTTP(w, r)\n}\n\n",
	`{"id":"chatcmpl-9f8e7d6c5b4a","object":"chat.completion","created":1718345013,"choices":[{"index":0,"message":{"role":"assistant","content":null,"tool_calls":[{"id":"call_XyZ123","type":"function"}]}}]}` + "\n",
	"2026-11-23T02:34:10.123Z INFO  [worker-17] request finished path=/v1/chat/completions status=200 bytes=18342 duration=1.284s trace=4bf92f3577b34da6a3ce929d0e0e4736\n",
	"Die Donaudampfschifffahrtsgesellschaft veröffentlichte überraschenderweise ihre Geschäftszahlen für das Jahr 2025. L'été dernier, nous avons visité le château près de la rivière.\n",
	"自然言語処理は、人間が日常的に使っている自然言語をコンピュータに処理させる一連の技術です。机器学习是人工智能的一个分支。\n",
	"Быстрая коричневая лиса перепрыгивает через ленивую собаку. Η γρήγορη καφέ αλεπού πηδάει πάνω από το τεμπέλικο σκυλί.\n",
	"- [x] **Deploy** `kubectl apply -f ./k8s/prod.yaml --namespace=default` 🚀 (see https://example.com/docs/deploy?id=42&ref=main#step-3)\n",
}

// Adversary is a kind of text that is slow for a counter that is not careful.
type Adversary struct {
	Name string
	Make func(n int) string // n bytes, about
}

// Adversaries are all of them.
func Adversaries() []Adversary {
	repeat := func(name, unit string) Adversary {
		return Adversary{name, func(n int) string { return strings.Repeat(unit, n/len(unit)+1) }}
	}
	random := func(name, alphabet string) Adversary {
		return Adversary{name, func(n int) string {
			r := rand.New(rand.NewPCG(1, 2))
			letters := []rune(alphabet)
			var b strings.Builder
			for b.Len() < n {
				b.WriteRune(letters[r.IntN(len(letters))])
			}
			return b.String()
		}}
	}
	const lower, upper = "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	return []Adversary{
		repeat("one-letter", "a"), repeat("one-capital", "A"), repeat("two-letters", "ab"), repeat("word", "tokenizer"),
		repeat("spaces", " "), repeat("newlines", "\n"), repeat("tabs", "\t"), repeat("mixed-space", " \t\n"), repeat("crlf", "\r\n"),
		repeat("indented", strings.Repeat(" ", 250)+"x"), repeat("ruled", strings.Repeat("=", 200)+" "), repeat("odd-run", strings.Repeat("/", 1001)+"a"),
		{"runs", func(n int) string { // of every kind of character that has long tokens, of every length
			r := rand.New(rand.NewPCG(1, 2))
			var b strings.Builder
			for b.Len() < n {
				b.WriteString(strings.Repeat(string(" =-*/_#~.!\t\n\\+$A"[r.IntN(16)]), 100+r.IntN(150)))
				b.WriteString(string("xyz"[r.IntN(3)]))
			}
			return b.String()
		}},
		repeat("no-break-spaces", "\u00a0"), repeat("contractions", "'s"), repeat("apostrophes", "'"), repeat("equals", "="),
		repeat("slashes", "/"), repeat("punctuation", "!?.,;:-_()"), repeat("digits", "1234567890"),
		repeat("han", "中"), repeat("thai", "ภาษาไทย"), repeat("emoji", "👨‍👩‍👧‍👦"), repeat("marks", "\u0301"), repeat("letter-marks", "e\u0301"),
		repeat("alternating-case", "aB"), repeat("caseless-capitals", "中AAAA"), repeat("one-caseless-then-capitals", "ªABCDEFGHIJKLMNOPQRSTUVWXYZ"),
		repeat("identifier", "VeryLongIdentifierNameInCamelCase"), repeat("nul", "\x00"), repeat("not-utf8", "\xff"),
		random("random-letters", lower), random("random-capitals", upper), random("random-two", "ab"),
		random("base64", lower+upper+"0123456789+/"), random("hexadecimal", "0123456789abcdef"), random("random-space", " \t\n\u00a0"),
		random("random-punctuation", "!\"#$%&'()*+,-./:;<=>?@[]^_`{|}~"), random("random-han", "的一是不了人我在有他这中大来上国"),
	}
}
