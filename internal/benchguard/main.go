// Command benchguard shows how well and how fast guard/pii finds personal data and secrets, beside the pattern recognisers of
// Microsoft Presidio on the same texts in the same run.
//
//	make bench-guard                                     # two minutes; fetches Presidio into build/presidio once
//	go run ./internal/benchguard -python none            # ours alone
//	go run ./internal/benchguard -errors development     # with what was missed and what was found for nothing
//	go run ./internal/benchguard -texts DIR              # writes the labelled texts as JSON lines, and stops
//
// Results are of the held-out half of the texts of package labelled. The exit status is 1 when a goal is missed, and stderr says
// which. With -doc the report replaces the one in a document.
//
//	main.go        flags, order
//	ours.go        guard/pii, with offsets in characters
//	presidio.go presidio/  the other, in a process of its own
//	score.go       what is right, wrong and missed
//	speed.go       rounds
//	goals.go       what must hold
//	report.go      the tables
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"

	"github.com/sluice-gateway/sluice/internal/benchguard/labelled"
)

// seed makes the generated texts. Another one gives other values in the same frames.
const seed = 20260211

func main() {
	o := options{}
	flag.StringVar(&o.python, "python", "build/presidio/bin/python", "a Python that has presidio-analyzer; none = ours alone")
	flag.StringVar(&o.errors, "errors", "", "list what went wrong in this half of the texts: development or held-out")
	flag.StringVar(&o.texts, "texts", "", "write the labelled texts into this directory and stop")
	flag.StringVar(&o.doc, "doc", "", "put the report into this document, between its marks")
	flag.Uint64Var(&o.seed, "seed", seed, "of the generated texts")
	flag.IntVar(&o.rounds, "rounds", 7, "how often speed is measured")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, time.Hour)
	defer cancel()
	missed, err := run(ctx, o, os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "benchguard:", err)
		os.Exit(1)
	}
	for _, m := range missed {
		fmt.Fprintln(os.Stderr, "missed:", m)
	}
	if len(missed) > 0 {
		os.Exit(1)
	}
}

type options struct {
	python, errors, texts, doc string
	seed                       uint64
	rounds                     int
}

// run prints the report and gives the goals that were missed.
func run(ctx context.Context, o options, w io.Writer) ([]string, error) {
	development, err := labelled.Read(labelled.Development, o.seed)
	if err != nil {
		return nil, err
	}
	heldOut, err := labelled.Read(labelled.HeldOut, o.seed)
	if err != nil {
		return nil, err
	}
	if o.texts != "" {
		return nil, write(o.texts, development, heldOut)
	}
	r := &report{seed: o.seed, texts: heldOut}
	r.finders = append(r.finders, result{name: "sluice", score: judge(heldOut, ours), speed: &speed{}})
	if o.errors != "" {
		texts := heldOut
		if o.errors == string(labelled.Development) {
			texts = development
		}
		defer func() { judge(texts, ours).list(os.Stderr) }()
	}
	var other *presidio
	if o.python != "none" {
		if other, err = startPresidio(ctx, o.python); err != nil {
			return nil, err
		}
		defer other.close()
		r.presidio, r.known = other.version, other.kinds
		for _, setting := range settings {
			fmt.Fprintf(os.Stderr, "presidio, %s: %d texts\n", setting, len(development)+len(heldOut))
			found, err := other.judge(setting, development, heldOut)
			if err != nil {
				return nil, err
			}
			r.finders = append(r.finders, found)
		}
	}
	fmt.Fprintln(os.Stderr, "speed")
	if err := r.measure(o.rounds, heldOut, other); err != nil {
		return nil, err
	}
	if err := r.print(w, o.doc); err != nil {
		return nil, err
	}
	return r.missed(), nil
}
