package disk

// centreAt is the number of entries of a space from which its centre is taken. The mean of
// so many is a thirty-second of a vector's spread from that of all.
const centreAt = 1024

// coderOf is that of a space, or the one that the space would begin with.
func (x *index) coderOf(name string, length int) *coder {
	if s := x.spaces[spaceID(name, length)]; s != nil {
		return s.coder
	}
	if length == 0 {
		return nil
	}
	return newCoder(length)
}

// same tells whether two coders make the same codes of one length of vectors.
func (c *coder) same(d *coder) bool {
	return c == d || c.centre == nil && d.centre == nil
}

func (c *coder) encodeVector(v []float32) codes {
	rotated := make([]float32, c.padded)
	c.rotate(v, rotated)
	return c.encode(rotated)
}

// grown does what a space or a group has become large enough for. Only copying what was
// made is done with the lock held.
func (s *Store) grown(i *item) {
	x := s.index
	space := x.spaces[spaceID(i.class.space, i.vector)]
	if i.vector == 0 || space == nil {
		return
	}
	if !space.centred && space.entries >= centreAt {
		s.centre(space)
	}
	if g := x.groups[groupKey{i.class.scope, space}]; g != nil && g.blocks == nil && len(g.slots) >= large {
		b := newBlocks(x, g)
		s.mu.Lock()
		g.blocks = b
		s.mu.Unlock()
	}
}

// centre takes the space's centre from what it has, and encodes that again.
func (s *Store) centre(space *space) {
	x := s.index
	var slots []uint32
	var rotated [][]float32
	x.slots(func(slot uint32, m *meta) {
		if x.chunks[slot/chunkSlots].space != space {
			return
		}
		b := make([]byte, headerSize+vectorAt+4*space.coder.length)
		if s.readAt(b, m.at) != nil {
			return
		}
		v := make([]float32, space.coder.padded)
		space.coder.rotate(floats(b[headerSize+vectorAt:]), v)
		slots, rotated = append(slots, slot), append(rotated, v)
	})
	if len(slots) < space.entries {
		return // not all could be read: tried again with the next
	}
	next := space.coder.around(rotated)
	made := make([]codes, len(slots))
	for i, v := range rotated {
		made[i] = next.encode(v)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	space.coder, space.centred = next, true
	for i, slot := range slots {
		m := x.meta(slot)
		copy(x.nibbles(slot), made[i].nibbles)
		m.step, m.shift = made[i].step, made[i].shift
	}
}
