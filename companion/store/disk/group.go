package disk

import (
	"github.com/sluice-gateway/sluice/companion/store"
	"github.com/sluice-gateway/sluice/companion/store/disk/internal/dot"
)

type groupKey struct {
	scope store.Key
	space *space
}

// group is the entries with a vector of one scope and space: what one search looks at.
// Small ones are compared one by one; large ones have their signs in blocks as well.
type group struct {
	slots  []uint32
	blocks *blocks
}

const (
	large = 8192 // entries, from which on a group has blocks
	small = 4096 // below which it has none again
)

func (g *group) add(x *index, slot uint32, m *meta) {
	m.pos = uint32(len(g.slots))
	g.slots = append(g.slots, slot)
	if g.blocks != nil {
		g.blocks.set(m.pos, x.nibbles(slot), m)
	}
}

// remove moves the last entry to the place of the one that goes.
func (g *group) remove(x *index, m *meta) {
	last := g.slots[len(g.slots)-1]
	g.slots = g.slots[:len(g.slots)-1]
	if moved := x.meta(last); moved != m {
		g.slots[m.pos], moved.pos = last, m.pos
		if g.blocks != nil {
			g.blocks.set(moved.pos, x.nibbles(last), moved)
		}
	}
	if len(g.slots) < small {
		g.drop()
	} else if g.blocks != nil {
		g.blocks.shrink(len(g.slots))
	}
}

func (g *group) drop() {
	if g.blocks != nil {
		g.blocks.shrink(0)
		g.blocks = nil
	}
}

// blocks are the signs and factors of a group's vectors, in the order of its slots.
type blocks struct {
	size  int // of one
	page  int // blocks in a page
	pages [][]byte
}

// pageSize is that of the large pages that processors have.
const pageSize = 2 << 20

func newBlocks(x *index, g *group) *blocks {
	size := dot.Size(2 * len(x.nibbles(g.slots[0])))
	b := &blocks{size: size, page: max(1, pageSize/size)}
	for pos, slot := range g.slots {
		b.set(uint32(pos), x.nibbles(slot), x.meta(slot))
	}
	return b
}

func (b *blocks) block(i int) dot.Block {
	return b.pages[i/b.page][i%b.page*b.size:][:b.size]
}

func (b *blocks) set(pos uint32, nibbles []byte, m *meta) {
	i := int(pos / dot.Width)
	for i/b.page >= len(b.pages) {
		b.pages = append(b.pages, allocate(max(pageSize, b.size), len(b.pages) > 0))
	}
	b.block(i).Set(int(pos%dot.Width), nibbles, weight(nibbles, m.step), m.shift)
}

// shrink frees the pages that so many vectors do not need, but for one.
func (b *blocks) shrink(vectors int) {
	need := (vectors+b.page*dot.Width-1)/(b.page*dot.Width) + min(vectors, 1)
	for len(b.pages) > need {
		release(b.pages[len(b.pages)-1])
		b.pages = b.pages[:len(b.pages)-1]
	}
}
