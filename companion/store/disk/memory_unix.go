//go:build linux || darwin || freebsd || netbsd || openbsd

package disk

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// allocate returns zeroed memory that the garbage collector neither counts nor scans: on
// its heap the index would cost twice its size. Pages that are not touched cost nothing. Large memory is soon all
// touched: the system may use large pages, which makes walking through it much faster.
func allocate(size int, large bool) []byte {
	b, err := unix.Mmap(-1, 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON)
	if err != nil {
		panic(fmt.Sprintf("disk: no memory for %d bytes: %v", size, err)) // as Go's own allocator does
	}
	if large {
		advise(b)
	}
	return b
}

func release(b []byte) { _ = unix.Munmap(b) }
