package embed

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
)

var (
	// ErrBusy is what a Batcher answers when as many texts wait as may.
	ErrBusy = errors.New("embed: busy")
	// ErrRefused is an embedder's answer to a text that it will never take. Other texts of
	// the same call may be fine.
	ErrRefused = errors.New("embed: a text is refused")
	// ErrTooLong is an ErrRefused: the text is longer than the model reads.
	ErrTooLong = fmt.Errorf("%w: it is longer than the model reads", ErrRefused)
)

// ask calls an embedder for others: what it does wrong must not hurt all of them, so a panic
// becomes an error (nothing else would catch it in a goroutine of ours), and so does a wrong
// number of vectors.
func ask(ctx context.Context, e Embedder, texts []string) (vectors []Vector, err error) {
	defer func() {
		if r := recover(); r != nil {
			vectors, err = nil, fmt.Errorf("embed: %s: panic: %v\n%s", e.Space(), r, debug.Stack())
		}
	}()
	vectors, err = e.Embed(ctx, texts)
	if err == nil && len(vectors) != len(texts) {
		return nil, fmt.Errorf("embed: %s: %d vectors for %d texts", e.Space(), len(vectors), len(texts))
	}
	return vectors, err
}
