// Package minilm is the embedder that needs no service: the model all-MiniLM-L6-v2, a BERT
// of six layers, computed in this process.
//
// A text becomes at most Window token ids (wordpiece). A pass (bert.go) turns the ids of one
// or several texts into one vector a token, and the mean of a text's, made of length 1, is
// the text's. Weights are kept as float16, 45 MB in all, and multiplied as float32 (kernel):
// the cosine of a vector to what float64 makes of the weights as they were is at least
// 0.999999.
package minilm

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/sluice-gateway/sluice/companion/embed"
	"github.com/sluice-gateway/sluice/companion/embed/minilm/kernel"
	"github.com/sluice-gateway/sluice/companion/embed/minilm/safetensors"
	"github.com/sluice-gateway/sluice/companion/embed/minilm/wordpiece"
)

const (
	// Window is how many tokens of a text are read, [CLS] and [SEP] among them: the length
	// that the model was trained for as an embedder. What is behind them has no part in the
	// vector.
	Window = 256
	// Dimensions is the length of a vector.
	Dimensions = 384
)

// ErrNoModel is what Open returns where a folder has no model in it.
var ErrNoModel = errors.New("minilm: no model")

// Model is safe for use by many goroutines. Each call of Embed computes on the goroutine
// that makes it, so on one core: who wants fewer at once puts an embed.Batcher before it.
type Model struct {
	words   *wordpiece.Tokenizer
	weights *weights
	kernels kernel.Kernels
	space   string
	passes  sync.Pool // of *pass
}

// Open reads the model of a folder, as `make model` makes it: 90 MB, in about a second.
func Open(dir string) (*Model, error) { return open(dir, kernel.Best()) }

func open(dir string, kernels kernel.Kernels) (*Model, error) {
	path := filepath.Join(dir, weightsFile)
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %s does not exist; `make model` fetches it", ErrNoModel, path)
	}
	if err != nil {
		return nil, fmt.Errorf("minilm: %w", err)
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("minilm: %w", err)
	}
	tensors, err := safetensors.Open(f, info.Size())
	if err != nil {
		return nil, fmt.Errorf("minilm: %s: %w", path, err)
	}
	vocabulary, err := os.ReadFile(filepath.Join(dir, vocabularyFile))
	if err != nil {
		return nil, fmt.Errorf("minilm: %w", err)
	}
	words, err := wordpiece.New(string(vocabulary))
	if err != nil {
		return nil, fmt.Errorf("minilm: %s: %w", filepath.Join(dir, vocabularyFile), err)
	}
	w, err := load(tensors, words.Size())
	if err != nil {
		return nil, fmt.Errorf("minilm: %s: %w", path, err)
	}
	space, err := spaceOf(dir)
	if err != nil {
		return nil, err
	}
	return &Model{words: words, weights: w, kernels: kernels, space: space}, nil
}

// spaceOf names the space by the files' contents: other weights, such as a version of the
// model that somebody has trained further, make vectors that must not meet.
func spaceOf(dir string) (string, error) {
	var sums string
	known := true
	for _, file := range Files[:2] {
		sum, err := sumOf(filepath.Join(dir, file.Name))
		if err != nil {
			return "", fmt.Errorf("minilm: %w", err)
		}
		sums += sum
		known = known && sum == file.SHA256
	}
	name := "l6-v2"
	if !known {
		sum := sha256.Sum256([]byte(sums))
		name = hex.EncodeToString(sum[:6])
	}
	return fmt.Sprintf("minilm-%s/%d", name, Window), nil
}

// Space is "minilm-l6-v2/256", or has another name in it where the files are others than
// those of `make model`.
func (m *Model) Space() string { return m.space }

// Tokens is how many tokens of a text are read: from 2 to Window. The time that a text takes
// is about in proportion.
func (m *Model) Tokens(text string) int {
	ids, _ := m.words.Encode(make([]int32, 0, 64), text, Window)
	return len(ids)
}

// Embed implements embed.Embedder. It fails only with its context, which it looks at a few
// times in each pass.
func (m *Model) Embed(ctx context.Context, texts []string) ([]embed.Vector, error) {
	vectors := make([]embed.Vector, len(texts))
	p, ok := m.passes.Get().(*pass)
	if !ok {
		p = &pass{w: m.weights, k: m.kernels}
	}
	defer m.passes.Put(p)
	for done := 0; done < len(texts); {
		p.reset()
		for next := done; next < len(texts) && p.room(); next++ {
			vectors[next].Cut = p.add(m.words, texts[next])
		}
		values, err := p.run(ctx)
		if err != nil {
			return nil, fmt.Errorf("minilm: %d of %d texts: %w", done, len(texts), err)
		}
		for _, v := range values {
			vectors[done].Values = v
			done++
		}
	}
	return vectors, nil
}
