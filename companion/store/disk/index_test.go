package disk

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// checkInvariants walks the whole index: every entry is found by its key, is in its group
// at its place, and is counted once everywhere. No put may be under way.
func (x *index) checkInvariants(t testing.TB) {
	t.Helper()
	entries, live, grouped := 0, int64(0), 0
	bySpace, byClass := map[*space]int{}, map[uint32]int{}
	x.slots(func(slot uint32, m *meta) {
		entries++
		live += int64(m.size)
		s := x.chunks[slot/chunkSlots].space
		bySpace[s]++
		byClass[m.class]++
		found := false
		x.keys.find(x, m.tag, func(other uint32) bool { found = other == slot; return found })
		require.True(t, found, "slot %d is not found by its key", slot)
		if s.coder != nil {
			g := x.groups[groupKey{x.classes.list[m.class].scope, s}]
			require.NotNil(t, g)
			require.Equal(t, slot, g.slots[m.pos])
		}
	})
	for _, g := range x.groups {
		require.NotEmpty(t, g.slots)
		grouped += len(g.slots)
	}
	withVectors := 0
	for _, s := range x.spaces {
		require.Equal(t, bySpace[s], s.entries)
		if s.coder != nil {
			withVectors += s.entries
		}
	}
	require.Equal(t, withVectors, grouped)
	require.Equal(t, entries, x.entries)
	require.Equal(t, live, x.live)
	require.Len(t, byClass, len(x.classes.numbers))
	for n, c := range byClass {
		require.Equal(t, c, x.classes.list[n].entries)
	}
	inTable := 0
	for _, slot := range x.keys.slots {
		if slot != 0 {
			inTable++
		}
	}
	require.Equal(t, entries, inTable)
}
