package main

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"
)

const busyClients = 32

// pressed is what one Envoy did in a while under all the load that it takes.
type pressed struct {
	requests int64
	wall     time.Duration
	cpu      time.Duration
}

func (p pressed) perSecond() float64 { return float64(p.requests) / p.wall.Seconds() }
func (p pressed) busy() float64      { return p.cpu.Seconds() / p.wall.Seconds() }
func (p pressed) each() time.Duration {
	return p.cpu / time.Duration(max(1, p.requests))
}

// press keeps every connection busy until the time is over or limit requests are done.
func (s *side) press(ctx context.Context, body []byte, n int, during time.Duration, limit int64) (pressed, error) {
	conns, err := dialMany(s.address, n)
	if err != nil {
		return pressed{}, err
	}
	defer closeAll(conns)
	before, err := cpuTime(s.Pid())
	if err != nil {
		return pressed{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, during)
	defer cancel()
	var begun, done atomic.Int64
	ends := make(chan error, n)
	began := time.Now()
	for _, c := range conns {
		go func() {
			for ctx.Err() == nil && begun.Add(1) <= limit {
				if err := c.exchange(body, nil); err != nil {
					ends <- err
					return
				}
				done.Add(1)
			}
			ends <- nil
		}()
	}
	for range conns {
		err = errors.Join(err, <-ends)
	}
	p := pressed{requests: done.Load(), wall: time.Since(began)}
	after, cpuErr := cpuTime(s.Pid())
	p.cpu = after - before
	return p, errors.Join(err, cpuErr)
}

const noLimit = int64(1) << 62

func measureThroughput(ctx context.Context, b *bench, r *report) (err error) {
	p, err := b.startPair(ctx, 1)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.stop()) }()
	body := request(promptSize, false, "")
	for _, s := range p {
		if _, err := s.press(ctx, body, busyClients, time.Duration(b.times(1000))*time.Millisecond, noLimit); err != nil {
			return err
		}
	}
	var perSecond, busy, each [2][]float64
	var ratios []float64
	for range 5 {
		for at, s := range p {
			one, err := s.press(ctx, body, busyClients, time.Duration(b.times(2500))*time.Millisecond, noLimit)
			if err != nil {
				return err
			}
			perSecond[at] = append(perSecond[at], one.perSecond())
			busy[at] = append(busy[at], one.busy())
			each[at] = append(each[at], float64(one.each()))
		}
		last := len(ratios)
		ratios = append(ratios, perSecond[with][last]/perSecond[without][last])
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	r.row(fmt.Sprintf("requests a second, 1 worker at its limit, %d clients", busyClients), fmt.Sprintf("%.0f", median(perSecond[without])),
		fmt.Sprintf("%.0f", median(perSecond[with])), fmt.Sprintf("× %.2f", median(ratios)), "")
	a, c := time.Duration(median(each[without])), time.Duration(median(each[with]))
	r.row("Envoy's CPU a request at its limit", us(a), us(c), plusUS(c-a), "")
	r.note("throughput: five rounds of each in turns, medians. Envoy was busy for %.0f %% of the time without the filter and %.0f %% with it: what is missing to 100 %% is the load generator's fault, and makes the ratio look better than it is.",
		100*median(busy[without]), 100*median(busy[with]))
	return nil
}
