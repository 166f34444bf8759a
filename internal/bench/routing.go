package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"
)

// measureRouting compares models of one gateway with each other: the same request to one
// that goes straight to its provider, and to one that needs more.
func measureRouting(ctx context.Context, b *bench, r *report) (err error) {
	s, err := b.start(ctx, b.with, 1)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Stop()) }()
	for _, m := range []struct{ model, what string }{
		{"retried", "an answer that is held until it is known to be one, beside one that is not"},
		{"translated", "OpenAI's client, Anthropic's provider, beside the client's own dialect"},
		{"failed", "a first provider that answers 503, beside none"},
	} {
		for _, stream := range []bool{false, true} {
			if err := compareModels(ctx, b, r, s, m.model, m.what, stream); err != nil {
				return fmt.Errorf("model %s: %w", m.model, err)
			}
		}
	}
	return nil
}

// compareModels measures one model beside the direct one, in turns, on one Envoy.
func compareModels(ctx context.Context, b *bench, r *report, s *side, model, what string, stream bool) error {
	headers, kind := "", "answered"
	if stream {
		headers, kind = "x-events: 20\r\nx-gap: 0\r\n", "first token"
	}
	bodies := [2][]byte{}
	for at, name := range [...]string{"direct", model} {
		// The names are of one length in none of the cases, so the length is set anew.
		bodies[at] = renamed(request(promptSize, stream, headers), name)
	}
	p := pair{s, s}
	turn := func(c *conn, at int) (time.Duration, error) {
		began, first := time.Now(), time.Duration(0)
		err := c.exchange(bodies[at], func([]byte) {
			if first == 0 {
				first = time.Since(began)
			}
		})
		if !stream {
			first = time.Since(began)
		}
		return first, err
	}
	if _, err := p.steadyOf(ctx, b.times(100), turn); err != nil {
		return err
	}
	all, err := p.steadyOf(ctx, b.times(500), turn)
	if err != nil {
		return err
	}
	x, y := all.side[without].at(0.5), all.side[with].at(0.5)
	x99, y99 := all.side[without].at(0.99), all.side[with].at(0.99)
	r.row(fmt.Sprintf("%s: %s, p50 / p99 (both columns with Sluice)", what, kind), ms(x)+" / "+ms(x99), ms(y)+" / "+ms(y99), plusMS(y-x)+" / "+plusMS(y99-x99), "")
	return nil
}

// renamed is a request that asks for another model.
func renamed(request []byte, model string) []byte {
	const old = "gpt-4o-mini"
	head, body, _ := bytes.Cut(request, []byte("\r\n\r\n"))
	body = bytes.Replace(body, []byte(old), []byte(model), 1)
	at := bytes.Index(head, []byte("content-length: "))
	return fmt.Appendf(nil, "%scontent-length: %d\r\n\r\n%s", head[:at], len(body), body)
}
