package embed

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// gate is an embedder that tells of its calls and answers each when it is let.
type gate struct {
	calls chan *gated
}

type gated struct {
	texts []string
	ctx   context.Context
	open  chan error // nil = answer
}

func newGate() *gate { return &gate{make(chan *gated, 100)} }

func (g *gate) Space() string { return "gate/1" }

func (g *gate) Embed(ctx context.Context, texts []string) ([]Vector, error) {
	c := &gated{texts, ctx, make(chan error, 1)}
	g.calls <- c
	select {
	case err := <-c.open:
		if err != nil {
			return nil, err
		}
		return vectorsOf(texts), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// next is the next call of the embedder.
func (g *gate) next(t *testing.T) *gated {
	select {
	case c := <-g.calls:
		return c
	case <-time.After(10 * time.Second):
		require.FailNow(t, "the embedder was not called")
		return nil
	}
}

// vectorsOf gives each text a vector that is its own: its length, and its text's sum.
func vectorsOf(texts []string) []Vector {
	vectors := make([]Vector, len(texts))
	for i, text := range texts {
		var sum float32
		for _, b := range []byte(text) {
			sum = sum*31 + float32(b)
		}
		vectors[i] = Vector{Values: []float32{float32(len(text)), sum}, Cut: strings.HasSuffix(text, "cut")}
	}
	return vectors
}

type result struct {
	vectors []Vector
	err     error
}

// begin calls an embedder on a goroutine of its own.
func begin(ctx context.Context, e Embedder, texts ...string) chan result {
	done := make(chan result, 1)
	go func() {
		v, err := e.Embed(ctx, texts)
		done <- result{v, err}
	}()
	return done
}

func end(t *testing.T, done chan result) result {
	select {
	case r := <-done:
		return r
	case <-time.After(10 * time.Second):
		require.FailNow(t, "Embed does not return")
		return result{}
	}
}

func eventually(t *testing.T, what string, is func() bool) {
	require.Eventually(t, is, 10*time.Second, time.Millisecond, what)
}
