package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/sluice-gateway/sluice/guard/pii"
)

var piiCommand = command{
	name:     "pii",
	synopsis: "[--kinds KIND,…] [--min-score N] < TEXTS.jsonl",
	summary:  "find personal data and secrets, for lines of {\"text\":…}",
	run:      findPII,
}

func findPII(c *command, args []string, s streams) int {
	flags := c.flags()
	words := flags.String("kinds", "", "what is looked for, `KIND`s with commas between them: "+strings.Join(kindWords(), ", ")+" (default all)")
	least := uint8(pii.DefaultMinScore)
	flags.Func("min-score", fmt.Sprintf("the least `score` of a span, in per cent: the policy's guards.pii.min_score times 100 (default %d)", least), func(text string) error {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > 100 {
			return errors.New("a score is a whole number of per cent, 1 to 100; the policy's min_score: 0.5 is 50")
		}
		least = uint8(n)
		return nil
	})
	if code, done := c.parse(flags, args, s); done {
		return code
	}
	if flags.NArg() > 0 {
		return c.misused(s, "the texts come on standard input: < "+flags.Arg(0))
	}
	options := pii.Options{MinScore: least}
	if *words != "" {
		for word := range strings.SplitSeq(*words, ",") {
			kind, ok := pii.ParseKind(strings.TrimSpace(word))
			if !ok {
				return c.misused(s, fmt.Sprintf("--kinds: no kind %q; there are %s", word, strings.Join(kindWords(), ", ")))
			}
			options.Kinds |= pii.Of(kind)
		}
	}
	if err := spans(pii.New(options), s); err != nil {
		return c.failed(s, err)
	}
	return exitGood
}

func kindWords() (words []string) {
	for k := range pii.Kind(32) {
		if pii.All.Has(k) {
			words = append(words, k.String())
		}
	}
	return words
}

// span is a find as the command prints it. Offsets are in characters, Unicode code points.
type span struct {
	Kind  string `json:"kind"`
	Start int    `json:"start"`
	End   int    `json:"end"`
	Score uint8  `json:"score"`
}

// spans answers each line on standard input. Those before a bad line are answered. What has
// been found is written before the next read may wait, so that another program can talk with
// this one.
func spans(scanner *pii.Scanner, s streams) error {
	in := bufio.NewReaderSize(s.in, 64<<10)
	out := bufio.NewWriter(s.out)
	defer out.Flush()
	encoder := json.NewEncoder(out)
	for number := 1; ; number++ {
		line, end, err := readLine(in)
		if line = bytes.TrimSpace(line); err == nil && len(line) > 0 {
			var text string
			if text, err = readText(line); err == nil {
				err = encoder.Encode(map[string][]span{"spans": find(scanner, text)})
			}
		}
		if err != nil {
			return fmt.Errorf("line %d: %w", number, err)
		}
		if end {
			return out.Flush()
		}
		if in.Buffered() == 0 {
			if err := out.Flush(); err != nil {
				return err
			}
		}
	}
}

// readText reads {"text": …}. Other members are the labels of whoever made the texts.
func readText(line []byte) (string, error) {
	var object struct{ Text *string }
	if !json.Valid(line) {
		return "", errors.New(`not JSON: each line is an object such as {"text":"card 4111 1111 1111 1111"}`)
	}
	if err := json.Unmarshal(line, &object); err != nil || object.Text == nil {
		return "", errors.New(`no text: an object with the string "text" is needed`)
	}
	return *object.Text, nil
}

// find counts the characters up to each find once.
func find(scanner *pii.Scanner, text string) []span {
	scanner.Reset()
	finds, _ := scanner.Scan([]byte(text), true)
	found := make([]span, len(finds))
	bytes, characters := 0, 0
	for i, f := range finds {
		characters += utf8.RuneCountInString(text[bytes:f.Start])
		length := utf8.RuneCountInString(text[f.Start:f.End])
		found[i] = span{f.Kind.String(), characters, characters + length, f.Score}
		characters += length
		bytes = f.End
	}
	return found
}
