package safetensors

import (
	"bytes"
	"encoding/binary"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// file puts a header before numbers.
func file(header string, numbers ...float32) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	b = append(b, header...)
	for _, x := range numbers {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
	}
	return b
}

func open(b []byte) (*File, error) { return Open(bytes.NewReader(b), int64(len(b))) }

const two = `{"__metadata__":{"format":"pt"},
"b":{"dtype":"F32","shape":[2],"data_offsets":[16,24]},
"a":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}}  `

func TestFloats(t *testing.T) {
	f, err := open(file(two, 1, 2, 3, 4, 5, 6))
	require.NoError(t, err)
	a, err := f.Floats("a", 2, 2)
	require.NoError(t, err)
	require.Equal(t, []float32{1, 2, 3, 4}, a)
	b, err := f.Floats("b", 2)
	require.NoError(t, err)
	require.Equal(t, []float32{5, 6}, b)

	_, err = f.Floats("a", 4)
	require.EqualError(t, err, `safetensors: tensor "a" is [2 2] of F32, and [4] of F32 is asked for`)
	_, err = f.Floats("c", 4)
	require.EqualError(t, err, `safetensors: there is no tensor "c"`)
	for _, x := range []float32{float32(math.NaN()), float32(math.Inf(-1))} {
		f, err = open(file(two, 1, 2, 3, x, 5, 6))
		require.NoError(t, err)
		_, err = f.Floats("a", 2, 2)
		require.ErrorContains(t, err, `safetensors: number 3 of tensor "a" is`)
	}
}

func TestAFileWithNothing(t *testing.T) {
	_, err := open(file(`{}`))
	require.NoError(t, err)
}

func TestWhatIsRefused(t *testing.T) {
	one := func(member string) []byte { return file(`{"a":`+member+`}`, 1, 2) }
	for why, b := range map[string][]byte{
		"are no file":      {1, 2, 3},
		"a header of 9":    binary.LittleEndian.AppendUint64(nil, 9),
		"a header of 1844": binary.LittleEndian.AppendUint64(nil, math.MaxUint64),
		"at most 4194304":  append(binary.LittleEndian.AppendUint64(nil, MostHeader+1), make([]byte, MostHeader+10)...),
		"the header: ":     file(`[1]`, 1),
		"unexpected end":   file(two[:len(two)-5]),
		"unknown field":    one(`{"dtype":"F32","shape":[2],"data_offsets":[0,8],"x":1}`),
		"unknown type":     one(`{"dtype":"F31","shape":[2],"data_offsets":[0,8]}`),
		"cannot unmarshal": one(`{"dtype":"F32","shape":[1.5],"data_offsets":[0,8]}`),
		"impossible shape": one(`{"dtype":"F32","shape":[4294967296,4294967296,4294967296],"data_offsets":[0,8]}`),
		"shape [-2 -1]":    one(`{"dtype":"F32","shape":[-2,-1],"data_offsets":[0,8]}`),
		"are 12 bytes":     one(`{"dtype":"F32","shape":[3],"data_offsets":[0,8]}`),
		"is at 8 to 0":     one(`{"dtype":"F32","shape":[0],"data_offsets":[8,0]}`),
		"is at -8 to 0":    one(`{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}`),
		"end at 4 of 8":    one(`{"dtype":"F32","shape":[1],"data_offsets":[0,4]}`),
		"end at 16 of 8":   one(`{"dtype":"F32","shape":[4],"data_offsets":[0,16]}`),
		"begins at 4":      one(`{"dtype":"F32","shape":[1],"data_offsets":[4,8]}`),
		"before it ends at 8": file(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},
			"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}`, 1, 2),
	} {
		_, err := open(b)
		require.ErrorContains(t, err, why)
		require.True(t, strings.HasPrefix(err.Error(), "safetensors: "), err)
	}
}

// A file that is cut short after its header was read.
func TestAFileThatShrinks(t *testing.T) {
	b := file(two, 1, 2, 3, 4, 5, 6)
	f, err := Open(bytes.NewReader(b[:len(b)-1]), int64(len(b)))
	require.NoError(t, err)
	_, err = f.Floats("b", 2)
	require.EqualError(t, err, `safetensors: tensor "b" of 8 bytes: unexpected EOF`)
	_, err = Open(bytes.NewReader(b[:20]), int64(len(b)))
	require.ErrorContains(t, err, "safetensors: the header of ")
}

// Whatever the bytes are: no panic, and what is opened has as many numbers as it says.
func FuzzOpen(f *testing.F) {
	f.Add(file(two, 1, 2, 3, 4, 5, 6))
	f.Add(file(`{}`))
	f.Add(file(`{"a":{"dtype":"F32","shape":[0,5],"data_offsets":[0,0]}}`))
	f.Add(file(`{"a":{"dtype":"I64","shape":[],"data_offsets":[0,8]}}`, 1, 2))
	f.Add(file(`{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		opened, err := open(b)
		if err != nil {
			return
		}
		for name, tensor := range opened.tensors {
			numbers, err := opened.Floats(name, tensor.Shape...)
			if err != nil {
				continue
			}
			n := int64(1)
			for _, d := range tensor.Shape {
				n *= d
			}
			require.Len(t, numbers, int(n))
		}
	})
}
