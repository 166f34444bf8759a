package main

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"
)

const largePrompt = 1 << 20

// measureLarge sends small requests all the time to the worker that reads a large
// prompt. A callback that takes long makes every other stream of its worker wait, so the
// slowest small request is a little more than the longest callback took.
func measureLarge(ctx context.Context, b *bench, r *report) (err error) {
	p, err := b.startPair(ctx, 1)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.stop()) }()
	var small, large samples
	for range b.times(5) {
		for at, s := range p {
			one, err := s.disturbed(ctx, 10, request(largePrompt, false, ""))
			if err != nil {
				return err
			}
			small.side[at] = append(small.side[at], one.small...)
			large.side[at] = append(large.side[at], one.large...)
		}
	}
	latencyRow(r, "a 1 MiB prompt, until its answer, p50", &large, 0.5, "")
	latencyRow(r, "a small request meanwhile on the same worker, p50", &small, 0.5, "")
	latencyRow(r, "the same, p99", &small, 0.99, "")
	latencyRow(r, "the same, slowest", &small, 1, "")
	r.note("large prompts: %d of them, and while they were read %d small requests without and %d with the filter.",
		len(large.side[with]), len(small.side[without]), len(small.side[with]))
	return nil
}

type disturbance struct{ small, large sample }

// disturbed sends large prompts one after the other, and small requests meanwhile.
func (s *side) disturbed(ctx context.Context, prompts int, body []byte) (d disturbance, err error) {
	big, err := dial(s.address)
	if err != nil {
		return d, err
	}
	defer big.Close()
	small, err := dial(s.address)
	if err != nil {
		return d, err
	}
	defer small.Close()
	var reading, over atomic.Bool
	failed := make(chan error, 1)
	go func() {
		body := request(promptSize, false, "")
		for !over.Load() {
			counts := reading.Load()
			began := time.Now()
			if err := small.exchange(body, nil); err != nil {
				failed <- err
				return
			}
			if counts || reading.Load() {
				d.small = append(d.small, time.Since(began))
			}
			time.Sleep(500 * time.Microsecond)
		}
		failed <- nil
	}()
	for range prompts {
		time.Sleep(20 * time.Millisecond)
		reading.Store(true)
		began := time.Now()
		err = big.exchange(body, nil)
		d.large = append(d.large, time.Since(began))
		reading.Store(false)
		if err = errors.Join(err, ctx.Err()); err != nil {
			err = fmt.Errorf("a prompt of %d bytes: %w", largePrompt, err)
			break
		}
	}
	over.Store(true)
	return d, errors.Join(err, <-failed)
}
