package gateway

import (
	"github.com/sluice-gateway/sluice/gateway/internal/siphash"
	"github.com/sluice-gateway/sluice/tokenizer"
)

// memo remembers what texts came to, so that a conversation that sends all its earlier
// turns again with each new one is counted once. It is one virtual machine's, and
// bounded: two generations of at most memoEntries each, the older of which is forgotten
// when the younger is full.
//
// A long text is remembered block by block, each by the digest of all of the text up to
// its end, with the state of a counter that has come so far. So a text that was longer or
// shorter the last time costs what is new of it. The digest is keyed with a secret of the
// virtual machine: no client can make a text that passes for another's, nor learn from
// the time that its own takes what others have sent, unless it can send the very text.
type memo struct {
	key            siphash.Key
	younger, older map[[2]uint64]string
	hits, misses   int64          // bytes of text that were, and were not, remembered
	idle           []*textCounter // for the requests to come
}

const (
	memoEntries = 2048
	memoBlock   = 8 << 10 // bytes of text; at 64 bytes an entry its cost is a hundredth
	memoLeast   = 64      // a shorter text is counted in less time than it is looked up
)

func newMemo(key siphash.Key) *memo {
	return &memo{key: key, younger: map[[2]uint64]string{}, older: map[[2]uint64]string{}}
}

func (m *memo) get(d [2]uint64) (state string, ok bool) {
	if state, ok = m.younger[d]; ok {
		return state, true
	}
	if state, ok = m.older[d]; ok {
		m.put(d, state)
	}
	return state, ok
}

func (m *memo) put(d [2]uint64, state string) {
	if len(m.younger) >= memoEntries {
		m.younger, m.older = m.older, m.younger
		clear(m.younger)
	}
	m.younger[d] = state
}

// textCounter counts one text after the other, with a memo.
type textCounter struct {
	memo    *memo
	counter *tokenizer.Counter
	seed    byte // of the encoding, so that what is remembered is remembered for it

	hash   siphash.Hash
	block  []byte // the text since the last multiple of memoBlock
	whole  bool   // block is all of the text
	behind string // the counter's state before block, where the counter itself has not come so far
}

// The last byte that goes into a digest says what was digested.
const (
	endOfBlock = 0
	endOfText  = 1
)

func newTextCounter(m *memo, e *tokenizer.Encoding) *textCounter {
	for i, t := range m.idle {
		if t.seed == e.Name()[0] {
			m.idle = append(m.idle[:i], m.idle[i+1:]...)
			t.begin()
			return t
		}
	}
	t := &textCounter{memo: m, counter: e.NewCounter(), seed: e.Name()[0]}
	t.begin()
	return t
}

// release keeps a counter that has done its work. Most requests come one after the
// other, and a counter is 15 KB.
func (t *textCounter) release() {
	if len(t.memo.idle) < 4 {
		t.memo.idle = append(t.memo.idle, t)
	}
}

func (t *textCounter) begin() {
	t.counter.Reset()
	t.hash = siphash.New(t.memo.key)
	t.hash.Byte(t.seed)
	t.block, t.whole, t.behind = t.block[:0], true, ""
}

// write takes a piece of the text.
func (t *textCounter) write(p []byte) {
	for len(p) > 0 {
		n := min(memoBlock-len(t.block), len(p))
		t.block = append(t.block, p[:n]...)
		p = p[n:]
		if len(t.block) == memoBlock {
			t.endBlock()
		}
	}
}

func (t *textCounter) endBlock() {
	t.hash.Write(t.block)
	d := t.digest(endOfBlock)
	if state, ok := t.memo.get(d); ok {
		t.memo.hits += memoBlock
		t.behind = state
	} else {
		t.catchUp()
		if state, ok := t.counter.AppendState(nil); ok {
			t.memo.put(d, string(state))
		}
	}
	t.block, t.whole = t.block[:0], false
}

// end ends the text and is its tokens.
func (t *textCounter) end() int64 {
	if t.whole && len(t.block) < memoLeast {
		t.counter.Write(t.block)
		n := t.counter.Count()
		t.begin()
		return int64(n)
	}
	t.hash.Write(t.block)
	d := t.digest(endOfText)
	state, ok := t.memo.get(d)
	if ok {
		t.memo.hits += int64(len(t.block))
		ok = t.counter.RestoreState([]byte(state))
	}
	if !ok {
		t.catchUp()
		if state, ok := t.counter.AppendState(nil); ok {
			t.memo.put(d, string(state))
		}
	}
	n := t.counter.Count()
	t.begin()
	return int64(n)
}

// catchUp counts the block, from the state before it.
func (t *textCounter) catchUp() {
	if t.behind != "" {
		t.counter.RestoreState([]byte(t.behind))
		t.behind = ""
	}
	t.memo.misses += int64(len(t.block))
	t.counter.Write(t.block)
}

func (t *textCounter) digest(what byte) [2]uint64 {
	h := t.hash
	h.Byte(what)
	return h.Sum()
}
