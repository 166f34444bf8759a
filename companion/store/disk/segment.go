package disk

import (
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"sync/atomic"
)

// segment is one file of records. All but the last are never written again.
type segment struct {
	number uint32
	file   *os.File
	size   int64 // of what has been written
	live   int64 // of records that are an entry's newest
	users  atomic.Int32
}

func segmentPath(dir string, number uint32) string {
	return filepath.Join(dir, fmt.Sprintf("%08d.log", number))
}

// acquire keeps the file open until release: it may be removed while it is read. The
// store's own use is the first.
func (g *segment) acquire() { g.users.Add(1) }

func (g *segment) release() {
	if g.users.Add(-1) == 0 {
		_ = g.file.Close() // it was only read since its last sync
	}
}

// reader walks the records of a segment.
type reader struct {
	file   io.ReaderAt
	size   int64
	mark   uint64
	window []byte
	start  int64 // of the window

	next    int64 // where the next record is looked for
	end     int64 // of the last good one
	corrupt int   // places where something else than a record was
}

const windowSize = 1 << 20

// at returns n bytes, or as many as there are, until it is called again.
func (r *reader) at(offset int64, n int) ([]byte, error) {
	n = int(min(int64(n), r.size-offset))
	if offset < r.start || offset+int64(n) > r.start+int64(len(r.window)) {
		want := int(min(int64(max(n, windowSize)), r.size-offset))
		if cap(r.window) < want {
			r.window = make([]byte, want)
		}
		r.window, r.start = r.window[:want], offset
		if got, err := r.file.ReadAt(r.window, offset); err != nil && (got < want || !errors.Is(err, io.EOF)) {
			r.window = r.window[:0]
			return nil, err
		}
	}
	return r.window[offset-r.start:][:n], nil
}

// read returns the next good record, which is valid until the next call, and the offset of
// its header; io.EOF at the end. What is no record, or has another checksum, is skipped.
func (r *reader) read() (payload []byte, kind uint32, offset int64, err error) {
	skipping := false
	for r.size-r.next >= headerSize {
		head, err := r.at(r.next, headerSize)
		if err != nil {
			return nil, 0, 0, err
		}
		size, kind, sum, ok := header(head, r.mark)
		if ok && int64(size) > r.size-r.next-headerSize {
			ok = false // cut short: nothing was written after it
		}
		if !ok {
			if !skipping {
				r.corrupt, skipping = r.corrupt+1, true
			}
			if err := r.search(); err != nil {
				return nil, 0, 0, err
			}
			continue
		}
		payload, err := r.at(r.next+headerSize, int(size))
		if err != nil {
			return nil, 0, 0, err
		}
		offset = r.next
		r.next += headerSize + int64(size)
		if crc32.Checksum(payload, castagnoli) != sum {
			r.corrupt++
			continue
		}
		r.end = r.next
		return payload, kind, offset, nil
	}
	if r.next < r.size && !skipping {
		r.corrupt++ // less than a header
	}
	r.next = r.size
	return nil, 0, 0, io.EOF
}

// search goes on to the next mark, or to the end.
func (r *reader) search() error {
	mark := little.AppendUint64(nil, r.mark)
	for r.next++; r.size-r.next >= headerSize; {
		b, err := r.at(r.next, windowSize)
		if err != nil {
			return err
		}
		if i := bytes.Index(b, mark); i >= 0 {
			r.next += int64(i)
			return nil
		}
		r.next += int64(len(b) - len(mark) + 1)
	}
	r.next = r.size
	return nil
}
