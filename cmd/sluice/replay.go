package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/sluice-gateway/sluice/replay"
)

var replayCommand = command{
	name:     "replay",
	synopsis: "-c FILE [--json] [--top N] [--by PART] [--ignore-bad] RECORDS.jsonl…",
	summary:  "apply a policy to past records: what it would have refused, and what it would have cost",
	run:      replayRecords,
}

// maxTold bounds the bad lines that are named.
const maxTold = 20

func replayRecords(c *command, args []string, s streams) int {
	flags := c.flags()
	path := flags.String("c", "", "the policy `FILE`, YAML or JSON")
	asJSON := flags.Bool("json", false, "write the report as one JSON object")
	var top int64
	number(flags, &top, "top", 10, 1, 10000, "how many of those who are refused most are told, `N`")
	by := flags.String("by", "team", "the identity `PART` that spending is told by")
	ignore := flags.Bool("ignore-bad", false, "exit with 0 although lines were bad")
	if code, done := c.parse(flags, args, s); done {
		return code
	}
	if flags.NArg() == 0 {
		return c.misused(s, "name the files with the records, or - for standard input")
	}
	p, code := c.load(*path, nil, s.out, s)
	if p == nil {
		return code
	}
	in := replay.Input{}
	for _, name := range flags.Args() {
		if err := readRecords(&in, name, s); err != nil {
			var unreadable *fs.PathError
			c.failed(s, err)
			if errors.As(err, &unreadable) {
				return exitUsage
			}
			return exitBad
		}
	}
	for i, bad := range in.Bad {
		if i == maxTold {
			fmt.Fprintf(s.err, "… and %d more bad lines\n", len(in.Bad)-maxTold)
			break
		}
		fmt.Fprintf(s.err, "%s: %s\n", bad.At, bad.Reason)
	}
	report, err := replay.Run(p, &in, replay.Options{By: *by, Top: int(top)})
	if err != nil {
		return c.failed(s, err)
	}
	if *asJSON {
		encoder := json.NewEncoder(s.out)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		err = encoder.Encode(report)
	} else {
		err = report.WriteText(s.out, *path)
	}
	switch {
	case err != nil:
		return c.failed(s, err)
	case len(in.Bad) > 0 && !*ignore:
		return exitBad
	}
	return exitGood
}

func readRecords(in *replay.Input, name string, s streams) error {
	if name == "-" {
		return in.Read("stdin", s.in)
	}
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	return in.Read(name, io.Reader(file))
}
