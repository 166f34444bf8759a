package main

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/sluice-gateway/sluice/companion/store"
	"github.com/sluice-gateway/sluice/companion/store/storetest"
)

const (
	dim    = 384
	topics = 20000
	// shared is the cosine of every vector to one direction, on average: that of two
	// unrelated sentences is its square.
	shared = 0.4
)

// data makes entry i and query i, the same ones every time.
type data struct {
	o      settings
	now    time.Time
	mean   []float32
	spread []float32 // of each direction
}

func newData(o settings) *data {
	r := rand.New(rand.NewPCG(1, 1))
	d := &data{o: o, now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), mean: storetest.Vector(r, dim), spread: make([]float32, dim)}
	for i := range d.spread {
		d.spread[i] = float32(1 / math.Sqrt(1+float64(i)/16)) // the first direction varies 5 times as much as the last
	}
	return d
}

// topic is a point that entries are around.
func (d *data) topic(i int) []float32 {
	r := rand.New(rand.NewPCG(2, uint64(i)))
	v := make([]float32, dim)
	for j := range v {
		v[j] = float32(r.NormFloat64()) * d.spread[j]
	}
	length := math.Sqrt(dotProduct(v, v))
	for j := range v {
		v[j] = shared*d.mean[j] + float32(math.Sqrt(1-shared*shared)/length)*v[j]
	}
	return v
}

func dotProduct(a, b []float32) (sum float64) {
	for i := range a {
		sum += float64(a[i]) * float64(b[i])
	}
	return sum
}

func (d *data) vector(i int) []float32 {
	r := rand.New(rand.NewPCG(3, uint64(i)))
	topic := r.IntN(topics)
	if r.IntN(4) == 0 {
		topic = topics + i // a quarter is about something of its own
	}
	return storetest.Near(r, d.topic(topic), 0.6+0.38*r.Float64())
}

func (d *data) scope(i int) store.Key { return storetest.KeyOf(fmt.Sprint("scope ", i%d.o.Scopes)) }

var answer = strings.Repeat("The quick brown fox answers what it was asked. ", 16)

func (d *data) entry(i int) *store.Entry {
	var key store.Key
	r := rand.New(rand.NewPCG(4, uint64(i)))
	for j := 0; j < 32; j += 8 {
		binary.LittleEndian.PutUint64(key[j:], r.Uint64())
	}
	model := "gpt-4o-mini"
	if i >= d.o.Entries {
		model = "later"
	}
	return &store.Entry{
		Key: key, Scope: d.scope(i), Space: space, Vector: d.vector(i), Model: model,
		Prompt: fmt.Sprintf("question %d: how does one do this or that?", i), Answer: []byte(answer),
		Labels:  []store.Label{{Name: "team", Value: fmt.Sprint(i % d.o.Scopes)}},
		Created: d.now, Expires: d.now.AddDate(100, 0, 0), Saves: int64(r.IntN(10000)),
	}
}

func (d *data) query(kind string, i int) store.Query {
	r := rand.New(rand.NewPCG(5, uint64(i)))
	at := r.IntN(d.o.Entries)
	q := store.Query{Scope: d.scope(at), Space: space, K: 1}
	switch kind {
	case "near":
		q.Vector = storetest.Near(r, d.vector(at), 0.8+0.19*r.Float64())
	case "far":
		q.Vector = storetest.Near(r, d.topic(-1-i), 0.9)
	case "random":
		q.Vector = storetest.Vector(r, dim)
	}
	return q
}

// truth compares with every entry: the similarity of the nearest, for each query.
func truth(o settings) map[string][]float64 {
	d := newData(o)
	var queries []store.Query
	for _, kind := range kinds {
		for i := range o.Truth {
			queries = append(queries, d.query(kind, i))
		}
	}
	best := make([]float64, len(queries))
	for i := range best {
		best[i] = -1
	}
	var mu sync.Mutex
	var wait sync.WaitGroup
	workers := runtime.GOMAXPROCS(0)
	for w := range workers {
		wait.Go(func() {
			mine := make([]float64, len(queries))
			for i := range mine {
				mine[i] = -1
			}
			for i := w; i < o.Entries; i += workers {
				v, scope := d.vector(i), d.scope(i)
				for j, q := range queries {
					if q.Scope == scope && float64(product(q.Vector, v)) > mine[j]-1e-5 {
						mine[j] = max(mine[j], storetest.Cosine(q.Vector, v))
					}
				}
			}
			mu.Lock()
			defer mu.Unlock()
			for j := range best {
				best[j] = max(best[j], mine[j])
			}
		})
	}
	wait.Wait()
	byKind := map[string][]float64{}
	for k, kind := range kinds {
		byKind[kind] = best[k*o.Truth:][:o.Truth]
	}
	return byKind
}

// product is quick enough to be asked for a thousand million times.
func product(a, b []float32) float32 {
	var s, t, u, v float32
	b = b[:len(a)]
	for i := 0; i+4 <= len(a); i += 4 {
		s += a[i] * b[i]
		t += a[i+1] * b[i+1]
		u += a[i+2] * b[i+2]
		v += a[i+3] * b[i+3]
	}
	return s + t + u + v
}
