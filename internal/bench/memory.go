package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// few and many worker threads: what grows between them is what a thread costs.
const (
	few  = 1
	many = 3
)

// footprint is an Envoy's memory at one moment.
type footprint struct {
	resident int64
	linear   []linear
}

func (s *side) footprint() (f footprint, err error) {
	if f.resident, err = residentBytes(s.Pid()); err != nil {
		return f, err
	}
	f.linear, err = linearMemories(s.Pid())
	return f, err
}

// memory is the WebAssembly memory of the VM that has grown most: its size, and what of
// it is in use.
func (f footprint) memory() string {
	if len(f.linear) == 0 {
		return "not found"
	}
	var most linear
	for _, l := range f.linear {
		if l.size > most.size {
			most = l
		}
	}
	return mib(most.size) + " (" + mib(most.resident) + ")"
}

func measureMemory(ctx context.Context, b *bench, r *report) error {
	var idle, warm [2][2]footprint // by side, few and many
	for i, workers := range []int{few, many} {
		if err := b.memoryOf(ctx, workers, func(at int, s *side) (err error) {
			if idle[at][i], err = s.footprint(); err != nil {
				return err
			}
			// Connections are spread over the workers, so that many reach all of them.
			if _, err = s.press(ctx, request(promptSize, false, ""), 16*workers, time.Minute, int64(b.times(5000)*workers)); err != nil {
				return err
			}
			warm[at][i], err = s.footprint()
			return err
		}); err != nil {
			return err
		}
	}
	perVM := func(f [2][2]footprint, at int) int64 { return (f[at][1].resident - f[at][0].resident) / (many - few) }
	r.row("memory of an idle Envoy with 1 worker", mib(idle[without][0].resident), mib(idle[with][0].resident), plusMiB(idle[with][0].resident-idle[without][0].resident), "")
	r.row("memory of a further worker and its VM, idle", mib(perVM(idle, without)), mib(perVM(idle, with)), plusMiB(perVM(idle, with)-perVM(idle, without)), "")
	r.row(fmt.Sprintf("the same after %d requests to each worker", b.times(5000)), mib(perVM(warm, without)), mib(perVM(warm, with)), plusMiB(perVM(warm, with)-perVM(warm, without)), "≤ 32 MiB")
	return b.growth(ctx, r)
}

// memoryOf looks at an Envoy of each side, one at a time.
func (b *bench) memoryOf(ctx context.Context, workers int, look func(int, *side) error) error {
	for at, bootstrap := range [][]byte{b.without, b.with} {
		s, err := b.start(ctx, bootstrap, workers)
		if err != nil {
			return err
		}
		if err := errors.Join(look(at, s), s.Stop()); err != nil {
			return err
		}
	}
	return nil
}

// growth loads one worker with the filter for a long time: small requests, then large.
func (b *bench) growth(ctx context.Context, r *report) (err error) {
	s, err := b.start(ctx, b.with, 1)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Stop()) }()
	var seen []footprint
	requests := int64(b.times(20_000))
	for range 6 {
		if _, err := s.press(ctx, request(promptSize, false, ""), busyClients, 5*time.Minute, requests); err != nil {
			return err
		}
		f, err := s.footprint()
		if err != nil {
			return err
		}
		seen = append(seen, f)
	}
	first, last := seen[0], seen[len(seen)-1]
	slope := float64(last.resident-first.resident) / float64(5*requests)
	r.row(fmt.Sprintf("Envoy after %d and after %d requests, 1 worker", requests, 6*requests), "", mib(first.resident)+", "+mib(last.resident), fmt.Sprintf("%+.1f bytes a request", slope), "0")
	r.row("linear memory of the VM then (in use)", "", last.memory(), "", "")

	if _, err := s.press(ctx, request(largePrompt, false, ""), 4, time.Minute, int64(b.times(40))); err != nil {
		return err
	}
	f, err := s.footprint()
	if err != nil {
		return err
	}
	r.row(fmt.Sprintf("linear memory after %d prompts of 1 MiB, 4 at a time (in use)", b.times(40)), "", f.memory(), "", "≤ 32 MiB")
	return nil
}
