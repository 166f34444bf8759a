package main

import (
	"context"
	"fmt"
	"os"
)

// result is of one counter on the mixed text in one encoding.
type result struct {
	tokens int
	times  series
	slower ratios // than this, native, just before
}

// mixed measures everything on the mixed text.
func (b *bench) mixed(ctx context.Context) error {
	path, size, err := b.corpus(ctx)
	if err != nil {
		return fmt.Errorf("the mixed text: %w", err)
	}
	results := make([][]result, len(b.counters))
	for i := range results {
		results[i] = make([]result, len(encodings))
	}
	for round := range b.rounds + 1 {
		fmt.Fprintf(os.Stderr, "mixed text, round %d of %d\n", round, b.rounds)
		for i, e := range b.counters {
			if e.counter == nil {
				continue
			}
			for j, encoding := range encodings {
				base, err := warm(b.counters[0].counter, encoding, path)
				if err != nil {
					return err
				}
				s, err := warm(e.counter, encoding, path)
				if err != nil {
					return fmt.Errorf("%s, %s: %w", e.name, e.where, err)
				}
				r := &results[i][j]
				if r.tokens = s.tokens; round > 0 { // before, compilers and caches get warm
					r.times = append(r.times, s.took)
					r.slower.add(s.took, base.took)
				}
			}
		}
	}
	b.printMixed(results, size)
	return nil
}

// warm is the shorter of two counts: the one before had the processor's caches.
func warm(c counter, encoding, path string) (sample, error) {
	first, err := c.count(encoding, path)
	if err != nil {
		return sample{}, err
	}
	second, err := c.count(encoding, path)
	second.took = min(first.took, second.took)
	return second, err
}

func (b *bench) printMixed(results [][]result, size int) {
	fmt.Printf("Mixed text, %d bytes: MB/s of the shortest of %d times, and how many times as long as this package natively takes, just before.\n\n", size, 2*b.rounds)
	fmt.Println("| counter | runs in | o200k_base | cl100k_base | times as long | tokens o200k_base, cl100k_base |")
	fmt.Println("|---|---|---|---|---|---|")
	slower := map[string]float64{}
	for i, e := range b.counters {
		if e.counter == nil {
			fmt.Printf("| %s | %s | not here: %v | | | |\n", e.name, e.where, e.absent)
			continue
		}
		o, c := &results[i][0], &results[i][1]
		slower[e.name+", "+e.where] = o.slower.median()
		fmt.Printf("| %s | %s | %.1f | %.1f | %.1f, %.1f | %s |\n", e.name, e.where, o.times.speed(size), c.times.speed(size),
			o.slower.median(), c.slower.median(), tokens(results, i))
	}
	fmt.Println()
	for _, target := range []struct{ text, of, to string }{
		{"bpe-openai takes %.2f times as long as this natively (target: 1.7 or more)", "bpe-openai 0.3.2, native, Rust", "this, native, Go"},
		{"tiktoken takes %.2f times as long as this in Envoy's V8 (target: 1 or more)", "tiktoken 0.14.0, native, Python and Rust", "this, " + inEnvoy},
	} {
		if slower[target.of] > 0 && slower[target.to] > 0 {
			fmt.Printf("- "+target.text+"\n", slower[target.of]/slower[target.to])
		}
	}
	fmt.Println()
}

// tokens tells where a counter counts something else than this.
func tokens(results [][]result, i int) (text string) {
	for j := range encodings {
		if j > 0 {
			text += ", "
		}
		if text += fmt.Sprint(results[i][j].tokens); results[i][j].tokens != results[0][j].tokens {
			text += " (differs)"
		}
	}
	return text
}
