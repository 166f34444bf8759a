package openai

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
)

// perVector is what the answer may have for each text, in bytes: 8,192 numbers of 25 digits
// and what is around them, and the largest that are in use are half as long.
const perVector = 256 << 10

// decode reads the vectors of n texts out of an answer, in the texts' order.
func (c *Client) decode(b []byte, n int) ([][]float32, error) {
	var answer struct {
		Data []struct {
			Index     *int            `json:"index"`
			Embedding json.RawMessage `json:"embedding"`
		} `json:"data"`
	}
	if err := json.Unmarshal(b, &answer); err != nil {
		return nil, fmt.Errorf("an answer of %d bytes: %w", len(b), err)
	}
	if len(answer.Data) != n {
		return nil, fmt.Errorf("%d vectors for %d texts", len(answer.Data), n)
	}
	vectors := make([][]float32, n)
	for i, item := range answer.Data {
		if item.Index == nil || *item.Index < 0 || *item.Index >= n || vectors[*item.Index] != nil {
			return nil, fmt.Errorf("vector %d of %d has no index, an impossible one or another's", i, n)
		}
		v, err := numbers(item.Embedding)
		if err != nil {
			return nil, fmt.Errorf("vector %d: %w", i, err)
		}
		// The first vector ever says how long they are, where nothing else has.
		if !c.dimensions.CompareAndSwap(0, int64(len(v))) && c.dimensions.Load() != int64(len(v)) {
			return nil, fmt.Errorf("vector %d of model %s has %d numbers, not %d", i, c.o.Model, len(v), c.dimensions.Load())
		}
		vectors[*item.Index] = v
	}
	return vectors, nil
}

// numbers reads a vector and makes it of length 1: an array, or a string of float32,
// little-endian, in base64. Services are asked for the latter, and some do not know it.
func numbers(raw json.RawMessage) ([]float32, error) {
	var v []float32
	if len(raw) > 0 && raw[0] == '"' {
		var coded string
		if err := json.Unmarshal(raw, &coded); err != nil {
			return nil, err
		}
		b, err := base64.StdEncoding.DecodeString(coded)
		if err != nil {
			return nil, err
		}
		if len(b)%4 != 0 {
			return nil, fmt.Errorf("%d bytes are no float32 numbers", len(b))
		}
		v = make([]float32, len(b)/4)
		for i := range v {
			v[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
		}
	} else if err := json.Unmarshal(raw, &v); err != nil {
		return nil, err
	}
	var square float64
	for _, x := range v {
		square += float64(x) * float64(x)
	}
	length := math.Sqrt(square)
	if len(v) == 0 || length == 0 || math.IsInf(length, 0) || math.IsNaN(length) {
		return nil, fmt.Errorf("%d numbers of length %g have no direction", len(v), length)
	}
	for i, x := range v {
		v[i] = float32(float64(x) / length)
	}
	return v, nil
}
