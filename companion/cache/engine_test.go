package cache

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/companion/normal"
	"github.com/sluice-gateway/sluice/companion/store"
)

func TestLookups(t *testing.T) {
	b := newBench(t)
	b.put(ask("Where is the moon?"), "Up there.")
	b.put(ask("What is 12 times 3?"), "36")
	for _, row := range []struct {
		name    string
		request *Request
		outcome Outcome
		reason  string
	}{
		{"the same", ask("Where is the moon?"), Hit, "same request"},
		{"the same through the other API", ask("", func(r *Request) {
			r.API = normal.Messages
			r.Body = []byte(`{"model":"gpt-4o-mini","max_tokens":100,"messages":[{"role":"user","content":"Where is the moon?"}]}`)
		}), Hit, "same request"},
		{"a politeness more", ask("Where is the moon? Please"), SemanticHit, "same but for: politeness"},
		{"another number", ask("What is 12 times 4?"), Miss, "number: 123 / 124"},
		{"far away", ask("Bake me a cake"), Miss, "similarity 0.0000 < 0.5000"},
		{"a doubt without a judge", ask("Where is the moon today?"), Miss, "cannot explain the difference"},
		{"a threshold above it", ask("Where is the moon? Please", func(r *Request) { r.Threshold = 0.99 }), Miss, "similarity 0.8944 < 0.9900"},
		{"exact only", ask("Where is the moon? Please", func(r *Request) { r.Semantic = false }), Miss, "no entry"},
		{"by meaning only", ask("Where is the moon?", func(r *Request) { r.Exact = false }), SemanticHit, "same but for: politeness"},
		{"another team", ask("Where is the moon?", func(r *Request) { r.Tenant = Pairs{{"team", "b"}} }), Miss, "no entry"},
		{"no team", ask("Where is the moon?", func(r *Request) { r.Tenant = nil }), Miss, "no entry"},
		{"a team of no name", ask("Where is the moon?", func(r *Request) { r.Tenant = Pairs{{"team", ""}} }), Miss, "no entry"},
		{"another model", ask("Where is the moon?", func(r *Request) { r.Model = "gpt-4o" }), Miss, "no entry"},
		{"another policy", ask("Where is the moon?", func(r *Request) { r.Policy = "p2" }), Miss, "no entry"},
		{"another beta", ask("Where is the moon?", func(r *Request) { r.Other = Pairs{{"anthropic-beta", "x"}} }), Miss, "no entry"},
		{"a cap below", ask("Where is the moon?", func(r *Request) {
			r.Body = chat("gpt-4o-mini", "Where is the moon?", `,"max_tokens":4`)
		}), Miss, "kept answer of 5 tokens > the request's cap of 4"},
		{"a temperature above", ask("", func(r *Request) {
			r.Body = chat("gpt-4o-mini", "Where is the moon?", `,"temperature":1.5`)
		}), Bypass, "temperature: "},
		{"a long prompt", ask(strings.Repeat("word ", 2000)), Miss, "no entry; prompt of 10000 bytes > 8192, so exact hits only"},
		{"no JSON", ask("", func(r *Request) { r.Body = []byte(`[`) }), Bypass, "malformed: "},
	} {
		t.Run(row.name, func(t *testing.T) {
			result := b.look(row.request)
			require.Equal(t, row.outcome, result.Outcome, result.Reason)
			require.Truef(t, strings.HasPrefix(result.Reason, row.reason), "%q", result.Reason)
			switch row.outcome {
			case Hit, SemanticHit:
				require.Contains(t, string(result.Body), "Up there.")
				require.EqualValues(t, 1234, result.Saves)
				require.Equal(t, Meta{Usage{10, 5, 0, 0}, "openai", "gpt-4o-mini"}, result.Meta)
				require.Empty(t, result.Ticket)
			case Miss:
				_, err := b.Abandon(result.Ticket, false) // the rows are independent
				require.NoError(t, err)
			case Bypass:
				require.Empty(t, result.Ticket)
			}
		})
	}
}

