package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/sluice-gateway/sluice/internal/benchguard/labelled"
)

// report is all that a run has to say. The first finder is ours.
type report struct {
	seed     uint64
	texts    []labelled.Text // held-out
	presidio string          // its version; empty = not here
	known    []string        // kinds that Presidio has recognisers for
	finders  []result
	slowest  adversary
	steepest adversary
}

type result struct {
	name       string
	thresholds map[string]int // least score by kind, per cent
	score      *score
	speed      *speed
}

// The marks between which a document has the report.
const (
	docBegin = "<!-- what make bench-guard prints -->\n"
	docEnd   = "<!-- end -->\n"
)

func (r *report) print(w io.Writer, doc string) error {
	var b bytes.Buffer
	r.quality(&b)
	r.leaks(&b)
	r.fast(&b)
	r.verdict(&b)
	if _, err := w.Write(b.Bytes()); err != nil || doc == "" {
		return err
	}
	text, err := os.ReadFile(doc)
	if err != nil {
		return err
	}
	before, rest, begins := strings.Cut(string(text), docBegin)
	_, after, ends := strings.Cut(rest, docEnd)
	if !begins || !ends {
		return fmt.Errorf("%s has no place for the report between %q and %q", doc, strings.TrimSpace(docBegin), strings.TrimSpace(docEnd))
	}
	return os.WriteFile(doc, []byte(before+docBegin+"\n"+b.String()+"\n"+docEnd+after), 0o644)
}

func (r *report) quality(w io.Writer) {
	var by = map[string]int{}
	for _, t := range r.texts {
		by[t.From]++
	}
	fmt.Fprintf(w, "Commit %s, %s, seed %d. Held-out texts: %d by hand, %d generated, %d without anything to find (%d by hand).", commit(), machine(), r.seed, by["hand"], by["generated"], by["negative"]+by["negative-generated"], by["negative"])
	if r.presidio != "" {
		fmt.Fprintf(w, " Presidio is presidio-analyzer %s.", r.presidio)
	}
	fmt.Fprintf(w, "\n\nExact: a find has the value's span to the character. Overlap: it has a part of it. P precision, R recall.\n\n")
	fmt.Fprintf(w, "| kind | values |")
	for _, f := range r.finders {
		fmt.Fprintf(w, " %s: P | R | F1 exact | F1 overlap |", f.name)
	}
	fmt.Fprintf(w, "\n|---|---:|%s\n", strings.Repeat("---:|---:|---:|---:|", len(r.finders)))
	for _, kind := range labelled.Kinds() {
		fmt.Fprintf(w, "| %s | %d |", kind, r.finders[0].score.kinds[kind].values)
		for i, f := range r.finders {
			if i > 0 && !slices.Contains(r.known, kind) {
				fmt.Fprintf(w, " - | - | - | - |")
				continue
			}
			k := f.score.kinds[kind]
			fmt.Fprintf(w, " %.3f | %.3f | **%.3f** | %.3f |", k.exact.precision(), k.exact.recall(), k.exact.f1(), k.overlap.f1())
		}
		fmt.Fprintln(w)
	}
	for _, f := range r.finders[1:] {
		fmt.Fprintf(w, "\nLeast scores of %s, which are the best for the development texts:", f.name)
		for _, kind := range r.known {
			fmt.Fprintf(w, " %s %.2f", kind, float64(f.thresholds[kind])/100)
		}
		fmt.Fprintln(w, ".")
	}
}

func (r *report) leaks(w io.Writer) {
	fmt.Fprintf(w, "\n| |")
	for _, f := range r.finders {
		fmt.Fprintf(w, " %s |", f.name)
	}
	fmt.Fprintf(w, "\n|---|%s\n| texts without anything in which something was found, of %d |", strings.Repeat("---|", len(r.finders)), r.finders[0].score.negatives)
	for _, f := range r.finders {
		fmt.Fprintf(w, " %d", f.score.falseTexts)
		separator := ": "
		for _, kind := range labelled.Kinds() {
			if n := f.score.falseFinds[kind]; n > 0 {
				fmt.Fprintf(w, "%s%s %d", separator, kind, n)
				separator = ", "
			}
		}
		fmt.Fprintf(w, " |")
	}
	for _, kind := range whole {
		fmt.Fprintf(w, "\n| %s: values of which a part would have left, of %d |", kind, r.finders[0].score.kinds[kind].values)
		for _, f := range r.finders {
			fmt.Fprintf(w, " %d |", f.score.kinds[kind].slipped)
		}
	}
	fmt.Fprintln(w)
}

func (r *report) fast(w io.Writer) {
	fmt.Fprintf(w, "\n| us a KB, shortest of the rounds |")
	for _, f := range r.finders {
		fmt.Fprintf(w, " %s |", f.name)
	}
	fmt.Fprintf(w, "\n|---|%s\n", strings.Repeat("---:|", len(r.finders)))
	row := func(name string, of func(*speed) (series, int)) {
		fmt.Fprintf(w, "| %s |", name)
		for _, f := range r.finders {
			if s, n := of(f.speed); len(s) > 0 {
				fmt.Fprintf(w, " %.1f |", s.perKB(n))
			} else {
				fmt.Fprintf(w, " - |")
			}
		}
		fmt.Fprintln(w)
	}
	row("prompts of 1 KB full of values", func(s *speed) (series, int) { return s.dense, prompts * promptBytes })
	row("prompts of 1 KB without any", func(s *speed) (series, int) { return s.harmless, prompts * promptBytes })
	for i, n := range lengths {
		row(fmt.Sprintf("%d KB full of values", n>>10), func(s *speed) (series, int) { return s.long[i], n })
	}
	own := r.finders[0].speed
	fmt.Fprintf(w, "\n1 MB in slices of %d KB: the slowest call takes %.2f ms. One thing repeated to 1 MB: at most %.1f us a KB (%q), and at most %.2f times what a KB of 256 KB takes (%q).\n",
		sliceBytes>>10, own.slice.shortest().Seconds()*1e3, r.slowest.perKB, r.slowest.repeated, r.steepest.growth, r.steepest.repeated)
}

// verdict says which goals the run missed: a reader of the tables should not have to compare them with the goals.
func (r *report) verdict(w io.Writer) {
	missed := r.missed()
	if len(missed) == 0 {
		fmt.Fprintf(w, "\nNo goal was missed.\n")
		return
	}
	fmt.Fprintf(w, "\nMissed goals:\n\n")
	for _, m := range missed {
		fmt.Fprintf(w, "- %s\n", m)
	}
}

// commit is the tree's, with a + when it has changes.
func commit() string {
	out, err := exec.Command("git", "describe", "--always", "--dirty=+").Output()
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(out))
}

func machine() string {
	name := runtime.GOARCH
	info, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(info)) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == "model name" {
			name = strings.TrimSpace(value)
			break
		}
	}
	return fmt.Sprintf("%s, %d cores, %s", name, runtime.NumCPU(), runtime.Version())
}

// write puts the labelled texts into a directory, for other programs: `sluice pii` reads the same lines.
func write(dir string, halves ...[]labelled.Text) error {
	for _, texts := range halves {
		var b bytes.Buffer
		lines := json.NewEncoder(&b)
		lines.SetEscapeHTML(false)
		for _, t := range texts {
			if err := lines.Encode(t); err != nil {
				return err
			}
		}
		if err := os.WriteFile(filepath.Join(dir, string(texts[0].Split)+".jsonl"), b.Bytes(), 0o644); err != nil {
			return err
		}
	}
	return nil
}
