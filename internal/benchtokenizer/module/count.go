//go:build wasip1

package main

import (
	"time"
	"unsafe"
)

var text []byte

// room is where the host writes a text of size bytes.
//
//go:wasmexport room
func room(size uint32) unsafe.Pointer {
	if cap(text) < int(size) {
		text = make([]byte, size)
	}
	text = text[:size]
	return unsafe.Pointer(unsafe.SliceData(text))
}

// count counts the text in room; encoding is an index of encodings.
//
//go:wasmexport count
func count(encoding uint32) uint32 { return uint32(encodings[encoding].Count(text)) }

// timed is count with the time that it took, in nanoseconds.
func timed(encoding byte, text []byte) (tokens int, took time.Duration) {
	start := time.Now()
	tokens = encodings[encoding].Count(text)
	return tokens, time.Since(start)
}
