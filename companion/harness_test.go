package companion

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/companion/cache"
	"github.com/sluice-gateway/sluice/companion/compare"
	"github.com/sluice-gateway/sluice/companion/embed"
	"github.com/sluice-gateway/sluice/companion/ledger"
	"github.com/sluice-gateway/sluice/companion/store"
	"github.com/sluice-gateway/sluice/companion/store/memory"
)

// letters is an embedder that counts letters.
type letters struct {
	mu    sync.Mutex
	fails error
}

func (l *letters) Embed(ctx context.Context, texts []string) ([]embed.Vector, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.fails != nil {
		return nil, l.fails
	}
	out := make([]embed.Vector, len(texts))
	for i, text := range texts {
		out[i].Values = make([]float32, 26)
		for _, r := range strings.ToLower(text) {
			if r >= 'a' && r <= 'z' {
				out[i].Values[r-'a'] = 1
			}
		}
		var n float64
		for _, x := range out[i].Values {
			n += float64(x)
		}
		for j := range out[i].Values {
			out[i].Values[j] /= float32(math.Sqrt(max(1, n)))
		}
	}
	return out, ctx.Err()
}

func (l *letters) Space() string { return "letters" }

func (l *letters) fail(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fails = err
}

func comparing(a, b string) compare.Verdict {
	if strings.EqualFold(strings.Trim(a, " ?"), strings.Trim(b, " ?")) {
		return compare.Verdict{Same: true, Reason: "same but for: case, punctuation"}
	}
	return compare.Verdict{Veto: true, Reason: "word: other"}
}

// sick is a store that can be made to fail.
type sick struct {
	store.Store
	mu    sync.Mutex
	fails error
}

func (s *sick) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fails = err
}

func (s *sick) err() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fails
}

func (s *sick) Ready(context.Context) error { return s.err() }
func (s *sick) Stats(ctx context.Context) (store.Stats, error) {
	stats, _ := s.Store.Stats(ctx)
	return stats, s.err()
}
func (s *sick) Delete(ctx context.Context, f store.Filter) (int, error) {
	if err := s.err(); err != nil {
		return 0, err
	}
	return s.Store.Delete(ctx, f)
}

var noon = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

// service is a server that tests talk to.
type service struct {
	*Server
	t        testing.TB
	url      string
	store    *sick
	embedder *letters
	contract *contract
}

func serve(t testing.TB, change ...func(*Config)) *service {
	s := &service{t: t, store: &sick{Store: memory.New()}, embedder: &letters{}}
	books, err := ledger.Open(t.TempDir(), ledger.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { books.Close() })
	c := Config{Cache: cache.Config{Store: s.store, Embedder: s.embedder, Compare: comparing}, Ledger: books, Now: func() time.Time { return noon }}
	for _, f := range change {
		f(&c)
	}
	s.Server = New(c)
	t.Cleanup(s.Close)
	web := httptest.NewServer(s.Server)
	t.Cleanup(web.Close)
	s.url = web.URL
	s.contract = readContract(t)
	return s
}

// answer is what a call got.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func (a *answer) decode(t testing.TB, to any) {
	require.NoError(t, json.Unmarshal(a.body, to), "%s", a.body)
}

// call makes a call, and holds what comes back to the contract.
func (s *service) call(method, path, body string, headers ...string) *answer {
	s.t.Helper()
	request, err := http.NewRequest(method, s.url+path, strings.NewReader(body))
	require.NoError(s.t, err)
	if body != "" {
		request.Header.Set("content-type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := http.DefaultClient.Do(request)
	require.NoError(s.t, err)
	defer response.Body.Close()
	b, err := io.ReadAll(response.Body)
	require.NoError(s.t, err)
	got := &answer{response.StatusCode, response.Header, b}
	s.contract.hold(s.t, method, request.URL.Path, request.Header.Get("content-type"), []byte(body), got)
	return got
}

// question is the body of a look-up.
func question(prompt string, more string) string {
	text, _ := json.Marshal(prompt)
	return fmt.Sprintf(`{"api":"chat_completions","policy":"p1","tenant":[["team","a"]],"model":"gpt-4o-mini","exact":true,"semantic":true,"threshold":0.85,"ttl_ms":86400000,"max_temperature":1.0,"max_answer":262144,"request":{"model":"gpt-4o-mini","messages":[{"role":"user","content":%s}]%s}}`, text, more)
}

func completion(text string) string {
	quoted, _ := json.Marshal(text)
	return fmt.Sprintf(`{"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"gpt-4o-mini-2024","choices":[{"index":0,"message":{"role":"assistant","content":%s},"finish_reason":"stop"}],"usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15}}`, quoted)
}

func storing(ticket []byte, contentType, body string) string {
	text, _ := json.Marshal(body)
	var compact bytes.Buffer
	json.Compact(&compact, ticket)
	return fmt.Sprintf(`{"ticket":%s,"content_type":%q,"answer":%s,"usage":{"input":10,"output":5,"cached":2,"reasoning":1},"cost_microusd":1234,"provider":"openai","model":"gpt-4o-mini"}`, &compact, contentType, text)
}

// put makes the entry of a prompt.
func (s *service) put(prompt, text string) {
	s.t.Helper()
	miss := s.call("POST", "/v1/lookup", question(prompt, ""))
	require.Equal(s.t, "miss", miss.header.Get("x-sluice-cache"))
	kept := s.call("POST", "/v1/store", storing(miss.body, "application/json", completion(text)))
	require.JSONEq(s.t, `{"stored":true,"reason":"kept"}`, string(kept.body))
}
