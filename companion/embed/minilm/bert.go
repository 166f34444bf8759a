package minilm

import (
	"context"
	"math"

	"github.com/sluice-gateway/sluice/companion/embed/minilm/kernel"
	"github.com/sluice-gateway/sluice/companion/embed/minilm/wordpiece"
)

// mostRows is how many tokens a pass takes before it takes no other text. Beyond some dozens
// a larger pass is not faster by token; it only needs more memory, 11 KB a token.
const mostRows = 2 * Window

// pass is one way of some texts through the model, and its memory, which the next one uses
// again. All texts' tokens are rows under one another, none of them filled up to the length
// of another: only attention looks at one text at a time.
type pass struct {
	w *weights
	k kernel.Kernels

	ids  []int32
	ends []int // of each text in ids

	x       []float32 // rows of width: what the layers add to
	wide    []float32 // rows of 3*width (queries, keys, values), later of inner
	context []float32 // rows of width: what attention has gathered
	added   []float32 // rows of width

	scratch kernel.Scratch
	keys    [Window * head]float32           // one head's, in panels: see turn
	scores  [kernel.MaxRows * Window]float32 // of some tokens for all others
	zeros   [kernel.Columns]float32
}

func (p *pass) reset() { p.ids, p.ends = p.ids[:0], p.ends[:0] }

func (p *pass) room() bool { return len(p.ids) <= mostRows-Window }

// add takes a text in and tells whether it was cut.
func (p *pass) add(words *wordpiece.Tokenizer, text string) (cut bool) {
	p.ids, cut = words.Encode(p.ids, text, Window)
	p.ends = append(p.ends, len(p.ids))
	return cut
}

// run computes the vectors of the texts that were added.
func (p *pass) run(ctx context.Context) ([][]float32, error) {
	rows := len(p.ids)
	p.x, p.added, p.context = grow(p.x, rows*width), grow(p.added, rows*width), grow(p.context, rows*width)
	p.wide = grow(p.wide, rows*inner)
	p.begin()
	for i := range p.w.layers {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		p.layer(&p.w.layers[i], rows)
	}
	vectors := make([][]float32, len(p.ends))
	from := 0
	for i, to := range p.ends {
		vectors[i] = mean(p.x[from*width : to*width])
		from = to
	}
	return vectors, nil
}

func grow(x []float32, n int) []float32 {
	if cap(x) < n {
		return make([]float32, n)
	}
	return x[:n]
}

// begin sets x to what stands for the tokens and their places in their texts.
func (p *pass) begin() {
	text, place := 0, 0
	for row, id := range p.ids {
		if row == p.ends[text] {
			text, place = text+1, 0
		}
		x := p.x[row*width:][:width]
		p.k.Widen(x, p.w.words[int(id)*width:][:width])
		for i, v := range p.w.places[place*width:][:width] {
			x[i] += v
		}
		p.w.first.apply(x)
		place++
	}
}

func (p *pass) layer(l *layer, rows int) {
	attended := p.wide[:rows*3*width]
	l.attend.Mul(p.k, &p.scratch, rows, p.x, attended)
	from := 0
	for _, to := range p.ends {
		p.attention(attended[from*3*width:to*3*width], p.context[from*width:to*width], to-from)
		from = to
	}
	l.project.Mul(p.k, &p.scratch, rows, p.context, p.added)
	p.addAndNorm(l.afterAttention, rows)

	l.up.Mul(p.k, &p.scratch, rows, p.x, p.wide)
	for row := range rows { // and not all at once, which nothing could interrupt
		p.k.GELU(p.wide[row*inner:][:inner])
	}
	l.down.Mul(p.k, &p.scratch, rows, p.wide, p.added)
	p.addAndNorm(l.afterAll, rows)
}

// attention sets out, for each token of one text, to the mean of the values of all its
// tokens, weighted by e^(query*key), head by head. A row of in is
//
//	queries of 12 heads | keys of 12 heads | values of 12 heads
func (p *pass) attention(in, out []float32, n int) {
	const stride = 3 * width
	padded := (n + kernel.Columns - 1) / kernel.Columns * kernel.Columns
	zeros := kernel.Rows{Data: p.zeros[:]}
	for h := range heads {
		queries, keys, values := in[h*head:], in[width+h*head:], in[2*width+h*head:]
		p.turn(keys, n)
		kernel.Blocks(n, func(row, rows int) {
			scores := p.scores[:rows*padded]
			for at := 0; at < padded; at += kernel.Columns {
				p.k.Tile(rows, head, kernel.Rows{Data: queries[row*stride:], Stride: stride},
					kernel.Rows{Data: p.keys[at*head:], Stride: kernel.Columns}, zeros, kernel.Rows{Data: scores[at:], Stride: padded})
			}
			var sums [kernel.MaxRows]float32
			for i := range rows {
				line := scores[i*padded:][:padded]
				for j := n; j < padded; j++ {
					line[j] = float32(math.Inf(-1))
				}
				sums[i] = p.k.SumExp(line)
			}
			to := out[row*width+h*head:]
			for at := 0; at < head; at += kernel.Columns {
				p.k.Tile(rows, n, kernel.Rows{Data: scores, Stride: padded},
					kernel.Rows{Data: values[at:], Stride: stride}, zeros, kernel.Rows{Data: to[at:], Stride: width})
			}
			for i := range rows {
				scale := 1 / sums[i]
				line := to[i*width:][:head]
				for j := range line {
					line[j] *= scale
				}
			}
		})
	}
}

// turn puts one head's keys of n tokens on their side, into panels as Kernels.Tile wants
// them: for each 16 tokens, for each of a key's 32 numbers, those of the 16. Where there are
// fewer tokens, what is left of an earlier text stays; its scores are not used.
func (p *pass) turn(keys []float32, n int) {
	for token := range n {
		panel := p.keys[token/kernel.Columns*kernel.Columns*head+token%kernel.Columns:]
		for i, x := range keys[token*3*width:][:head] {
			panel[i*kernel.Columns] = x
		}
	}
}

func (p *pass) addAndNorm(n norm, rows int) {
	for row := range rows {
		x := p.x[row*width:][:width]
		for i, v := range p.added[row*width:][:width] {
			x[i] += v
		}
		n.apply(x)
	}
}

// apply makes the mean of x 0 and its variance 1, then multiplies and adds.
func (n norm) apply(x []float32) {
	var sum float32
	for _, v := range x {
		sum += v
	}
	mean := sum / width
	var square float32
	for _, v := range x {
		square += (v - mean) * (v - mean)
	}
	scale := float32(1 / math.Sqrt(float64(square/width)+epsilon))
	gain, bias := n.gain[:len(x)], n.bias[:len(x)]
	for i, v := range x {
		x[i] = (v-mean)*scale*gain[i] + bias[i]
	}
}

// mean is the mean of rows, made of length 1.
func mean(rows []float32) []float32 {
	m := make([]float32, width)
	for at := 0; at < len(rows); at += width {
		for i, x := range rows[at:][:width] {
			m[i] += x
		}
	}
	var square float64
	for _, x := range m {
		square += float64(x) * float64(x)
	}
	scale := float32(1 / math.Sqrt(square))
	for i := range m {
		m[i] *= scale
	}
	return m
}
