// Command benchcache shows how well package compare tells prompts apart: it reads labelled
// pairs and prints, by kind, how many of the same are found and how many of the different
// are taken for the same.
//
//	go run ./internal/benchcache [-errors] FILE.jsonl …
//
// A line is {"kind":…,"a":…,"b":…,"same":bool}. With -cosines FILE, a file of one number a
// line for each pair of the one pair file named, a pair is only the same at or above
// -threshold, as it is in the cache.
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
)

func main() {
	errors := flag.Bool("errors", false, "list false hits, and misses with their reasons")
	cosines := flag.String("cosines", "", "file with the similarity of each pair, one a line")
	threshold := flag.Float64("threshold", 0.85, "least similarity of a hit, with -cosines")
	flag.Parse()
	for _, path := range flag.Args() {
		pairs, err := readPairs(path)
		if err != nil {
			log.Fatal(err)
		}
		if *cosines != "" {
			if err := addCosines(pairs, *cosines); err != nil {
				log.Fatal(err)
			}
		}
		r := judge(pairs, *threshold)
		fmt.Printf("%s: %d pairs\n", path, len(pairs))
		r.print(os.Stdout, *errors)
	}
}
