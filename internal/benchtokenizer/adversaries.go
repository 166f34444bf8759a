package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/sluice-gateway/sluice/internal/benchtokenizer/texts"
	"github.com/sluice-gateway/sluice/tokenizer"
)

// small and large are the sizes of the texts that show whether time is linear.
const (
	small = 100_000
	large = 10 * small
)

// adversaries measures the texts that are slow for a counter that is not careful: native and in the V8s.
func (b *bench) adversaries(ctx context.Context) error {
	var hosts []*entry
	for _, e := range b.counters {
		if e.counter != nil && e.name == "this" && slices.Contains([]string{b.counters[0].where, inEnvoy, inNode}, e.where) {
			hosts = append(hosts, e)
		}
	}
	fmt.Printf("Adversaries: milliseconds for 100 KB, in o200k_base and cl100k_base; ×10: how many times as long ten times the text takes, the longer of both. Of the shortest of %d times; more, up to %d, where over 25 ms or 12 times.\n\n| text |", 3*b.few(), 3*most)
	for _, e := range hosts {
		fmt.Printf(" %s | ×10 |", e.where)
	}
	fmt.Println("\n|---|" + strings.Repeat("---|", 2*len(hosts)))
	worst := make([]float64, len(hosts))
	steepest := make([]float64, len(hosts))
	for _, a := range texts.Adversaries() {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		fmt.Fprintf(os.Stderr, "adversary %s\n", a.Name)
		fmt.Printf("| %s |", a.Name)
		for i, e := range hosts {
			times, tenfold, err := b.adversary(e.counter, a)
			if err != nil {
				return fmt.Errorf("%s, %s: %w", a.Name, e.where, err)
			}
			worst[i], steepest[i] = max(worst[i], slices.Max(times)), max(steepest[i], tenfold)
			fmt.Printf(" %.2f, %.2f | %.1f |", times[0], times[1], tenfold)
		}
		fmt.Println()
	}
	fmt.Print("| **the most** |")
	for i := range hosts {
		fmt.Printf(" **%.2f** | **%.1f** |", worst[i], steepest[i])
	}
	fmt.Print("\n\n")
	b.oneByte()
	return nil
}

// few is how often adversaries are measured: there are many.
func (b *bench) few() int { return max(1, b.rounds/2) }

func (b *bench) adversary(c counter, a texts.Adversary) (times []float64, tenfold float64, err error) {
	one, ten := a.Make(small), a.Make(large)
	onePath, err := b.written("one", one)
	if err != nil {
		return nil, 0, err
	}
	tenPath, err := b.written("ten", ten)
	if err != nil {
		return nil, 0, err
	}
	if n, ok := c.(native); ok {
		clear(n.texts) // it keeps them by their path
	}
	for _, encoding := range encodings {
		var ones, tens series
		for round := 0; round < b.few() || round < most && unsettled(ones, tens, len(one)); round++ {
			for range 3 {
				s, err := c.count(encoding, onePath)
				if err != nil {
					return nil, 0, err
				}
				ones = append(ones, s.took)
			}
			s, err := warm(c, encoding, tenPath)
			if err != nil {
				return nil, 0, err
			}
			tens = append(tens, s.took)
		}
		times = append(times, ones.per100KB(len(one)))
		tenfold = max(tenfold, tens.shortest().Seconds()/ones.shortest().Seconds())
	}
	return times, tenfold, nil
}

// What is over a target is measured again: other work on the machine makes times longer and never shorter, so what is really over stays
// over however often it is measured.
const most = 20

func unsettled(ones, tens series, size int) bool {
	return ones.per100KB(size) > 25 || tens.shortest() > 12*ones.shortest()
}

// oneByte is 64 MB of one character, a single piece.
func (b *bench) oneByte() {
	text := strings.Repeat("a", 64<<20)
	for _, encoding := range encodings {
		e, _ := tokenizer.ByName(encoding)
		start := time.Now()
		n := e.CountString(text)
		fmt.Printf("- 64 MiB of `a`, native, %s: %d tokens in %.1f s\n", encoding, n, time.Since(start).Seconds())
	}
	fmt.Println()
}
