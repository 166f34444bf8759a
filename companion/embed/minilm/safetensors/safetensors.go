// Package safetensors reads tensors of float32 from a file in the format of
// https://github.com/huggingface/safetensors#format:
//
//	8 bytes   length n of the header, little-endian
//	n bytes   {"name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, …}, JSON,
//	          and under "__metadata__" an object of strings, which is not looked at
//	the rest  the tensors' numbers, row by row, little-endian; offsets count from here
//
// The file is whatever somebody put into a folder, so every number in it is doubted: the
// tensors must cover the rest of it without overlaps or gaps, and each has the size that
// its shape and type say.
package safetensors

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
)

// MostHeader is the longest header that is read, in bytes: that of the format's own reader
// is 100 MB, a model of a few hundred tensors needs some 50 KB.
const MostHeader = 4 << 20

// sizes are the bytes of one number. Of other types than float32 only the place is known.
var sizes = map[string]int64{
	"BOOL": 1, "U8": 1, "I8": 1, "F8_E4M3": 1, "F8_E5M2": 1,
	"U16": 2, "I16": 2, "F16": 2, "BF16": 2,
	"U32": 4, "I32": 4, "F32": 4,
	"U64": 8, "I64": 8, "F64": 8,
}

// File is one whose header was read and found right.
type File struct {
	r       io.ReaderAt
	data    int64 // where the numbers begin
	tensors map[string]tensor
}

type tensor struct {
	Type    string   `json:"dtype"`
	Shape   []int64  `json:"shape"`
	Offsets [2]int64 `json:"data_offsets"`
}

// Open reads the header of a file of size bytes.
func Open(r io.ReaderAt, size int64) (*File, error) {
	var length [8]byte
	if size < int64(len(length)) {
		return nil, fmt.Errorf("safetensors: %d bytes are no file: the first 8 are the header's length", size)
	}
	if _, err := r.ReadAt(length[:], 0); err != nil {
		return nil, fmt.Errorf("safetensors: the header's length: %w", err)
	}
	n := binary.LittleEndian.Uint64(length[:])
	if n > uint64(min(MostHeader, size-8)) {
		return nil, fmt.Errorf("safetensors: a header of %d bytes in a file of %d: at most %d, and no more than the file, are read", n, size, MostHeader)
	}
	header := make([]byte, n)
	if _, err := r.ReadAt(header, 8); err != nil && !(errors.Is(err, io.EOF) && 8+int64(n) == size) {
		return nil, fmt.Errorf("safetensors: the header of %d bytes: %w", n, err)
	}
	f := &File{r: r, data: 8 + int64(n)}
	var err error
	if f.tensors, err = parse(header); err != nil {
		return nil, err
	}
	return f, cover(f.tensors, size-f.data)
}

func parse(header []byte) (map[string]tensor, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(header, &members); err != nil {
		return nil, fmt.Errorf("safetensors: the header: %w", err)
	}
	delete(members, "__metadata__")
	tensors := make(map[string]tensor, len(members))
	for name, member := range members {
		d := json.NewDecoder(bytes.NewReader(member))
		d.DisallowUnknownFields()
		var t tensor
		if err := d.Decode(&t); err != nil {
			return nil, fmt.Errorf("safetensors: tensor %q: %w", name, err)
		}
		size, known := sizes[t.Type]
		if !known {
			return nil, fmt.Errorf("safetensors: tensor %q is of the unknown type %q", name, t.Type)
		}
		for _, n := range t.Shape {
			if n < 0 || n > 0 && size > math.MaxInt64/n {
				return nil, fmt.Errorf("safetensors: tensor %q has the impossible shape %v", name, t.Shape)
			}
			size *= n
		}
		if from, to := t.Offsets[0], t.Offsets[1]; from < 0 || to < from || to-from != size {
			return nil, fmt.Errorf("safetensors: tensor %q is at %d to %d, but %v of %s are %d bytes", name, from, to, t.Shape, t.Type, size)
		}
		tensors[name] = t
	}
	return tensors, nil
}

// cover holds the tensors to filling all bytes once.
func cover(tensors map[string]tensor, bytes int64) error {
	names := slices.SortedFunc(maps.Keys(tensors), func(a, b string) int {
		x, y := tensors[a].Offsets, tensors[b].Offsets
		return cmp.Or(cmp.Compare(x[0], y[0]), cmp.Compare(x[1], y[1]))
	})
	var at int64
	for _, name := range names {
		if from := tensors[name].Offsets[0]; from != at {
			return fmt.Errorf("safetensors: tensor %q begins at %d, and what is before it ends at %d", name, from, at)
		}
		at = tensors[name].Offsets[1]
	}
	if at != bytes {
		return fmt.Errorf("safetensors: the tensors end at %d of %d bytes", at, bytes)
	}
	return nil
}

// Floats reads the tensor of a name, which must be of float32 and have this shape, and
// refuses one with a number that is none.
func (f *File) Floats(name string, shape ...int64) ([]float32, error) {
	t, ok := f.tensors[name]
	if !ok {
		return nil, fmt.Errorf("safetensors: there is no tensor %q", name)
	}
	if t.Type != "F32" || !slices.Equal(t.Shape, shape) {
		return nil, fmt.Errorf("safetensors: tensor %q is %v of %s, and %v of F32 is asked for", name, t.Shape, t.Type, shape)
	}
	raw := make([]byte, t.Offsets[1]-t.Offsets[0])
	if _, err := io.ReadFull(io.NewSectionReader(f.r, f.data+t.Offsets[0], int64(len(raw))), raw); err != nil {
		return nil, fmt.Errorf("safetensors: tensor %q of %d bytes: %w", name, len(raw), err)
	}
	numbers := make([]float32, len(raw)/4)
	for i := range numbers {
		numbers[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
		if d := numbers[i] - numbers[i]; d != 0 { // an infinity or not a number
			return nil, fmt.Errorf("safetensors: number %d of tensor %q is %g", i, name, numbers[i])
		}
	}
	return numbers, nil
}
