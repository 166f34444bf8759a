package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"
)

const (
	streams        = 8 // on each side at the same time
	eventsOfStream = 250
	eventGap       = 5 * time.Millisecond
)

func measureStream(ctx context.Context, b *bench, r *report) (err error) {
	p, err := b.startPair(ctx, 1)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.stop()) }()
	if err := firstTokens(ctx, b, p, r); err != nil {
		return err
	}
	return events(ctx, b, p, r)
}

// firstTokens measures until the first byte of the body, with the steady load.
func firstTokens(ctx context.Context, b *bench, p pair, r *report) error {
	body := request(promptSize, true, "x-events: 4\r\nx-gap: 0\r\n")
	once := func(c *conn) (time.Duration, error) {
		began := time.Now()
		first := time.Duration(0)
		err := c.exchange(body, func([]byte) {
			if first == 0 {
				first = time.Since(began)
			}
		})
		if err == nil && first == 0 {
			err = errors.New("a stream without a body")
		}
		return first, err
	}
	if _, err := p.steady(ctx, b.times(100), once); err != nil {
		return err
	}
	s, err := p.steady(ctx, b.times(1000), once)
	if err != nil {
		return err
	}
	latencyRow(r, "first token p50, 1 KiB prompt", s, 0.5, "≤ 1 ms")
	latencyRow(r, "first token p99", s, 0.99, "")
	return nil
}

// events measures how long an event takes from the upstream's write to the client's
// read, and the CPU time that Envoy spends on it. Both sides stream at the same time.
func events(ctx context.Context, b *bench, p pair, r *report) error {
	before, err := p.cpu()
	if err != nil {
		return err
	}
	var s samples
	rounds := b.times(8)
	for range rounds {
		type result struct {
			at    int
			times sample
			err   error
		}
		results := make(chan result, 2*streams)
		for i := range 2 * streams {
			go func() {
				times, err := p[i%2].oneStream()
				results <- result{i % 2, times, err}
			}()
		}
		for range 2 * streams {
			one := <-results
			err = errors.Join(err, one.err)
			s.side[one.at] = append(s.side[one.at], one.times...)
		}
		if err := errors.Join(err, ctx.Err()); err != nil {
			return err
		}
	}
	after, err := p.cpu()
	if err != nil {
		return err
	}
	latencyRow(r, "a streamed event from upstream to client, p50", &s, 0.5, "")
	latencyRow(r, "the same, p99", &s, 0.99, "")
	n := time.Duration(rounds * streams * eventsOfStream)
	r.row("Envoy's CPU a streamed event", us((after[without]-before[without])/n), us((after[with]-before[with])/n),
		plusUS((after[with]-before[with]-after[without]+before[without])/n), "≤ 50 µs")
	r.note("streamed events: %d to each Envoy, %d streams at once on each, an event every %s in each stream, written one by one; the requests' own CPU is spread over their %d events.",
		int(n), streams, eventGap, eventsOfStream)
	return nil
}

// oneStream reads a stream and returns how old each event was when it came.
func (s *side) oneStream() (sample, error) {
	c, err := dial(s.address)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	var times sample
	mark := []byte(`"obfuscation":"`)
	err = c.exchange(request(promptSize, true, fmt.Sprintf("x-events: %d\r\nx-gap: %d\r\n", eventsOfStream, eventGap.Microseconds())), func(data []byte) {
		now := time.Since(epoch)
		for at := bytes.Index(data, mark); at >= 0; at = bytes.Index(data, mark) {
			data = data[at+len(mark):]
			sent, err := strconv.ParseInt(string(data[:timeDigits]), 10, 64)
			if err == nil {
				times = append(times, now-time.Duration(sent))
			}
		}
	})
	if err == nil && len(times) != eventsOfStream {
		err = fmt.Errorf("%d of %d events came", len(times), eventsOfStream)
	}
	return times, err
}
