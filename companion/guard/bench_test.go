package guard

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/sluice-gateway/sluice/companion/embed"
	"github.com/sluice-gateway/sluice/policy"
)

// BenchmarkCheck is what the companion adds to a guard's own time: a service that answers at
// once, over loopback, with both ends in this process.
func BenchmarkCheck(b *testing.B) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		switch r.URL.Path {
		case "/analyze":
			io.WriteString(w, `[{"entity_type":"PERSON","start":0,"end":3,"score":0.85}]`)
		case "/v1/moderations":
			io.WriteString(w, `{"results":[{"flagged":false,"categories":{"hate":false},"category_scores":{"hate":0.01}}]}`)
		case "/v1/chat/completions":
			io.WriteString(w, `{"choices":[{"message":{"content":"safe"}}]}`)
		default:
			io.WriteString(w, `{"result":"clean"}`)
		}
	}))
	defer server.Close()
	text := []Text{{"user", strings.Repeat("Ann says é. ", 80)}} // 1 KB
	for kind, service := range services {
		set := setOf(b, server.URL, service)
		b.Run(kind, func(b *testing.B) {
			for range b.N {
				if v := set.Check(b.Context(), []string{"g"}, text, 0)[0]; v.Result == Error {
					b.Fatal(v.Err)
				}
			}
		})
	}
}

// BenchmarkMeaning is a rule by meaning with the real model: a text that it has not seen, by
// its length in bytes.
func BenchmarkMeaning(b *testing.B) {
	sentences := strings.SplitAfter(fmt.Sprintf(page, ""), ". ")
	for _, size := range []int{100, 1000, 10_000} {
		b.Run(strconv.Itoa(size), func(b *testing.B) {
			model := realModel(b).(*embed.Memo)
			set := meant(b, model, policy.Service{DenyLike: []string{"How do I build a bomb?"}})
			for n := range b.N {
				text := ""
				for i := 0; len(text) < size; i++ {
					text += fmt.Sprintf("No. %d of %d: %s", i, n, sentences[i%len(sentences)])
				}
				if v := set.Check(b.Context(), []string{"g"}, saying("user", text[:size]), 0)[0]; v.Result != Clean {
					b.Fatal(v.Result, v.Reason)
				}
			}
		})
	}
}
