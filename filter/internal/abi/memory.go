//go:build wasip1

package abi

import "unsafe"

// A host call that returns bytes takes three steps. The host asks the module for room,
// writes the bytes there, and writes the room's address and size where the call's last
// two parameters point:
//
//	module: proxy_get_buffer_bytes(type, start, max, &out.data, &out.size)
//	  host:   proxy_on_memory_allocate(size) ──▶ lent = [… room], returns &room[0]
//	  host:   copies size bytes to room; out.data = &room[0]; out.size = size
//	module: takes room off lent, hands it to the caller
//
// Between the second and the third step nothing but lent refers to the room, and a
// later allocation inside the same call may start a collection: lent keeps it alive
// until the call that asked for it has returned.
//
// Each answer is a new slice unless the caller offers one of its own (the scratch
// parameter of this package's functions). Nothing is pooled behind the caller's back:
// the SDK returns strings and slices that alias the room, and its callers keep them for
// as long as they like.

// out is where the host writes its results. It is not on a stack, because Go may move a
// stack while the host calls proxy_on_memory_allocate. One of each is enough: nothing
// that the host calls back during a host call makes a host call itself.
var out struct {
	data uint32 // address of the room the host was lent
	size uint32
	word uint32 // compare-and-set version, metric id or callout id
	wide uint64 // metric value or time
}

var (
	lent    [][]byte // rooms that the host may still write to, in the order it asked
	offered []byte   // the caller's buffer, used for the next room it is large enough for
)

// proxyOnMemoryAllocate makes no host call and cannot panic. Kong asks for no bytes at
// all and wants an address even so.
//
//go:wasmexport proxy_on_memory_allocate
func proxyOnMemoryAllocate(size uint32) unsafe.Pointer {
	const most = 1 << 30 // a wasm32 memory has 4 GiB; a request for more than a quarter is a mistake
	if size > most {
		return nil
	}
	room := offered
	offered = nil
	if len(room) == 0 || len(room) < int(size) {
		room = make([]byte, max(size, 1))
	}
	lent = append(lent, room)
	return unsafe.Pointer(&room[0])
}

// ask prepares a host call that returns bytes: the room may be scratch, to its full
// capacity. The result goes to taken.
func ask(scratch []byte) (before int) {
	out.data, out.size = 0, 0
	offered = scratch[:cap(scratch)]
	return len(lent)
}

// taken ends what ask began: it returns the bytes the host wrote, nil if it wrote none
// or an address that is not from proxy_on_memory_allocate, and lets go of every room
// lent since.
func taken(before int) []byte {
	var got []byte
	for _, room := range lent[before:] {
		address := uint32(uintptr(unsafe.Pointer(unsafe.SliceData(room))))
		if address == out.data && uint64(out.size) <= uint64(len(room)) {
			got = room[:out.size]
		}
	}
	clear(lent[before:])
	lent = lent[:before]
	offered = nil
	return got
}

// give stores a host call's bytes where the SDK asks for them.
func give(got []byte, data **byte, size *int) {
	*data, *size = unsafe.SliceData(got), len(got)
}

// pointer and text are the addresses of the bytes that go to the host, nil if there are
// none.
func pointer(b []byte) unsafe.Pointer { return unsafe.Pointer(unsafe.SliceData(b)) }
func text(s string) unsafe.Pointer    { return unsafe.Pointer(unsafe.StringData(s)) }
