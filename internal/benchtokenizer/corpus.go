package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// corpus writes the mixed text, 0.4 MB that does not repeat itself, so that no cache and no branch predictor learns it by heart:
// English prose and code from the Go distribution, prose in French, Japanese, Chinese and Korean from golang.org/x/text, JSON and
// logs that are made here.
func (b *bench) corpus(ctx context.Context) (path string, size int, err error) {
	out, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", "golang.org/x/text").Output()
	if err != nil {
		return "", 0, err
	}
	text := filepath.Join(strings.TrimSpace(string(out)), "encoding", "testdata")
	root, err := exec.CommandContext(ctx, "go", "env", "GOROOT").Output()
	if err != nil {
		return "", 0, err
	}
	goroot := strings.TrimSpace(string(root))
	var all strings.Builder
	for _, part := range []struct {
		file string
		size int
	}{
		{filepath.Join(goroot, "src", "testdata", "Isaac.Newton-Opticks.txt"), 100_000},
		{filepath.Join(goroot, "src", "net", "http", "server.go"), 100_000},
		{filepath.Join(text, "candide-utf-8.txt"), 30_000},
		{filepath.Join(text, "rashomon-utf-8.txt"), 30_000},
		{filepath.Join(text, "sunzi-bingfa-simplified-utf-8.txt"), 30_000},
		{filepath.Join(text, "unsu-joh-eun-nal-utf-8.txt"), 30_000},
	} {
		content, err := os.ReadFile(part.file)
		if err != nil {
			return "", 0, err
		}
		all.WriteString(strings.ToValidUTF8(string(content[:min(part.size, len(content))]), ""))
	}
	records(&all, 100_000)
	path = filepath.Join(b.dir, "texts", "mixed")
	return path, all.Len(), os.WriteFile(path, []byte(all.String()), 0o644)
}

// records are lines of JSON and of a log, of made-up requests.
func records(all *strings.Builder, size int) {
	r := rand.New(rand.NewPCG(1, 2))
	for end := all.Len() + size; all.Len() < end; {
		id, tokens, took := r.Uint64(), r.IntN(8000), r.Float64()*30
		model := []string{"gpt-4o", "gpt-4o-mini", "gpt-4.1", "o3"}[r.IntN(4)]
		fmt.Fprintf(all, `{"id":"chatcmpl-%x","object":"chat.completion","created":%d,"model":%q,"usage":{"prompt_tokens":%d,"completion_tokens":%d},"choices":[{"index":0,"message":{"role":"assistant","content":null},"finish_reason":"tool_calls"}]}`+"\n",
			id, 1_760_000_000+r.IntN(1e7), model, tokens, r.IntN(4000))
		fmt.Fprintf(all, "2026-11-%02dT%02d:%02d:%02d.%03dZ INFO [worker-%d] request finished path=/v1/chat/completions status=200 model=%s tokens=%d duration=%.3fs trace=%016x\n",
			1+r.IntN(28), r.IntN(24), r.IntN(60), r.IntN(60), r.IntN(1000), r.IntN(32), model, tokens, took, r.Uint64())
	}
}

// written writes a text, and returns its path.
func (b *bench) written(name, text string) (string, error) {
	path := filepath.Join(b.dir, "texts", name)
	return path, os.WriteFile(path, []byte(text), 0o644)
}
