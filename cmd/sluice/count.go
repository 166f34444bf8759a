package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/sluice-gateway/sluice/tokenizer"
)

const exitUnknownEncoding = 3

var countCommand = command{
	name:     "count",
	synopsis: "[--encoding NAME | --model NAME] [--ids] [--jsonl] [FILE...]",
	summary:  "count the tokens of standard input or of files, one number a line",
	run:      count,
}

func count(c *command, args []string, s streams) int {
	flags := c.flags()
	encodingName := flags.String("encoding", "", "the encoding's `name`: "+strings.Join(tokenizer.Names(), " or ")+" (default o200k_base)")
	model := flags.String("model", "", "the `name` of a model, whose encoding is used")
	ids := flags.Bool("ids", false, "print the tokens' ids as a JSON array in place of their number")
	jsonl := flags.Bool("jsonl", false, "each line is a text of its own, written as a JSON string")
	if code, done := c.parse(flags, args, s); done {
		return code
	}
	if *encodingName != "" && *model != "" {
		return c.misused(s, "--encoding and --model exclude each other")
	}
	family, err := chooseEncoding(*encodingName, *model)
	switch {
	case err != nil:
		c.failed(s, err)
		return exitUnknownEncoding
	case !family.Exact && *ids:
		return c.misused(s, *model+" has no public tokenizer, so its tokens have no known ids")
	case !family.Exact:
		fmt.Fprintf(s.err, "sluice count: %s has no public tokenizer: these are estimates, %s's counts times %d/1000\n",
			*model, family.Encoding.Name(), family.Factor)
	}
	files := flags.Args()
	if len(files) == 0 {
		files = []string{"-"}
	}
	out := bufio.NewWriter(s.out)
	defer out.Flush()
	job := counting{family: family, ids: *ids, out: out}
	for _, name := range files {
		if err := job.file(name, s.in, *jsonl); err != nil {
			return c.failed(s, err)
		}
	}
	if err := out.Flush(); err != nil {
		return c.failed(s, err)
	}
	return exitGood
}

func chooseEncoding(name, model string) (tokenizer.Family, error) {
	switch {
	case model != "":
		return tokenizer.ForModel(model), nil
	case name == "":
		return tokenizer.Family{Encoding: tokenizer.O200kBase(), Exact: true}, nil
	}
	if encoding, ok := tokenizer.ByName(name); ok {
		return tokenizer.Family{Encoding: encoding, Exact: true}, nil
	}
	return tokenizer.Family{}, fmt.Errorf("unknown encoding %q; there are %s", name, strings.Join(tokenizer.Names(), " and "))
}

// counting is one run of the command.
type counting struct {
	family tokenizer.Family
	ids    bool
	out    *bufio.Writer
}

// file counts one file; "-" is standard input.
func (j *counting) file(name string, stdin io.Reader, jsonl bool) error {
	in := stdin
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return err
		}
		defer file.Close()
		in = file
	}
	var err error
	switch {
	case jsonl:
		err = j.lines(in)
	case j.ids:
		var text []byte
		if text, err = io.ReadAll(in); err == nil {
			j.text(text)
		}
	default:
		err = j.stream(in)
	}
	if err != nil && name != "-" {
		return fmt.Errorf("%s: %w", name, err)
	}
	return err
}

// stream counts without holding the text.
func (j *counting) stream(in io.Reader) error {
	counter := j.family.Encoding.NewCounter()
	buffer := make([]byte, 64<<10)
	for {
		n, err := in.Read(buffer)
		counter.Write(buffer[:n])
		switch {
		case err == io.EOF:
			j.number(counter.Count())
			return nil
		case err != nil:
			return err
		}
	}
}

// text counts or encodes a text at hand.
func (j *counting) text(text []byte) {
	if !j.ids {
		j.number(j.family.Encoding.Count(text))
		return
	}
	line := []byte{'['}
	for i, id := range j.family.Encoding.Encode(nil, text) {
		if i > 0 {
			line = append(line, ',')
		}
		line = strconv.AppendUint(line, uint64(id), 10)
	}
	j.out.Write(append(line, ']', '\n')) // an error stays in out until it is flushed
}

// number prints a count of the encoding's tokens.
func (j *counting) number(n int) {
	if !j.family.Exact {
		n = (n*j.family.Factor + 999) / 1000 // an estimate is rounded up
	}
	j.out.WriteString(strconv.Itoa(n))
	j.out.WriteByte('\n')
}
