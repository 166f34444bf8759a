package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"syscall"

	"github.com/sluice-gateway/sluice/companion/compare"
	embedder "github.com/sluice-gateway/sluice/companion/embed/open"
	"github.com/sluice-gateway/sluice/companion/eval"
)

var cacheEvalCommand = command{
	name:     "cache-eval",
	synopsis: "[--threshold X] [--model DIR] < PAIRS.jsonl",
	summary:  "decide whether b would be answered with a's cached answer, for lines of {\"a\":…,\"b\":…}",
	run:      cacheEval,
}

func cacheEval(c *command, args []string, s streams) int {
	flags := c.flags()
	threshold := 0.75
	flags.Func("threshold", "the least `cosine` of what is compared, as the policy's cache.threshold (default 0.75)", func(text string) (err error) {
		if threshold, err = strconv.ParseFloat(text, 64); err != nil || !(threshold >= -1 && threshold <= 1) {
			return errors.New("a cosine is -1 to 1, such as 0.75")
		}
		return nil
	})
	var options embedder.Options
	registerEmbedder(flags, &options)
	if code, done := c.parse(flags, args, s); done {
		return code
	}
	if flags.NArg() > 0 {
		return c.misused(s, "the pairs come on standard input: < "+flags.Arg(0))
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	vectors, err := embedder.Open(ctx, options)
	switch {
	case err != nil:
		return c.failed(s, err)
	case vectors == nil:
		return c.misused(s, "--embedder none: nothing is decided by meaning then")
	}
	evaluator := eval.New(vectors, compare.Compare, compare.ToEmbed, threshold)
	defer evaluator.Close()
	if err := evaluate(ctx, evaluator, s); err != nil {
		return c.failed(s, err)
	}
	return exitGood
}

const (
	maxPair = 8 << 20 // bytes of a line
	// pairsAtOnce is how many are embedded together. What has been decided is written
	// before the next read may wait, so that another program can talk with this one.
	pairsAtOnce = 64
)

// evaluate decides about the pairs on standard input. Those before a bad line are decided.
func evaluate(ctx context.Context, evaluator *eval.Evaluator, s streams) error {
	in := bufio.NewReaderSize(s.in, 64<<10)
	out := json.NewEncoder(s.out)
	out.SetEscapeHTML(false)
	var pairs []eval.Pair
	for number := 1; ; number++ {
		line, end, err := readLine(in)
		if line = bytes.TrimSpace(line); err == nil && len(line) > 0 {
			var pair eval.Pair
			if pair, err = readPair(line); err == nil {
				pairs = append(pairs, pair)
			}
		}
		if len(pairs) > 0 && (end || err != nil || len(pairs) == pairsAtOnce || in.Buffered() == 0) {
			decisions, failure := evaluator.Decide(ctx, pairs)
			if failure != nil {
				return failure
			}
			for _, d := range decisions {
				if err := out.Encode(d); err != nil {
					return err
				}
			}
			pairs = pairs[:0]
		}
		if err != nil {
			return fmt.Errorf("line %d: %w", number, err)
		}
		if end {
			return nil
		}
	}
}

// readLine reads a line without its end.
func readLine(in *bufio.Reader) (line []byte, end bool, err error) {
	for {
		part, err := in.ReadSlice('\n')
		if line = append(line, part...); len(line) > maxPair {
			return nil, false, fmt.Errorf("longer than %d bytes", maxPair)
		}
		switch {
		case err == io.EOF:
			return line, true, nil
		case err == nil:
			return line[:len(line)-1], false, nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return nil, false, err
		}
	}
}

// readPair reads {"a": …, "b": …}. Other members are the labels of whoever made the pairs.
func readPair(line []byte) (eval.Pair, error) {
	var pair struct{ A, B *string }
	if err := json.Unmarshal(line, &pair); err != nil {
		return eval.Pair{}, errors.New(`no pair: an object with the strings "a" and "b" is needed`)
	}
	if pair.A == nil || pair.B == nil {
		return eval.Pair{}, errors.New(`no pair: "a" and "b" are needed`)
	}
	return eval.Pair{A: *pair.A, B: *pair.B}, nil
}
