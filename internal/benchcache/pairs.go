package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/sluice-gateway/sluice/companion/compare"
)

// pair is a line of a file of labelled pairs.
type pair struct {
	Kind string `json:"kind"`
	A    string `json:"a"`
	B    string `json:"b"`
	Same bool   `json:"same"`

	cosine float64 // 1 where none is known
}

func readPairs(path string) ([]pair, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var out []pair
	for d := json.NewDecoder(f); ; {
		p := pair{cosine: 1}
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

func addCosines(pairs []pair, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	s := bufio.NewScanner(f)
	n := 0
	for ; s.Scan(); n++ {
		if n == len(pairs) {
			break
		}
		if _, err := fmt.Sscan(s.Text(), &pairs[n].cosine); err != nil {
			return fmt.Errorf("benchcache: %s: line %d: %w", path, n+1, err)
		}
	}
	if n != len(pairs) {
		return fmt.Errorf("benchcache: %s: %d similarities for %d pairs", path, n, len(pairs))
	}
	return s.Err()
}

// tally counts one kind's pairs.
type tally struct {
	same, found     int
	different, hits int
}

type report struct {
	kinds map[string]*tally
	all   tally
	wrong []string // false hits and misses, a line each
	took  time.Duration
	pairs int
}

func judge(pairs []pair, threshold float64) *report {
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
		hit := v.Same && p.cosine >= threshold
		for _, t := range []*tally{t, &r.all} {
			t.add(p.Same, hit)
		}
		switch {
		case hit && !p.Same:
			r.wrong = append(r.wrong, fmt.Sprintf("FALSE HIT %s: %q / %q: %s", p.Kind, clip(p.A), clip(p.B), v.Reason))
		case !hit && p.Same && v.Same:
			r.wrong = append(r.wrong, fmt.Sprintf("miss %s: %q / %q: similarity %.3f", p.Kind, clip(p.A), clip(p.B), p.cosine))
		case !hit && p.Same:
			r.wrong = append(r.wrong, fmt.Sprintf("miss %s: %q / %q: %s (veto %t)", p.Kind, clip(p.A), clip(p.B), v.Reason, v.Veto))
		}
	}
	return r
}

func (t *tally) add(same, hit bool) {
	switch {
	case same && hit:
		t.same, t.found = t.same+1, t.found+1
	case same:
		t.same++
	case hit:
		t.different, t.hits = t.different+1, t.hits+1
	default:
		t.different++
	}
}

func clip(s string) string {
	if len(s) > 160 {
		return s[:80] + " … " + s[len(s)-70:]
	}
	return s
}

func (r *report) print(w io.Writer, errors bool) {
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
	fmt.Fprintf(w, "%-18s %14s %16s %10s\n", "kind", "same: found", "different: hits", "precision")
	for _, k := range kinds {
		r.kinds[k].print(w, k)
	}
	r.all.print(w, "all")
	fmt.Fprintf(w, "%d us a pair\n", (r.took / time.Duration(max(r.pairs, 1))).Microseconds())
	slices.Sort(r.wrong)
	for _, line := range r.wrong {
		if errors || strings.HasPrefix(line, "FALSE") {
			fmt.Fprintln(w, line)
		}
	}
}

func (t *tally) print(w io.Writer, name string) {
	fmt.Fprintf(w, "%-18s %14s %16s %10s\n", name, share(t.found, t.same), share(t.hits, t.different), share(t.found, t.found+t.hits))
}

func share(n, of int) string {
	if of == 0 {
		return "-"
	}
	return fmt.Sprintf("%d/%d %.1f%%", n, of, 100*float64(n)/float64(of))
}
