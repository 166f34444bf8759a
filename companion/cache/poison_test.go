package cache

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/companion/store"
)

// poisoned is a store that gives an entry, changed, whatever it is asked for.
type poisoned struct {
	store.Store
	change func(*store.Entry)
	entry  *store.Entry
}

func (s *poisoned) Put(_ context.Context, e *store.Entry) error {
	s.entry = e
	return nil
}

func (s *poisoned) poison() *store.Entry {
	if s.entry == nil {
		return nil
	}
	c := *s.entry
	c.Answer = append([]byte(nil), s.entry.Answer...)
	c.Vector = append([]float32(nil), s.entry.Vector...)
	c.Labels = append([]store.Label(nil), s.entry.Labels...)
	if s.change != nil {
		s.change(&c)
	}
	return &c
}

func (s *poisoned) Get(context.Context, store.Key, time.Time) (*store.Entry, error) {
	if e := s.poison(); e != nil {
		return e, nil
	}
	return nil, store.ErrNotFound
}

func (s *poisoned) Nearest(context.Context, store.Query, time.Time) ([]store.Match, error) {
	if e := s.poison(); e != nil {
		return []store.Match{{Entry: e, Similarity: 1}, {}}, nil
	}
	return nil, nil
}

// Whatever a store gives back, an entry that is not as it was kept, or not for this
// request, answers nothing.
func TestPoisonedEntries(t *testing.T) {
	asked := ask("hello")
	for name, change := range map[string]func(*store.Entry){
		"another key":            func(e *store.Entry) { e.Key[3]++ },
		"another scope":          func(e *store.Entry) { e.Scope[3]++ },
		"another model":          func(e *store.Entry) { e.Model = "gpt-4o" },
		"another team":           func(e *store.Entry) { e.Labels[0].Value = "b" },
		"no team":                func(e *store.Entry) { e.Labels = nil },
		"one more label":         func(e *store.Entry) { e.Labels = append(e.Labels, store.Label{Name: "x"}) },
		"another prompt":         func(e *store.Entry) { e.Prompt = "hello please" },
		"another space":          func(e *store.Entry) { e.Space = "other" },
		"older than it said":     func(e *store.Entry) { e.Created = e.Created.Add(time.Minute) },
		"good for longer":        func(e *store.Entry) { e.Expires = e.Expires.Add(time.Minute) },
		"out of date":            func(e *store.Entry) { e.Expires = e.Created },
		"saves more":             func(e *store.Entry) { e.Saves++ },
		"no answer":              func(e *store.Entry) { e.Answer = nil },
		"cut":                    func(e *store.Entry) { e.Answer = e.Answer[:len(e.Answer)-1] },
		"cut within the seal":    func(e *store.Entry) { e.Answer = e.Answer[:20] },
		"longer":                 func(e *store.Entry) { e.Answer = append(e.Answer, ' ') },
		"another format":         func(e *store.Entry) { e.Answer[2]++ },
		"a bit in the answer":    func(e *store.Entry) { e.Answer[len(e.Answer)-3] ^= 1 },
		"a bit in the seal":      func(e *store.Entry) { e.Answer[5] ^= 1 },
		"a bit in meta's length": func(e *store.Entry) { e.Answer[sealHeader-1] ^= 1 },
		"sealed by someone else": func(e *store.Entry) {
			meta, answer, _ := unseal([]byte("secret"), e)
			seal([]byte("guess"), e, &meta, answer)
		},
		"sealed, but no answer": func(e *store.Entry) { seal([]byte("secret"), e, &Meta{}, []byte("SLA")) },
		"sealed, but of an API that is not here": func(e *store.Entry) {
			seal([]byte("secret"), e, &Meta{}, []byte("SLA\x09\x00\x00\x00\x00{}"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := &poisoned{}
			b := newBench(t, func(c *Config) { s.Store, c.Store, c.Seal = c.Store, s, []byte("secret") })
			b.put(asked, "hi")
			require.Equal(t, Hit, b.look(asked).Outcome) // as it is, it answers
			s.change = change
			result := b.look(asked)
			if result.Outcome != Miss && name == "another key" {
				// By meaning any key of the scope will do, but not one that the seal is not for.
				t.Fatal(result.Reason)
			}
			require.Equal(t, Miss, result.Outcome, result.Reason)
			require.Empty(t, result.Body)
		})
	}
}

// A vector that is not the entry's, or of another length, proposes nothing; a store cannot
// make up a similarity.
func TestPoisonedVectors(t *testing.T) {
	s := &poisoned{}
	b := newBench(t, func(c *Config) { s.Store, c.Store = c.Store, s })
	b.put(ask("hello"), "hi")
	similar := ask("hello please", func(r *Request) { r.Exact = false })
	require.Equal(t, SemanticHit, b.look(similar).Outcome)
	s.change = func(e *store.Entry) { e.Vector = e.Vector[1:] }
	require.Equal(t, Miss, b.look(similar).Outcome)
	s.change = func(e *store.Entry) { clear(e.Vector) }
	again := ask("hello please ", func(r *Request) { r.Exact = false })
	require.Equal(t, "similarity 0.0000 < 0.5000", b.look(again).Reason)
}

// Equal texts of different callers never meet. make bench-cache does it a million times,
// with the real parts.
func TestScopesNeverMeet(t *testing.T) {
	b := newBench(t)
	b.put(ask("hello"), "hi")
	rng := rand.New(rand.NewPCG(1, 2))
	word := func() string {
		const letters = "ab\x00:=,/ "
		w := make([]byte, rng.IntN(4))
		for i := range w {
			w[i] = letters[rng.IntN(len(letters))]
		}
		return string(w)
	}
	hits := 0
	for range 20_000 {
		tenant := Pairs{{"team", word()}}
		if rng.IntN(2) == 0 {
			tenant = append(tenant, [2]string{"user", word()})
		}
		policy := "p1" + word()
		result := b.look(ask("hello", func(r *Request) { r.Tenant, r.Policy = tenant, policy }))
		if len(tenant) == 1 && tenant[0][1] == "a" && policy == "p1" {
			require.Equal(t, Hit, result.Outcome)
			hits++
			continue
		}
		require.Contains(t, []Outcome{Miss, Wait}, result.Outcome, "%q %q", policy, tenant)
	}
	require.NotZero(t, hits)
}

func FuzzUnseal(f *testing.F) {
	entry := store.Entry{Model: "m", Created: time.Unix(1, 0), Expires: time.Unix(2, 0)}
	require.NoError(f, seal(nil, &entry, &Meta{}, []byte("x")))
	f.Add(entry.Answer)
	f.Add([]byte("sl1"))
	f.Fuzz(func(t *testing.T, answer []byte) {
		e := entry
		e.Answer = answer
		if _, _, why := unseal(nil, &e); why == "" {
			require.Equal(t, entry.Answer, answer)
		}
	})
}

func FuzzTicket(f *testing.F) {
	b := newBench(f)
	miss := b.look(ask("hello"))
	f.Add(miss.Ticket)
	now := b.clock.Now()
	f.Fuzz(func(t *testing.T, raw []byte) {
		if ticket, err := readTicket(raw, now); err == nil {
			again, err := readTicket(ticket.encode(), now)
			require.NoError(t, err)
			require.Equal(t, ticket.key, again.key)
		}
	})
}
