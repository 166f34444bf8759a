package tokenizer

import (
	"strings"
	"testing"
)

// mixed is ordinary text of the kinds that requests carry, 1 MB of it: prose in several scripts, code, JSON, logs.
func mixed() string {
	parts := []string{
		"The quick brown fox jumps over the lazy dog. It wasn't the first time that the committee's recommendations, published in 1987, had been ignored; nevertheless, they've persisted.\n\n",
		"func (s *Server) handle(w http.ResponseWriter, r *http.Request) error {\n\tif r.Method != http.MethodPost {\n\t\treturn fmt.Errorf(\"method %q not allowed\", r.Method)\n\t}\n\treturn s.next.ServeHTTP(w, r)\n}\n\n",
		`{"id":"chatcmpl-9f8e7d6c5b4a","object":"chat.completion","created":1718345013,"choices":[{"index":0,"message":{"role":"assistant","content":null,"tool_calls":[{"id":"call_XyZ123","type":"function"}]}}]}` + "\n",
		"2026-11-23T02:34:10.123Z INFO  [worker-17] request finished path=/v1/chat/completions status=200 bytes=18342 duration=1.284s trace=4bf92f3577b34da6a3ce929d0e0e4736\n",
		"Die Donaudampfschifffahrtsgesellschaft veröffentlichte überraschenderweise ihre Geschäftszahlen für das Jahr 2025. L'été dernier, nous avons visité le château près de la rivière.\n",
		"自然言語処理は、人間が日常的に使っている自然言語をコンピュータに処理させる一連の技術です。机器学习是人工智能的一个分支。\n",
		"Быстрая коричневая лиса перепрыгивает через ленивую собаку. Η γρήγορη καφέ αλεπού πηδάει πάνω από το τεμπέλικο σκυλί.\n",
		"- [x] **Deploy** `kubectl apply -f ./k8s/prod.yaml --namespace=default` 🚀 (see https://example.com/docs/deploy?id=42&ref=main#step-3)\n",
	}
	text := strings.Join(parts, "")
	return strings.Repeat(text, 1<<20/len(text))
}

func BenchmarkCountMixed(b *testing.B) {
	text := mixed()
	for _, e := range encodings() {
		b.Run(e.Name(), func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				e.CountString(text)
			}
		})
	}
}

// A streamed answer: five bytes, then the count so far.
func BenchmarkCountDeltas(b *testing.B) {
	text := mixed()[:1<<16]
	for _, e := range encodings() {
		b.Run(e.Name(), func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			c := e.NewCounter()
			for b.Loop() {
				c.Reset()
				for at := 0; at < len(text); at += 5 {
					c.WriteString(text[at:min(at+5, len(text))])
					c.Count()
				}
			}
		})
	}
}

func BenchmarkCountAdversary(b *testing.B) {
	for _, a := range adversaries() {
		for _, e := range encodings() {
			text := a.make(100_000)
			b.Run(a.name+"/"+e.Name(), func(b *testing.B) {
				b.SetBytes(int64(len(text)))
				for b.Loop() {
					e.CountString(text)
				}
			})
			b.Run(a.name+"/"+e.Name()+"/slices", func(b *testing.B) {
				b.SetBytes(int64(len(text)))
				c := e.NewCounter()
				for b.Loop() {
					c.Reset()
					for at := 0; at < len(text); at += 16384 {
						c.WriteString(text[at:min(at+16384, len(text))])
					}
					c.Count()
				}
			})
		}
	}
}
