package disk

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"time"

	"github.com/sluice-gateway/sluice/companion/store"
)

// The files of a store hold records, one after the other and nothing else:
//
//	 0  8 bytes  mark: random, one for a directory. What an answer contains cannot pass for
//	             a record, since nobody outside knows it
//	 8  uint32   length of the payload
//	12  uint32   kind
//	16  uint32   CRC-32C of the payload
//	20  uint32   CRC-32C of the 20 bytes before
//	24  payload
//
// All numbers are little endian.
const headerSize = 24

const (
	kindPut  = 1 // an entry
	kindDead = 2 // uint64 places of records that were replaced, deleted or evicted
	kindUsed = 3 // key, uint32 second in which the entry was last used
)

// place is where a record begins: the segment's number and the offset in it. 0 is nowhere,
// since the first segment is number 1.
type place uint64

func placeOf(segment uint32, offset int64) place { return place(segment)<<32 | place(offset) }
func (p place) segment() uint32                  { return uint32(p >> 32) }
func (p place) offset() int64                    { return int64(uint32(p)) }

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

var little = binary.LittleEndian

// finish fills in the header of a record whose payload begins at headerSize.
func finish(record []byte, mark uint64, kind uint32) []byte {
	little.PutUint64(record, mark)
	little.PutUint32(record[8:], uint32(len(record)-headerSize))
	little.PutUint32(record[12:], kind)
	little.PutUint32(record[16:], crc32.Checksum(record[headerSize:], castagnoli))
	little.PutUint32(record[20:], crc32.Checksum(record[:20], castagnoli))
	return record
}

// header reads what finish wrote; ok tells whether it is one.
func header(b []byte, mark uint64) (size, kind, sum uint32, ok bool) {
	if len(b) < headerSize || little.Uint64(b) != mark || little.Uint32(b[20:]) != crc32.Checksum(b[:20], castagnoli) {
		return 0, 0, 0, false
	}
	return little.Uint32(b[8:]), little.Uint32(b[12:]), little.Uint32(b[16:]), true
}

// The payload of an entry:
//
//	 0  32 bytes       key
//	32  32 bytes       scope
//	64  int64, uint32  created: seconds since 1970, nanoseconds
//	76  int64, uint32  expires
//	88  int64          saves
//	96  uint32         length of the vector n; 0 = none
//	100 n float32      vector
//	    texts, each a uint32 length and its bytes: space, model, prompt, answer, then name
//	    and value of each label
const vectorAt = 100

var errRecord = errors.New("not an entry's record")

func encodeEntry(e *store.Entry) []byte {
	size := headerSize + vectorAt + 4*len(e.Vector) + 16 + len(e.Space) + len(e.Model) + len(e.Prompt) + len(e.Answer)
	for _, l := range e.Labels {
		size += 8 + len(l.Name) + len(l.Value)
	}
	b := make([]byte, headerSize, size)
	b = append(b, e.Key[:]...)
	b = append(b, e.Scope[:]...)
	for _, at := range []time.Time{e.Created, e.Expires} {
		b = little.AppendUint64(b, uint64(at.Unix()))
		b = little.AppendUint32(b, uint32(at.Nanosecond()))
	}
	b = little.AppendUint64(b, uint64(e.Saves))
	b = little.AppendUint32(b, uint32(len(e.Vector)))
	for _, x := range e.Vector {
		b = little.AppendUint32(b, math.Float32bits(x))
	}
	text := func(s string) {
		b = little.AppendUint32(b, uint32(len(s)))
		b = append(b, s...)
	}
	text(e.Space)
	text(e.Model)
	text(e.Prompt)
	b = little.AppendUint32(b, uint32(len(e.Answer)))
	b = append(b, e.Answer...)
	for _, l := range e.Labels {
		text(l.Name)
		text(l.Value)
	}
	return b
}

// decodeEntry reads a payload. The entry shares nothing with it.
func decodeEntry(b []byte) (*store.Entry, error) {
	e, vector, err := decodeStart(b)
	if err != nil {
		return nil, err
	}
	if len(vector) > 0 {
		e.Vector = make([]float32, len(vector)/4)
		for i := range e.Vector {
			e.Vector[i] = math.Float32frombits(little.Uint32(vector[4*i:]))
		}
	}
	rest := b[vectorAt+len(vector):]
	text := func() (s []byte) {
		if len(rest) < 4 || uint64(little.Uint32(rest)) > uint64(len(rest)-4) {
			err, rest = errRecord, nil
			return nil
		}
		s, rest = rest[4:4+little.Uint32(rest)], rest[4+little.Uint32(rest):]
		return s
	}
	e.Space, e.Model, e.Prompt = string(text()), string(text()), string(text())
	e.Answer = append([]byte(nil), text()...)
	for err == nil && len(rest) > 0 {
		name := string(text())
		e.Labels = append(e.Labels, store.Label{Name: name, Value: string(text())})
	}
	if err != nil {
		return nil, fmt.Errorf("a payload of %d bytes: %w", len(b), err)
	}
	return e, nil
}

// decodeStart reads what comes before the texts, for ranking; vector is part of b.
func decodeStart(b []byte) (e *store.Entry, vector []byte, err error) {
	if len(b) < vectorAt || uint64(little.Uint32(b[96:])) > uint64(len(b)-vectorAt)/4 {
		return nil, nil, fmt.Errorf("a payload of %d bytes: %w", len(b), errRecord)
	}
	e = &store.Entry{Saves: int64(little.Uint64(b[88:]))}
	copy(e.Key[:], b)
	copy(e.Scope[:], b[32:])
	e.Created = time.Unix(int64(little.Uint64(b[64:])), int64(little.Uint32(b[72:]))).UTC()
	e.Expires = time.Unix(int64(little.Uint64(b[76:])), int64(little.Uint32(b[84:]))).UTC()
	return e, b[vectorAt:][:4*little.Uint32(b[96:])], nil
}

func encodeDead(places []place) []byte {
	b := make([]byte, headerSize, headerSize+8*len(places))
	for _, p := range places {
		b = little.AppendUint64(b, uint64(p))
	}
	return b
}

func decodeDead(b []byte) (places []place) {
	for ; len(b) >= 8; b = b[8:] {
		places = append(places, place(little.Uint64(b)))
	}
	return places
}

func encodeUsed(key store.Key, second uint32) []byte {
	b := append(make([]byte, headerSize, headerSize+36), key[:]...)
	return little.AppendUint32(b, second)
}

func decodeUsed(b []byte) (key store.Key, second uint32, ok bool) {
	if len(b) != 36 {
		return key, 0, false
	}
	return store.Key(b), little.Uint32(b[32:]), true
}
