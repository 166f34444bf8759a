package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/sluice-gateway/sluice/internal/sidecar"
	"github.com/sluice-gateway/sluice/policy/source"
	"github.com/sluice-gateway/sluice/policy/strict"
	"github.com/sluice-gateway/sluice/render"
)

// withCache is what the policy gets for the cache's part. Nothing here is to be given up
// for being late.
const withCache = "cache: {scope: [team], lookup_timeout: 5s, wait: 0s, max_answer: 1MiB}\n"

// measureCache compares requests through one Envoy with a cache: those that go to the
// provider without a look-up, and those that are looked up.
func measureCache(ctx context.Context, b *bench, r *report) error {
	return b.withCompanion(ctx, func(m *cacheBench, companion *sidecar.Process) error {
		if err := m.fill(ctx, companion); err != nil {
			return err
		}
		return m.measure(r)
	})
}

// withCompanion measures through an Envoy whose policy has a cache, and a companion whose
// cache is empty.
func (b *bench) withCompanion(ctx context.Context, measure func(*cacheBench, *sidecar.Process) error) (err error) {
	data, err := os.MkdirTemp("", "sluice-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(data)) }()
	companion, err := sidecar.Start(ctx, sidecar.Options{Binary: b.sluice, Args: []string{"--data", data}})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, companion.Stop()) }()
	bootstrap, err := b.cacheBootstrap(companion.URL)
	if err != nil {
		return err
	}
	s, err := b.start(ctx, bootstrap, 1)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Stop()) }()
	c, err := dial(s.address)
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }()
	return measure(&cacheBench{bench: b, conn: c, pids: []int{s.Pid(), companion.Pid()}}, companion)
}

// cacheBootstrap is the bench's policy with a cache, for a companion at this address.
func (b *bench) cacheBootstrap(companion string) ([]byte, error) {
	p, err := source.Policy([]byte(strings.ReplaceAll(policyText, "http://127.0.0.1:1", "http://"+b.upstream.address()) + withCache))
	if err != nil {
		return nil, err
	}
	p.Companion.Endpoint, _ = strict.ParseEndpoint(companion)
	var rendered bytes.Buffer
	if err := render.Envoy(&rendered, p, render.Options{Listen: "127.0.0.1:0", Admin: "127.0.0.1:0", Wasm: b.wasm}); err != nil {
		return nil, err
	}
	return edited(rendered.Bytes(), recordsToNowhere)
}

type cacheBench struct {
	*bench
	conn *conn
	pids []int // Envoy's and the companion's
}

// The questions. A number in a question makes it another one, which nothing has seen.
const (
	asked    = "How do I cancel order %d?"
	reworded = "Hi! Could you tell me how to cancel order %d, please?"
	order    = 1234
)

func cacheRequest(question string, n int, stream bool, headers string) []byte {
	body := `{"model":"gpt-4o-mini","max_tokens":256,`
	if stream {
		body += `"stream":true,`
	}
	body += `"messages":[{"role":"user","content":"` + fmt.Sprintf(question, n) + `"}]}`
	return []byte("POST /v1/chat/completions HTTP/1.1\r\nhost: gateway\r\ncontent-type: application/json\r\n" +
		"authorization: Bearer sk-client\r\nx-client-id: app\r\nx-team: search\r\nx-user-id: ada\r\n" + headers +
		"content-length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + body)
}

// fill has the cache keep the answers that are asked for later.
func (m *cacheBench) fill(ctx context.Context, companion *sidecar.Process) error {
	for n := range 200 { // look-alikes, for the search and the comparison to pass by
		if err := m.conn.exchange(cacheRequest(asked, order+n, false, ""), nil); err != nil {
			return err
		}
	}
	return m.kept(ctx, companion, 200)
}

// kept waits until the companion has so many answers: they come when their clients have gone.
func (m *cacheBench) kept(ctx context.Context, companion *sidecar.Process, want int) error {
	for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		n, err := companion.Entries(ctx)
		if err != nil || int(n) >= want {
			return err
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("the companion keeps %d answers in place of %d", n, want)
		}
	}
}

// cacheCase is one kind of request and what it must come to.
type cacheCase struct {
	what    string
	want    string
	request func(i int) []byte
	took    sample
	cpu     time.Duration // of all of them, both processes together
}

// each is the CPU time of one request.
func (c *cacheCase) each() time.Duration { return c.cpu / time.Duration(max(1, len(c.took))) }

func (m *cacheBench) measure(r *report) error {
	const events = "x-events: 150\r\nx-gap: 0\r\n"
	fresh := 1_000_000
	next := func() int { fresh++; return fresh }
	cases := []*cacheCase{
		{what: "no look-up", want: "bypass", request: func(int) []byte { return cacheRequest(asked, order, false, "x-sluice-cache: bypass\r\n") }},
		{what: "an equal request", want: "hit", request: func(int) []byte { return cacheRequest(asked, order, false, "") }},
		{what: "other words, their vector known", want: "semantic-hit", request: func(int) []byte { return cacheRequest(reworded, order, false, "") }},
		{what: "a new question: its vector made, nothing found, its answer kept", want: "miss", request: func(int) []byte { return cacheRequest(asked, next(), false, "") }},
		{what: "a new question, answered by a stream of 150 events", want: "miss", request: func(int) []byte { return cacheRequest(asked, next(), true, events) }},
	}
	for _, c := range cases {
		if err := m.run(c, m.times(100)); err != nil { // to warm up
			return fmt.Errorf("%s: %w", c.what, err)
		}
		c.took, c.cpu = nil, 0
	}
	for range 5 { // in turns, so that what the machine does meanwhile hits all alike
		for _, c := range cases {
			if err := m.run(c, m.times(120)); err != nil {
				return fmt.Errorf("%s: %w", c.what, err)
			}
		}
	}
	base := cases[0]
	for _, c := range cases[1:] {
		x, y := base.took.at(0.5), c.took.at(0.5)
		target := ""
		switch c.want {
		case "semantic-hit":
			target = "3 ms"
		case "miss":
			target = "12 ms"
		}
		r.row("cache: "+c.what+", p50 / p99 (beside a request that is not looked up; both with Sluice)",
			ms(x)+" / "+ms(base.took.at(0.99)), ms(y)+" / "+ms(c.took.at(0.99)), plusMS(y-x), target)
	}
	for _, hit := range cases[1:3] {
		for _, miss := range cases[3:] {
			r.note("CPU of Envoy and companion together: %s %s, %s %s: 1 : %.1f", hit.what, us(hit.each()), miss.what, us(miss.each()), float64(miss.each())/float64(max(1, hit.each())))
		}
	}
	return nil
}

// run makes so many requests of a kind, one after the other.
func (m *cacheBench) run(c *cacheCase, times int) error {
	before, err := m.cpu()
	if err != nil {
		return err
	}
	for i := range times {
		request := c.request(i)
		began := time.Now()
		if err := m.conn.exchange(request, nil); err != nil {
			return err
		}
		c.took = append(c.took, time.Since(began))
		if m.conn.cache != c.want {
			return fmt.Errorf("x-sluice-cache: %q in place of %q", m.conn.cache, c.want)
		}
	}
	after, err := m.cpu()
	if err != nil {
		return err
	}
	c.cpu += after - before
	return nil
}

func (m *cacheBench) cpu() (sum time.Duration, err error) {
	for _, pid := range m.pids {
		used, err := cpuTime(pid)
		if err != nil {
			return 0, err
		}
		sum += used
	}
	return sum, nil
}
