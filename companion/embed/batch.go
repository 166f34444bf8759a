package embed

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
)

// Batcher joins the texts of calls that come while others are computed: they wait together
// for the next pass, as a call of the embedder is named here. A call that finds nothing
// running starts at once and alone; no clock is in this.
//
//	pass 1  [a]
//	            b, c and d come
//	pass 2       [b c d]
type Batcher struct {
	e Embedder
	o BatchOptions

	mu      sync.Mutex
	queue   []*call // those with texts that no pass has taken
	waiting int     // such texts
	running int     // passes
	stats   BatchStats
}

// BatchOptions bound a Batcher. Zero means what is written behind the field.
type BatchOptions struct {
	Texts  int                   // most in a pass; 32
	Tokens int                   // most in a pass, but that one text is always taken; 1024
	Size   func(text string) int // a text's tokens; a quarter of its bytes, and 2
	Passes int                   // at once; 1
	Queue  int                   // most texts that wait, a call's own included; 512
}

// BatchStats count since the Batcher was made.
type BatchStats struct {
	Passes, Texts, Refused int64 // Texts in those passes; Refused calls, with ErrBusy
	Waiting                int   // texts, now
}

// NewBatcher puts a Batcher before an embedder.
func NewBatcher(e Embedder, o BatchOptions) *Batcher {
	o.Texts = cmp.Or(max(o.Texts, 0), 32)
	o.Tokens = cmp.Or(max(o.Tokens, 0), 1024)
	o.Passes = cmp.Or(max(o.Passes, 0), 1)
	o.Queue = cmp.Or(max(o.Queue, 0), 512)
	if o.Size == nil {
		o.Size = func(text string) int { return len(text)/4 + 2 }
	}
	return &Batcher{e: e, o: o}
}

// Space is the embedder's.
func (b *Batcher) Space() string { return b.e.Space() }

// Stats tells what has been done.
func (b *Batcher) Stats() BatchStats {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.stats
	s.Waiting = b.waiting
	return s
}

// call is one of Embed's. All but texts is under Batcher.mu until done is closed.
type call struct {
	texts   []string
	vectors []Vector
	next    int // the first text that no pass has taken
	left    int // texts without a vector
	err     error
	gone    bool // nobody waits any more
	passes  []*pass
	done    chan struct{}
}

// pass is one call of the embedder.
type pass struct {
	parts  []part
	stop   context.CancelFunc
	wanted int // parts whose callers wait
}

// part is texts of one call that are in a pass.
type part struct {
	c        *call
	from, to int
}

// Embed implements Embedder. It returns as soon as its context ends, and ErrBusy when too
// much waits already.
func (b *Batcher) Embed(ctx context.Context, texts []string) ([]Vector, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("embed: %d texts: %w", len(texts), err)
	}
	if len(texts) == 0 {
		return nil, nil
	}
	c := &call{texts: slices.Clone(texts), vectors: make([]Vector, len(texts)), left: len(texts), done: make(chan struct{})}
	if err := b.enter(c); err != nil {
		return nil, err
	}
	select {
	case <-c.done:
		if c.err != nil {
			return nil, c.err
		}
		return c.vectors, nil
	case <-ctx.Done():
		b.leave(c)
		return nil, fmt.Errorf("embed: %d texts: %w", len(texts), ctx.Err())
	}
}

func (b *Batcher) enter(c *call) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.waiting+len(c.texts) > b.o.Queue {
		b.stats.Refused++
		return fmt.Errorf("%w: %d texts wait, and %d more would be over %d", ErrBusy, b.waiting, len(c.texts), b.o.Queue)
	}
	b.queue = append(b.queue, c)
	b.waiting += len(c.texts)
	if b.running < b.o.Passes {
		b.running++
		go b.work()
	}
	return nil
}

// leave takes a call out whose caller has gone, and stops the passes that nobody else waits
// for.
func (b *Batcher) leave(c *call) {
	b.mu.Lock()
	defer b.mu.Unlock()
	c.gone = true
	b.drop(c)
	for _, p := range c.passes {
		if p.wanted--; p.wanted == 0 {
			p.stop()
		}
	}
}

// drop takes a call's remaining texts out of the queue.
func (b *Batcher) drop(c *call) {
	if i := slices.Index(b.queue, c); i >= 0 {
		b.queue = slices.Delete(b.queue, i, i+1)
		b.waiting -= len(c.texts) - c.next
	}
}

// work makes passes until nothing waits.
func (b *Batcher) work() {
	for {
		ctx, stop := context.WithCancel(context.Background())
		p := b.take(stop)
		if p == nil {
			stop()
			return
		}
		b.run(ctx, p)
		stop()
	}
}

// take fills a pass with the texts of those who wait longest. A call of which only some fit
// goes to the end, so that one with hundreds does not hold up one with one.
func (b *Batcher) take(stop context.CancelFunc) *pass {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.queue) == 0 {
		b.running--
		return nil
	}
	p := &pass{stop: stop}
	texts, tokens, full := 0, 0, false
	for len(b.queue) > 0 && !full {
		c := b.queue[0]
		from := c.next
		for ; c.next < len(c.texts) && !full; c.next++ {
			size := b.o.Size(c.texts[c.next])
			if texts > 0 && (texts == b.o.Texts || tokens+size > b.o.Tokens) {
				full = true
				break
			}
			texts, tokens = texts+1, tokens+size
		}
		if c.next > from {
			p.parts = append(p.parts, part{c, from, c.next})
			c.passes = append(c.passes, p)
		}
		if c.next == len(c.texts) {
			b.queue = b.queue[1:]
		} else if c.next > from {
			b.queue = append(b.queue[1:], c)
		}
	}
	p.wanted = len(p.parts)
	b.waiting -= texts
	b.stats.Passes++
	b.stats.Texts += int64(texts)
	return p
}

func (b *Batcher) run(ctx context.Context, p *pass) {
	var texts []string
	for _, part := range p.parts {
		texts = append(texts, part.c.texts[part.from:part.to]...)
	}
	vectors, err := ask(ctx, b.e, texts)
	if errors.Is(err, ErrRefused) && len(p.parts) > 1 {
		// One caller's text is no other's fault.
		for _, part := range p.parts {
			vectors, err := ask(ctx, b.e, part.c.texts[part.from:part.to])
			b.deliver(p, part, vectors, err)
		}
		return
	}
	for _, part := range p.parts {
		if err != nil {
			b.deliver(p, part, nil, err)
			continue
		}
		n := part.to - part.from
		b.deliver(p, part, vectors[:n:n], nil)
		vectors = vectors[n:]
	}
}

func (b *Batcher) deliver(p *pass, part part, vectors []Vector, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	c := part.c
	c.passes = slices.DeleteFunc(c.passes, func(other *pass) bool { return other == p })
	if c.gone || c.err != nil {
		return
	}
	p.wanted--
	if err != nil {
		c.err = err
		b.drop(c)
		close(c.done)
		return
	}
	copy(c.vectors[part.from:part.to], vectors)
	if c.left -= part.to - part.from; c.left == 0 {
		close(c.done)
	}
}
