// Command benchcache shows how well the cache tells prompts apart: it reads labelled pairs
// and prints, by kind, how many of the same are found and how many of the different are
// taken for the same, by the comparison alone and, with the least similarity that a policy
// asks for as well, by the very engine that decides in production.
//
//	go run ./internal/benchcache [-model build/model] [-threshold 0.75] [-errors] FILE.jsonl …
//
// A line is {"kind":…,"a":…,"b":…,"same":bool}.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"

	"github.com/sluice-gateway/sluice/companion/compare"
	"github.com/sluice-gateway/sluice/companion/embed/open"
	"github.com/sluice-gateway/sluice/companion/eval"
)

func main() {
	errors := flag.Bool("errors", false, "list misses with their reasons, not false hits alone")
	model := flag.String("model", "build/model", "the embedding model, from make model; none = the comparison alone")
	threshold := flag.Float64("threshold", 0.75, "least similarity of a hit")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var engine *eval.Evaluator
	if *model != "none" {
		embedder, err := open.Open(ctx, open.Options{Model: *model})
		if err != nil {
			log.Fatal(err)
		}
		engine = eval.New(embedder, compare.Compare, compare.ToEmbed, *threshold)
		defer engine.Close()
	}
	for _, path := range flag.Args() {
		pairs, err := readPairs(path)
		if err != nil {
			log.Fatal(err)
		}
		r := judge(pairs)
		if engine != nil {
			if err := r.decide(ctx, engine, pairs); err != nil {
				log.Fatal(err)
			}
		}
		fmt.Printf("%s: %d pairs\n", path, len(pairs))
		r.print(os.Stdout, *errors, engine != nil)
	}
}
