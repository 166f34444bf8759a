package budget

// Part is one part of what a budget is kept per: a piece of the caller's identity or the
// model. A part that the request does not have (Present is false) is a value of its own;
// it is not the empty string and equals no value that a client could send.
type Part struct {
	Name    string
	Value   string
	Present bool
}

// Digest stands for a limit and the parts that one of its budgets is kept for.
type Digest [16]byte

// Key digests a limit's name and the parts of one of its budgets, in their order. Names
// and values are prefixed with their lengths, so that no two different lists look alike.
//
// The name is in the digest and the limit's numbers are not: see "Changed limits" in the
// package documentation. What else must keep budgets apart, such as the unit, or the
// policy where several share one store, belongs in limitName.
func Key(limitName string, parts []Part) Digest {
	var h blake2b
	h.init(len(Digest{}))
	h.writeUvarint(uint64(len(limitName)))
	h.writeString(limitName)
	for i := range parts {
		p := &parts[i]
		h.writeUvarint(uint64(len(p.Name)))
		h.writeString(p.Name)
		if !p.Present {
			h.writeUvarint(0)
			continue
		}
		h.writeUvarint(uint64(len(p.Value)) + 1)
		h.writeString(p.Value)
	}
	var d Digest
	h.sum(d[:])
	return d
}
