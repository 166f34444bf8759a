package jsonscan

import "strconv"

// An Edit replaces the bytes [Start, End) of a text by With. Equal offsets
// insert, an empty With deletes.
type Edit struct {
	Start, End int64
	With       []byte
}

// Apply appends body with the edits made to dst. The edits must be in order,
// inside body, and not overlap; else Apply panics, since offsets that come from
// one scan of body cannot be otherwise and a body edited wrongly must not leave.
// Edits at the same offset are made in their order.
func Apply(dst, body []byte, edits []Edit) []byte {
	at := int64(0)
	if dst == nil {
		size := len(body)
		for i := range edits {
			size += len(edits[i].With) - int(edits[i].End-edits[i].Start)
		}
		dst = make([]byte, 0, max(size, 0)) // below 0 the edits are out of order
	}
	for i, e := range edits {
		if e.Start < at || e.End < e.Start || e.End > int64(len(body)) {
			panic("jsonscan: edit " + strconv.Itoa(i) + " of [" + strconv.FormatInt(e.Start, 10) + ", " + strconv.FormatInt(e.End, 10) +
				") is out of order or out of the " + strconv.Itoa(len(body)) + " bytes; the one before ended at " + strconv.FormatInt(at, 10))
		}
		dst = append(dst, body[at:e.Start]...)
		dst = append(dst, e.With...)
		at = e.End
	}
	return append(dst, body[at:]...)
}

// AppendEdit appends to edits the one that replaces [start, end) of a body by with. It is
// append, which is 300 bytes of code wherever it stands.
//
//go:noinline
func AppendEdit(edits []Edit, start, end int64, with []byte) []Edit {
	return append(edits, Edit{Start: start, End: end, With: with})
}

// AppendRemoval appends to edits the removal of the member or element that
// stands at [start, end) of body, together with one comma. Start is Event.Member
// for a member and Event.Start for an element, end is Event.End. Several may be removed from one
// object or array: call it in the order of the text. An array with nothing else gets instead.
func AppendRemoval(edits []Edit, body []byte, start, end int64, instead []byte) []Edit {
	after := skipSpace(body, end)
	if after < int64(len(body)) && body[after] == ',' {
		return AppendEdit(edits, start, skipSpace(body, after+1), nil)
	}
	// The last of its container: the comma to go is the one before. If the
	// neighbour before has just been removed with that comma, the two become
	// one removal and the comma before the neighbour goes.
	for n := len(edits); n > 0 && edits[n-1].End == start && len(edits[n-1].With) == 0 && edits[n-1].Start < start; n-- {
		start = edits[n-1].Start
		edits = edits[:n-1]
	}
	if before := backSpace(body, start); before > 0 && body[before-1] != '[' {
		instead = nil
		if body[before-1] == ',' {
			start = before - 1
		}
	}
	return AppendEdit(edits, start, end, instead)
}

func skipSpace(body []byte, at int64) int64 {
	for at < int64(len(body)) && isSpace(body[at]) {
		at++
	}
	return at
}

func backSpace(body []byte, at int64) int64 {
	for at > 0 && isSpace(body[at-1]) {
		at--
	}
	return at
}
