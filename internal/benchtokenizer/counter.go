package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/sluice-gateway/sluice/tokenizer"
)

// An entry of the table.
type entry struct {
	name, where string
	start       func(context.Context, *bench) (counter, error)

	counter counter // nil if it is absent
	absent  error
}

// counter counts texts, and measures itself: what it takes to hand the text over is not counting.
type counter interface {
	count(encoding, path string) (sample, error)
	close()
}

type sample struct {
	tokens int
	took   time.Duration
}

// The first is what all others are compared with.
func entries() []*entry {
	return []*entry{
		{name: "this", where: "native, Go", start: startNative},
		{name: "bpe-openai 0.3.2", where: "native, Rust", start: rust("bpe-openai")},
		{name: "tiktoken 0.14.0", where: "native, Python and Rust", start: startTiktoken},
		{name: "tiktoken-rs 0.12.1", where: "native, Rust", start: rust("tiktoken-rs")},
		{name: "gpt-tokenizer 4.0.0", where: "Node, JavaScript", start: startGPTTokenizer},
		{name: "tiktoken-go/tokenizer 0.10.0", where: "native, Go", start: golang("tiktoken-go")},
		{name: "pkoukk/tiktoken-go 0.1.8", where: "native, Go", start: golang("pkoukk")},
		{name: "this", where: inEnvoy, start: startEnvoy},
		{name: "this", where: inNode, start: startNode},
		{name: "this", where: "wasmtime 50.0.1", start: startWasmtime},
		{name: "this", where: "wazero 1.12.0", start: startWazero},
	}
}

// native is package tokenizer in this process.
type native struct{ texts map[string]string }

func startNative(context.Context, *bench) (counter, error) { return native{map[string]string{}}, nil }

func (n native) count(encoding, path string) (sample, error) {
	e, _ := tokenizer.ByName(encoding)
	text, ok := n.texts[path]
	if !ok {
		read, err := os.ReadFile(path)
		if err != nil {
			return sample{}, err
		}
		text = string(read)
		n.texts[path] = text
	}
	start := time.Now()
	tokens := e.CountString(text)
	return sample{tokens, time.Since(start)}, nil
}

func (native) close() {}

// worker is a program that reads a line, "encoding path", and answers with one, "tokens nanoseconds". See rivals.
type worker struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

func startWorker(cmd *exec.Cmd) (*worker, error) {
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return &worker{cmd, in, bufio.NewReader(out)}, nil
}

// ask sends a line and reads the numbers of the answer.
func (w *worker) ask(line string, numbers ...any) error {
	if _, err := io.WriteString(w.in, line+"\n"); err != nil {
		return fmt.Errorf("%s: %w", w.cmd.Path, err)
	}
	answer, err := w.out.ReadString('\n')
	if err == nil {
		_, err = fmt.Sscan(answer, numbers...)
	}
	if err != nil {
		return fmt.Errorf("%s: answer %q: %w", w.cmd.Path, strings.TrimSpace(answer), err)
	}
	return nil
}

func (w *worker) count(encoding, path string) (s sample, err error) {
	var took int64
	err = w.ask(encoding+" "+path, &s.tokens, &took)
	s.took = time.Duration(took)
	return s, err
}

func (w *worker) close() {
	_ = w.in.Close() // at the end of its input a worker ends
	_ = w.cmd.Wait()
}
