package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// The steady load: so many clients, each with a request to the one Envoy and one to the
// other in every period, half a period apart. It leaves the machine idle most of the
// time, so that what is measured is work and not waiting for each other.
const (
	clients    = 4
	period     = 10 * time.Millisecond
	promptSize = 1 << 10
)

// steady runs the load for so many pairs a client and measures each request with the
// given function, which returns its time.
func (p pair) steady(ctx context.Context, pairs int, once func(*conn) (time.Duration, error)) (*samples, error) {
	return p.steadyOf(ctx, pairs, func(c *conn, _ int) (time.Duration, error) { return once(c) })
}

// steadyOf is steady with a function that is told which side it measures.
func (p pair) steadyOf(ctx context.Context, pairs int, once func(c *conn, at int) (time.Duration, error)) (*samples, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	type result struct {
		samples
		err error
	}
	results := make(chan *result, clients)
	for i := range clients {
		go func() {
			r := &result{}
			defer func() { results <- r }()
			var sides [2]*conn
			for at, s := range p {
				if sides[at], r.err = dial(s.address); r.err != nil {
					cancel()
					return
				}
				defer sides[at].Close()
			}
			next := time.Now().Add(period * time.Duration(i) / clients)
			for n := range pairs {
				var took [2]time.Duration
				for turn := range sides {
					at := (turn + n + i) % 2 // neither is always the first
					time.Sleep(time.Until(next))
					next = next.Add(period / 2)
					if took[at], r.err = once(sides[at], at); r.err != nil || ctx.Err() != nil {
						cancel()
						return
					}
				}
				r.add(took[without], took[with])
			}
		}()
	}
	all := &samples{}
	var err error
	for range clients {
		r := <-results
		err = errors.Join(err, r.err)
		all.join(&r.samples)
	}
	if err == nil {
		err = ctx.Err()
	}
	return all, err
}

func measureLatency(ctx context.Context, b *bench, r *report) (err error) {
	p, err := b.startPair(ctx, 1)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.stop()) }()
	body := request(promptSize, false, "")
	once := func(c *conn) (time.Duration, error) {
		began := time.Now()
		err := c.exchange(body, nil)
		return time.Since(began), err
	}
	if _, err := p.steady(ctx, b.times(200), once); err != nil { // to warm up
		return err
	}
	before, err := p.cpu()
	if err != nil {
		return err
	}
	s, err := p.steady(ctx, b.times(1500), once)
	if err != nil {
		return err
	}
	after, err := p.cpu()
	if err != nil {
		return err
	}
	load := fmt.Sprintf("1 KiB prompt, %d requests a second", clients*int(time.Second/period))
	latencyRow(r, "latency p50, "+load, s, 0.5, "≤ 0.3 ms")
	latencyRow(r, "latency p99", s, 0.99, "≤ 1 ms")
	n := time.Duration(len(s.diff))
	r.row("Envoy's CPU a request at this rate", us((after[without]-before[without])/n), us((after[with]-before[with])/n),
		plusUS((after[with]-before[with]-after[without]+before[without])/n), "")
	r.note("latency: %d requests to each Envoy in turns, 1 worker thread. Of pairs that follow each other the difference is %s at p50, %s at p90, %s at p99.",
		len(s.diff), plusMS(s.diff.at(0.5)), plusMS(s.diff.at(0.9)), plusMS(s.diff.at(0.99)))
	return nil
}

func latencyRow(r *report, what string, s *samples, share float64, target string) {
	a, b := s.side[without].at(share), s.side[with].at(share)
	r.row(what, ms(a), ms(b), plusMS(b-a), target)
}

// cpu is the CPU time that each of the two has used.
func (p pair) cpu() (used [2]time.Duration, err error) {
	for at, s := range p {
		if used[at], err = cpuTime(s.Pid()); err != nil {
			return used, err
		}
	}
	return used, nil
}
