package minilm

import (
	"fmt"
	"math"

	"github.com/sluice-gateway/sluice/companion/embed/minilm/kernel"
	"github.com/sluice-gateway/sluice/companion/embed/minilm/safetensors"
)

// The shape of the model (config.json beside its weights).
const (
	width   = Dimensions
	heads   = 12
	head    = width / heads
	inner   = 1536
	depth   = 6
	places  = 512 // positions that the file has; Window of them are read
	epsilon = 1e-12
)

type weights struct {
	words  []uint16  // float16, width numbers a token id
	places []float32 // for each position, with what every token of a first text gets
	first  norm
	layers [depth]layer
}

// layer has the names of "Attention is all you need": the projections to queries, keys and
// values as one, the projection of what was attended to, and the two feed-forward ones.
type layer struct {
	attend, project, up, down *kernel.Weights
	afterAttention, afterAll  norm
}

// norm is a layer normalisation's factors and summands.
type norm struct{ gain, bias []float32 }

// loader reads tensors until one is not as it should be.
type loader struct {
	f   *safetensors.File
	err error
}

func load(f *safetensors.File, vocabulary int) (*weights, error) {
	l := &loader{f: f}
	w := &weights{first: l.norm("embeddings.LayerNorm")}
	w.words = l.halves("embeddings.word_embeddings.weight", vocabulary, width)
	kinds := l.floats("embeddings.token_type_embeddings.weight", 2, width)
	w.places = l.floats("embeddings.position_embeddings.weight", places, width)
	if l.err == nil {
		w.places = append([]float32(nil), w.places[:Window*width]...)
		for i := range w.places {
			w.places[i] += kinds[i%width]
		}
	}
	for i := range w.layers {
		w.layers[i] = l.layer(fmt.Sprintf("encoder.layer.%d.", i))
	}
	return w, l.err
}

func (l *loader) layer(name string) layer {
	// Attention divides by the root of a head's size; the queries have it in their weights.
	query := l.dense(name+"attention.self.query", width, width, 1/math.Sqrt(head))
	key := l.dense(name+"attention.self.key", width, width, 1)
	value := l.dense(name+"attention.self.value", width, width, 1)
	done := layer{
		project:        l.dense(name+"attention.output.dense", width, width, 1),
		afterAttention: l.norm(name + "attention.output.LayerNorm"),
		up:             l.dense(name+"intermediate.dense", inner, width, 1),
		down:           l.dense(name+"output.dense", width, inner, 1),
		afterAll:       l.norm(name + "output.LayerNorm"),
	}
	if l.err == nil {
		done.attend = kernel.Join(query, key, value)
	}
	return done
}

func (l *loader) dense(name string, out, in int, scale float64) *kernel.Weights {
	flat, bias := l.floats(name+".weight", out, in), l.floats(name+".bias", out)
	if l.err != nil {
		return nil
	}
	rows := make([][]float32, out)
	for o := range rows {
		rows[o] = flat[o*in:][:in]
	}
	packed, err := kernel.Pack(rows, bias, float32(scale))
	if err != nil {
		l.err = fmt.Errorf("%s: %w", name, err)
	}
	return packed
}

func (l *loader) norm(name string) norm {
	return norm{l.floats(name+".weight", width), l.floats(name+".bias", width)}
}

func (l *loader) halves(name string, rows, columns int) []uint16 {
	wide := l.floats(name, rows, columns)
	halves := make([]uint16, len(wide))
	for i, x := range wide {
		if halves[i] = kernel.Float16(x); halves[i]&0x7c00 == 0x7c00 && l.err == nil {
			l.err = fmt.Errorf("%s: number %d is %g: float16 ends at 65504", name, i, x)
		}
	}
	return halves
}

func (l *loader) floats(name string, shape ...int) []float32 {
	if l.err != nil {
		return nil
	}
	wanted := make([]int64, len(shape))
	for i, n := range shape {
		wanted[i] = int64(n)
	}
	var numbers []float32
	numbers, l.err = l.f.Floats(name, wanted...)
	return numbers
}
