package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/sluice-gateway/sluice/internal/sidecar"
)

// hitTokens are the lengths of the answers that hits and misses are compared at: what a
// miss costs grows with its answer, and what a hit costs hardly does.
var hitTokens = []int{100, 500, 2000}

// eventsApart is the time between two events of a provider's stream, in microseconds: long
// enough for each to be read by itself, as from a model, and far shorter than a model's.
const eventsApart = 500

// measureHits compares what an answer from the cache costs in CPU with one that is not
// there, by how long it is, and with the least that could be: see floor.
func measureHits(ctx context.Context, b *bench, r *report) error {
	return b.withCompanion(ctx, func(c *cacheBench, companion *sidecar.Process) error {
		m := &hitBench{cacheBench: *c, fresh: 1_000_000}
		if err := m.fill(ctx, companion); err != nil {
			return err
		}
		return m.measure(ctx, r)
	})
}

func (m *hitBench) measure(ctx context.Context, r *report) (err error) {
	for _, tokens := range hitTokens {
		for _, stream := range []bool{false, true} {
			row, failed := m.newRow(ctx, tokens, stream)
			if failed != nil {
				return fmt.Errorf("%d tokens: %w", tokens, failed)
			}
			defer func() { err = errors.Join(err, row.floor.Stop()) }()
			m.rows = append(m.rows, row)
		}
	}
	for range hitRounds { // in turns, so that what the machine does meanwhile hits all alike
		for _, row := range m.rows {
			if err := row.round(); err != nil {
				return fmt.Errorf("%d tokens: %w", row.tokens, err)
			}
		}
	}
	m.report(r)
	return nil
}

const hitRounds = 5

type hitBench struct {
	cacheBench
	fresh int // the last number that a question had which nothing had seen
	rows  []*hitRow
}

// hitRow is an answer of one length, whole or as a stream.
type hitRow struct {
	tokens int
	stream bool
	bytes  int // of a hit's body
	floor  *side

	miss, equal, words, vector, least *hitCase
}

// hitCase is one way to such an answer.
type hitCase struct {
	want    string // its x-sluice-cache
	conn    *conn
	pids    []int
	times   int // a round
	request func() []byte

	made int
	cpu  time.Duration
}

func (c *hitCase) each() float64 { return float64(c.cpu) / float64(max(1, c.made)) }

// The questions for which a vector has to be made in a hit: each is asked in other words
// once, since the second time its vector would be known.
var (
	verbs  = strings.Fields("cancel renew pause share print delete rename export move archive")
	things = strings.Fields("invoice ticket subscription playlist calendar contract photo recipe folder report badge voucher " +
		"receipt letter profile password bookmark backup invitation certificate passport notebook dashboard newsletter")
)

func ask(i int) string  { return "How do I " + action(i) + "?" }
func word(i int) string { return "Could you tell me how to " + action(i) + ", please?" }

func action(i int) string {
	return verbs[i%len(verbs)] + " my " + things[i/len(verbs)%len(things)]
}

// vectors is how many hits of a row have their vector made.
const vectors = 40

