package mock

import (
	"encoding/base64"
	"encoding/binary"
	"math"
	"net/http"
	"strconv"
)

// vectorForm is what an embedding is to look like.
type vectorForm struct {
	dimensions int
	base64     bool
}

// sizes are the models' vectors
// (https://platform.openai.com/docs/guides/embeddings).
var sizes = map[string]int{
	"text-embedding-3-small": 1536,
	"text-embedding-3-large": 3072,
	"text-embedding-ada-002": 1536,
}

func (f *vectorForm) set(model string, dimensions int, format string) *problem {
	f.dimensions = sizes[model]
	if f.dimensions == 0 {
		f.dimensions = 1536
	}
	if dimensions < 0 || dimensions > f.dimensions {
		return badRequest("dimensions", "dimensions is not between 1 and "+strconv.Itoa(f.dimensions))
	}
	if dimensions > 0 {
		f.dimensions = dimensions
	}
	f.base64 = format == "base64"
	return nil
}

// embeddings answers with a vector for each input: of length 1, the same for the same
// text, and without meaning.
func (t *task) embeddings() *reply {
	bill := Tokens{Input: t.input}
	b := append([]byte(nil), `{"object":"list","data":[`...)
	for i := range t.inputs {
		if i > 0 {
			b = append(b, ',')
		}
		one := query{model: t.model, inputs: t.inputs[i : i+1]}
		b = append(b, `{"object":"embedding","embedding":`...)
		b = appendVector(b, vector(one.seed(0), t.vector.dimensions), t.vector.base64)
		b = append(appendInt(b, `,"index":`, int64(i)), '}')
	}
	b = appendJSON(append(b, `],"model":`...), t.model)
	b = append(t.appendUsage(b, bill), '}')
	r := bodyReply(http.StatusOK, b)
	r.bill, r.free = bill, false
	return r
}

func vector(seed uint64, dimensions int) []float32 {
	v := make([]float32, dimensions)
	var square float64
	for i := range v {
		seed = mix(seed)
		x := float64(int64(seed)) / (1 << 63)
		v[i] = float32(x)
		square += x * x
	}
	length := float32(math.Sqrt(square))
	for i := range v {
		v[i] /= length
	}
	return v
}

func appendVector(b []byte, v []float32, coded bool) []byte {
	if coded {
		raw := make([]byte, 0, 4*len(v))
		for _, x := range v {
			raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(x))
		}
		b = append(b, '"')
		b = base64.StdEncoding.AppendEncode(b, raw)
		return append(b, '"')
	}
	b = append(b, '[')
	for i, x := range v {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendFloat(b, float64(x), 'g', -1, 32)
	}
	return append(b, ']')
}