func TestBadRequests(t *testing.T) {
	b := newBench(t)
	for name, change := range map[string]func(*Request){
		"api":         func(r *Request) { r.API = "embeddings" },
		"policy":      func(r *Request) { r.Policy = "" },
		"model":       func(r *Request) { r.Model = "" },
		"asks":        func(r *Request) { r.Body = chat("other", "x", "") },
		"threshold":   func(r *Request) { r.Threshold = 1.1 },
		"ttl_ms":      func(r *Request) { r.TTL = 0 },
		"max_answer":  func(r *Request) { r.MaxAnswer = 0 },
		"no request":  func(r *Request) { r.Body = []byte{} },
		"judge":       func(r *Request) { r.Judge = &JudgeBy{} },
		"twice":       func(r *Request) { r.Tenant = Pairs{{"team", "a"}, {"team", "b"}} },
		"temperature": func(r *Request) { r.MaxTemperature = -1 },
		"labels":      func(r *Request) { r.Tenant = make(Pairs, 65) },
	} {
		_, err := b.Lookup(context.Background(), ask("x", change), 0)
		var bad *BadRequest
		require.ErrorAs(t, err, &bad, name)
		require.Contains(t, bad.Reason, name)
	}
	var p Pairs
	require.Error(t, p.UnmarshalJSON([]byte(`[["team"]]`)))
	require.Error(t, p.UnmarshalJSON([]byte(`[["team","a","b"]]`)))
}

func TestWhatIsNotKept(t *testing.T) {
	b := newBench(t, func(c *Config) { c.Limits.Answer = 2000 })
	for _, row := range []struct {
		name   string
		answer *Answer
		reason string
	}{
		{"too large for the policy", completion(strings.Repeat("x", 1500)), "answer of 17"},
		{"an error", &Answer{ContentType: "application/json", Body: []byte(`{"error":{"message":"no"}}`)}, "error"},
		{"cut in the middle", &Answer{ContentType: "application/json", Body: []byte(`{"id":"x","choices":[`)}, "malformed"},
		{"a page", &Answer{ContentType: "text/html", Body: []byte(`<p>`)}, "content_type"},
		{"a stream without an end", &Answer{ContentType: "text/event-stream", Body: []byte("data: {\"id\":\"c\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"hi\"}}]}\n\n")}, "incomplete"},
	} {
		t.Run(row.name, func(t *testing.T) {
			r := ask(row.name, func(r *Request) { r.MaxAnswer = 1600 })
			miss := b.look(r)
			kept, err := b.Keep(context.Background(), miss.Ticket, row.answer)
			require.NoError(t, err)
			require.False(t, kept.Stored)
			require.Truef(t, strings.HasPrefix(kept.Reason, row.reason), "%q", kept.Reason)
			again := b.look(r) // its lead is over
			require.Equal(t, Miss, again.Outcome)
			require.NotEmpty(t, again.Ticket)
		})
	}
}

func TestTheGatewaysFiguresGoFirst(t *testing.T) {
	b := newBench(t)
	miss := b.look(ask("hello"))
	answer := completion("hi")
	answer.Usage = &Usage{Input: 7, Output: 3, Cached: 2, Reasoning: 1}
	kept, err := b.Keep(context.Background(), miss.Ticket, answer)
	require.NoError(t, err)
	require.True(t, kept.Stored, kept.Reason)
	hit := b.look(ask("hello"))
	require.Equal(t, *answer.Usage, hit.Meta.Usage)
	require.Contains(t, string(hit.Body), `"prompt_tokens":7,"completion_tokens":3`)
}

func TestEntriesGrowOld(t *testing.T) {
	b := newBench(t)
	b.put(ask("hello"), "hi")
	b.clock.add(59 * time.Minute)
	hit := b.look(ask("hello"))
	require.Equal(t, Hit, hit.Outcome)
	require.Equal(t, 59*time.Minute, hit.Age)
	b.clock.add(2 * time.Minute)
	require.Equal(t, Miss, b.look(ask("hello")).Outcome)
}

func TestTickets(t *testing.T) {
	b := newBench(t)
	good := string(b.look(ask("hello")).Ticket)
	for name, ticket := range map[string]string{
		"empty":         "",
		"no JSON":       "x",
		"two":           good + good,
		"large":         `{"v":"` + strings.Repeat("x", MaxTicket) + `"}`,
		"version":       strings.Replace(good, `"v":1`, `"v":2`, 1),
		"key":           strings.Replace(good, `"key":"`, `"key":"z`, 1),
		"unknown field": strings.Replace(good, `{`, `{"x":1,`, 1),
		"ttl":           strings.Replace(good, `"ttl_ms":3600000`, `"ttl_ms":-1`, 1),
		"api":           strings.Replace(good, `chat_completions`, `chat`, 1),
	} {
		_, err := b.Keep(context.Background(), []byte(ticket), completion("x"))
		var bad *BadRequest
		require.ErrorAs(t, err, &bad, name)
	}
	b.clock.add(2 * time.Hour)
	_, err := b.Keep(context.Background(), []byte(good), completion("x"))
	require.ErrorContains(t, err, "issued 2h0m0s ago")
	prompts := strings.Repeat("\x01", 8000)
	miss := b.look(ask(prompts)) // six bytes each in JSON: without its prompt, the ticket fits
	require.Equal(t, Miss, miss.Outcome)
	require.Less(t, len(miss.Ticket), MaxTicket)
}