func (m *hitBench) question(text string, tokens int, stream bool) []byte {
	body := `{"model":"gpt-4o-mini","max_tokens":4096,`
	answer := "x-words: " + strconv.Itoa(tokens) + "\r\n"
	if stream {
		body += `"stream":true,`
		answer = fmt.Sprintf("x-events: %d\r\nx-gap: %d\r\n", tokens, eventsApart)
	}
	body += `"messages":[{"role":"user","content":"` + text + `"}]}`
	return []byte("POST /v1/chat/completions HTTP/1.1\r\nhost: gateway\r\ncontent-type: application/json\r\n" +
		"authorization: Bearer sk-client\r\nx-client-id: app\r\nx-team: of-" + strconv.Itoa(tokens) + "\r\nx-user-id: ada\r\n" + answer +
		"content-length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + body)
}

// fill has the cache keep the answers that are asked for later, those of each length in a
// scope of their own.
func (m *hitBench) fill(ctx context.Context, companion *sidecar.Process) error {
	kept := 0
	keep := func(text string, tokens int) error {
		kept++
		return m.conn.exchange(m.question(text, tokens, false), nil)
	}
	for at, tokens := range hitTokens {
		for n := range 100 { // look-alikes, for the search and the comparison to pass by
			if err := keep(fmt.Sprintf(asked, order+n), tokens); err != nil {
				return err
			}
		}
		for i := range 2 * vectors {
			if err := keep(ask(at*2*vectors+i), tokens); err != nil {
				return err
			}
		}
	}
	return m.kept(ctx, companion, kept)
}

func (m *hitBench) newRow(ctx context.Context, tokens int, stream bool) (*hitRow, error) {
	row := &hitRow{tokens: tokens, stream: stream}
	of := func(want string, times int, text func() string) *hitCase {
		return &hitCase{want: want, conn: m.conn, pids: m.pids, times: times, request: func() []byte { return m.question(text(), tokens, stream) }}
	}
	first := len(m.rows) * vectors
	next := first
	row.miss = of("miss", m.times(10), func() string { m.fresh++; return fmt.Sprintf(asked, m.fresh) })
	row.equal = of("hit", m.times(150), func() string { return fmt.Sprintf(asked, order) })
	row.words = of("semantic-hit", m.times(100), func() string { return fmt.Sprintf(reworded, order) })
	row.vector = of("semantic-hit", min(m.times(vectors/hitRounds), vectors/hitRounds), func() string { next++; return word(next - 1) })
	var body []byte
	for range m.times(300) { // to warm up
		body = body[:0]
		if err := m.conn.exchange(row.equal.request(), func(p []byte) { body = append(body, p...) }); err != nil {
			return nil, err
		}
		if err := m.conn.exchange(row.words.request(), nil); err != nil {
			return nil, err
		}
	}
	row.bytes = len(body)
	var err error
	if row.floor, err = m.startFloor(ctx, body); err != nil {
		return nil, err
	}
	c, err := dial(row.floor.address)
	if err != nil {
		return nil, errors.Join(err, row.floor.Stop())
	}
	row.least = &hitCase{conn: c, pids: []int{row.floor.Pid()}, times: m.times(150), request: row.equal.request}
	for range m.times(300) {
		if err := c.exchange(row.least.request(), nil); err != nil {
			return nil, errors.Join(err, row.floor.Stop())
		}
	}
	return row, nil
}

func (row *hitRow) round() error {
	for _, c := range []*hitCase{row.equal, row.words, row.vector, row.least, row.miss} {
		if err := c.run(); err != nil {
			return err
		}
	}
	return nil
}

// run makes a round's requests, one after the other.
func (c *hitCase) run() error {
	before, err := processTimes(c.pids)
	if err != nil {
		return err
	}
	for range c.times {
		if err := c.conn.exchange(c.request(), nil); err != nil {
			return err
		}
		if c.conn.cache != c.want {
			return fmt.Errorf("x-sluice-cache: %q in place of %q", c.conn.cache, c.want)
		}
	}
	if c.want == "miss" {
		time.Sleep(50 * time.Millisecond) // the answer is kept when the client has it
	}
	after, err := processTimes(c.pids)
	c.made += c.times
	c.cpu += after - before
	return err
}

func (m *hitBench) report(r *report) {
	t := table{title: "CPU of one request, Envoy and companion together, by the length of its answer",
		columns: []string{"answer", "bytes of a hit", "miss", "equal", "other words, vector known", "other words, vector made", "floor", "miss : equal", "miss : other words", "miss : vector made", "miss : floor"}}
	for _, row := range m.rows {
		form := "whole"
		if row.stream {
			form = "stream"
		}
		cells := []string{fmt.Sprintf("%d tokens, %s", row.tokens, form), strconv.Itoa(row.bytes)}
		hits := []*hitCase{row.equal, row.words, row.vector, row.least}
		for _, c := range append([]*hitCase{row.miss}, hits...) {
			cells = append(cells, us(time.Duration(c.each())))
		}
		for _, c := range hits {
			cells = append(cells, fmt.Sprintf("%.0f : 1", row.miss.each()/max(1, c.each())))
		}
		t.rows = append(t.rows, cells)
	}
	r.tables = append(r.tables, t)
	r.note("hits: a miss has its vector made, finds nothing and is kept; its stream has an event a token, %d µs apart. The floor is an Envoy without a filter that asks itself over HTTP/1.1 for the same bytes, by Lua, and answers with them: no policy, no key, no look-up, no record.", eventsApart)
}
