// The Go libraries as workers of the benchmark: `rivals tiktoken-go` and `rivals pkoukk`. They are a module of their own so that the
// project needs none of them.
//
// A line on stdin is "encoding path"; the answer on stdout is "tokens nanoseconds". Texts are read once and stay.
package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"time"

	pkoukk "github.com/pkoukk/tiktoken-go"
	loader "github.com/pkoukk/tiktoken-go-loader"
	"github.com/tiktoken-go/tokenizer"
)

func main() {
	pkoukk.SetBpeLoader(loader.NewOfflineLoader())
	counters, texts := map[string]func(string) int{}, map[string]string{}
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		name, path, _ := strings.Cut(lines.Text(), " ")
		count, ok := counters[name]
		if !ok {
			count = counter(os.Args[1], name)
			counters[name] = count
		}
		text, ok := texts[path]
		if !ok {
			read, err := os.ReadFile(path)
			check(err)
			text = string(read)
			texts[path] = text
		}
		start := time.Now()
		tokens := count(text)
		fmt.Println(tokens, time.Since(start).Nanoseconds())
	}
}

func counter(library, encoding string) func(string) int {
	if library == "pkoukk" {
		e, err := pkoukk.GetEncoding(encoding)
		check(err)
		return func(text string) int { return len(e.EncodeOrdinary(text)) }
	}
	e, err := tokenizer.Get(tokenizer.Encoding(encoding))
	check(err)
	return func(text string) int {
		n, err := e.Count(text)
		check(err)
		return n
	}
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