// A part that fails or hangs makes a miss that says so, and is counted.
func TestBrokenParts(t *testing.T) {
	for _, row := range []struct {
		name    string
		store   broken
		embeds  func(*words)
		reason  string
		counted string
	}{
		{"get fails", broken{get: true}, nil, "similarity", "get: failed"},
		{"get hangs", broken{get: true, slow: true}, nil, "similarity", "get: too slow"},
		{"nearest fails", broken{nearest: true}, nil, "store: failed", "nearest: failed"},
		{"nearest hangs", broken{nearest: true, slow: true}, nil, "store: too slow", "nearest: too slow"},
		{"embed fails", broken{}, func(w *words) { w.fails = errBroken }, "embedder: failed", "embed: failed"},
		{"embed hangs", broken{}, func(w *words) { w.slow = true }, "embedder: too slow", "embed: too slow"},
	} {
		t.Run(row.name, func(t *testing.T) {
			b := newBench(t, func(c *Config) {
				row.store.Store = c.Store
				c.Store = &row.store
				c.Limits = Limits{Get: 5 * time.Millisecond, Nearest: 5 * time.Millisecond, Embed: 5 * time.Millisecond}
			})
			b.put(ask("some other words"), "x")
			if row.embeds != nil {
				row.embeds(b.words)
			}
			miss := b.look(ask("hello"))
			require.Equal(t, Miss, miss.Outcome)
			require.Contains(t, miss.Reason, row.reason)
			require.NotEmpty(t, miss.Ticket)
			require.NotZero(t, b.seen.of(row.counted), b.seen.counts)
		})
	}
	t.Run("put fails", func(t *testing.T) {
		b := newBench(t, func(c *Config) { c.Store = &broken{Store: c.Store, put: true} })
		kept, err := b.Keep(context.Background(), b.look(ask("hello")).Ticket, completion("x"))
		require.NoError(t, err)
		require.Equal(t, Kept{false, "store: failed"}, kept)
		require.Equal(t, Miss, b.look(ask("hello")).Outcome) // and the next one leads
	})
	t.Run("no vector for the entry", func(t *testing.T) {
		b := newBench(t)
		miss := b.look(ask("hello"))
		b.words.fails = errBroken
		kept, err := b.Keep(context.Background(), miss.Ticket, completion("x"))
		require.NoError(t, err)
		require.True(t, kept.Stored)
		require.Equal(t, Hit, b.look(ask("hello")).Outcome)
	})
	t.Run("no embedder", func(t *testing.T) {
		b := newBench(t, func(c *Config) { c.Embedder = nil })
		miss := b.look(ask("hello"))
		require.Equal(t, "no entry; no embedder, so exact hits only", miss.Reason)
		kept, err := b.Keep(context.Background(), miss.Ticket, completion("x"))
		require.NoError(t, err)
		require.True(t, kept.Stored)
		require.Equal(t, Hit, b.look(ask("hello")).Outcome)
	})
}

func TestInvalidate(t *testing.T) {
	b := newBench(t)
	b.put(ask("one"), "1")
	b.put(ask("two", func(r *Request) { r.Tenant = Pairs{{"team", "b"}} }), "2")
	_, err := b.Invalidate(context.Background(), store.Filter{}, false)
	require.ErrorIs(t, err, ErrEverything)
	done, err := b.Invalidate(context.Background(), store.Filter{Labels: []store.Label{{Name: "team", Value: "b"}}}, false)
	require.NoError(t, err)
	require.Equal(t, Invalidated{Deleted: 1}, done)
	_, err = b.Invalidate(context.Background(), store.Filter{Labels: []store.Label{{Name: "taem", Value: "a"}}}, false)
	require.Equal(t, &UnknownPart{[]string{"taem"}, []string{"team"}}, err)
	done, err = b.Invalidate(context.Background(), store.Filter{}, true)
	require.NoError(t, err)
	require.Equal(t, Invalidated{Deleted: 1}, done)
}

func TestReasonsAreOneLineOfASCII(t *testing.T) {
	require.Equal(t, "number: ??x?", line("number: \n\u00e9x\x00"))
	require.Len(t, line(strings.Repeat("é", 900)), maxReason)
}
