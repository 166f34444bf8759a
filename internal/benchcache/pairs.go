package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/sluice-gateway/sluice/companion/compare"
	"github.com/sluice-gateway/sluice/companion/eval"
)

// pair is a line of a file of labelled pairs.
type pair struct {
	Kind string `json:"kind"`
	A    string `json:"a"`
	B    string `json:"b"`
	Same bool   `json:"same"`
}

func readPairs(path string) ([]pair, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var out []pair
	for d := json.NewDecoder(f); ; {
		var p pair
		switch err := d.Decode(&p); err {
		case nil:
			out = append(out, p)
		case io.EOF:
			return out, nil
		default:
			return nil, fmt.Errorf("benchcache: %s: after %d pairs: %w", path, len(out), err)
		}
	}
}

// tally counts one kind's pairs: the same and the different, and what was found and what
// was taken for the same, by the comparison alone and by the engine.
type tally struct {
	same, different int
	found, hits     [2]int
}

const (
	alone = iota
	whole
)

type report struct {
	kinds map[string]*tally
	all   tally
	wrong []string // false hits and misses, a line each
	took  time.Duration
	pairs int
}

// judge has the comparison alone decide.
func judge(pairs []pair) *report {
	r := &report{kinds: map[string]*tally{}, pairs: len(pairs)}
	compare.Compare("a", "b") // reads the tables
	for _, p := range pairs {
		t := r.kinds[p.Kind]
		if t == nil {
			t = &tally{}
			r.kinds[p.Kind] = t
		}
		start := time.Now()
		v := compare.Compare(p.A, p.B)
		r.took += time.Since(start)
		for _, t := range []*tally{t, &r.all} {
			if p.Same {
				t.same++
			} else {
				t.different++
			}
			t.add(alone, p.Same, v.Same)
		}
		switch {
		case v.Same && !p.Same:
			r.wrong = append(r.wrong, fmt.Sprintf("FALSE HIT %s: %q / %q: %s", p.Kind, clip(p.A), clip(p.B), v.Reason))
		case !v.Same && p.Same:
			r.wrong = append(r.wrong, fmt.Sprintf("miss %s: %q / %q: %s (veto %t)", p.Kind, clip(p.A), clip(p.B), v.Reason, v.Veto))
		}
	}
	return r
}

// decide has the engine decide, which looks at similarity first.
func (r *report) decide(ctx context.Context, engine *eval.Evaluator, pairs []pair) error {
	var decisions []eval.Decision
	for some := range slices.Chunk(pairs, 64) {
		asked := make([]eval.Pair, len(some))
		for i, p := range some {
			asked[i] = eval.Pair{A: p.A, B: p.B}
		}
		decided, err := engine.Decide(ctx, asked)
		if err != nil {
			return err
		}
		decisions = append(decisions, decided...)
	}
	for i, p := range pairs {
		hit := decisions[i].Hit
		r.kinds[p.Kind].add(whole, p.Same, hit)
		r.all.add(whole, p.Same, hit)
		if p.Same && !hit && compare.Compare(p.A, p.B).Same {
			r.wrong = append(r.wrong, fmt.Sprintf("miss %s: %q / %q: %s", p.Kind, clip(p.A), clip(p.B), decisions[i].Reason))
		}
	}
	return nil
}

func (t *tally) add(by int, same, hit bool) {
	switch {
	case same && hit:
		t.found[by]++
	case hit:
		t.hits[by]++
	}
}

func clip(s string) string {
	if len(s) > 160 {
		return s[:80] + " … " + s[len(s)-70:]
	}
	return s
}

func (r *report) print(w io.Writer, errors, engine bool) {
	kinds := make([]string, 0, len(r.kinds))
	for k := range r.kinds {
		kinds = append(kinds, k)
	}
	slices.SortFunc(kinds, func(a, b string) int {
		if x, y := r.kinds[a].same > 0, r.kinds[b].same > 0; x != y {
			if x {
				return -1
			}
			return 1
		}
		return strings.Compare(a, b)
	})
	fmt.Fprintf(w, "%-18s | %-40s", "", "the comparison alone")
	if engine {
		fmt.Fprintf(w, " | similar enough as well")
	}
	fmt.Fprintf(w, "\n%-18s", "kind")
	r.all.columns(w, engine, func(int) (string, string, string) { return "same: found", "different: hits", "precision" })
	for _, k := range kinds {
		r.kinds[k].print(w, k, engine)
	}
	r.all.print(w, "all", engine)
	fmt.Fprintf(w, "%d us a comparison\n", (r.took / time.Duration(max(r.pairs, 1))).Microseconds())
	slices.Sort(r.wrong)
	for _, line := range r.wrong {
		if errors || strings.HasPrefix(line, "FALSE") {
			fmt.Fprintln(w, line)
		}
	}
}

func (t *tally) print(w io.Writer, name string, engine bool) {
	fmt.Fprintf(w, "%-18s", name)
	t.columns(w, engine, func(by int) (string, string, string) {
		return share(t.found[by], t.same), share(t.hits[by], t.different), share(t.found[by], t.found[by]+t.hits[by])
	})
}

func (t *tally) columns(w io.Writer, engine bool, of func(by int) (found, hits, precision string)) {
	for by := range 2 {
		if by == alone || engine {
			found, hits, precision := of(by)
			fmt.Fprintf(w, " | %14s %14s %10s", found, hits, precision)
		}
	}
	fmt.Fprintln(w)
}

func share(n, of int) string {
	if of == 0 {
		return "-"
	}
	return fmt.Sprintf("%d/%d %.1f%%", n, of, 100*float64(n)/float64(of))
}
