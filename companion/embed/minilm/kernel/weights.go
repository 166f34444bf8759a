package kernel

import "fmt"

// depth is how many of the inner dimension's numbers are walked at once: 192 rows of a
// panel are 12 KiB as float32, which stays in a first-level cache beside six rows of the
// left matrix.
const depth = 192

// Weights is a layer y = x*W + bias, its weights in float16, in the order in which a
// product reads them: panels of Columns outputs, in each the inputs one after another, for
// each input its Columns weights.
type Weights struct {
	in, out int
	panels  []uint16
	bias    []float32
}

// Pack makes Weights of rows[o][i], the weight of input i for output o, each times scale.
// The outputs are a multiple of Columns, and all rows have the same length.
func Pack(rows [][]float32, bias []float32, scale float32) (*Weights, error) {
	out := len(rows)
	if out == 0 || out%Columns != 0 || len(bias) != out {
		return nil, fmt.Errorf("kernel: %d outputs with %d biases: as many biases as outputs, a multiple of %d, are possible", out, len(bias), Columns)
	}
	in := len(rows[0])
	w := &Weights{in: in, out: out, panels: make([]uint16, in*out), bias: make([]float32, out)}
	for o, row := range rows {
		if len(row) != in || in == 0 {
			return nil, fmt.Errorf("kernel: output %d has %d inputs, the first has %d", o, len(row), in)
		}
		w.bias[o] = bias[o] * scale
		panel := w.panels[o/Columns*Columns*in:]
		for i, x := range row {
			h := Float16(x * scale)
			if h&0x7c00 == 0x7c00 {
				return nil, fmt.Errorf("kernel: weight %d of output %d is %g: float16 ends at 65504", i, o, x*scale)
			}
			panel[i*Columns+o%Columns] = h
		}
	}
	return w, nil
}

// Join makes one layer of several with the same inputs: its outputs are theirs in turn.
func Join(parts ...*Weights) *Weights {
	all := &Weights{in: parts[0].in}
	for _, w := range parts {
		all.out += w.out
		all.panels = append(all.panels, w.panels...)
		all.bias = append(all.bias, w.bias...)
	}
	return all
}

// Scratch is room that a product needs, to be used again but not twice at once.
type Scratch struct{ panel [depth * Columns]float32 }

// Mul sets y (rows of w's outputs) to x (rows of w's inputs) * w + bias, both without gaps.
func (w *Weights) Mul(k Kernels, s *Scratch, rows int, x, y []float32) {
	for from := 0; from < w.out; from += Columns {
		panel := w.panels[from*w.in:][:w.in*Columns]
		for at := 0; at < w.in; at += depth {
			n := min(depth, w.in-at)
			wide := s.panel[:n*Columns]
			k.Widen(wide, panel[at*Columns:][:n*Columns])
			b := Rows{wide, Columns}
			Blocks(rows, func(row, n2 int) {
				a := Rows{x[row*w.in+at:], w.in}
				c := Rows{y[row*w.out+from:], w.out}
				init := c
				if at == 0 {
					init = Rows{w.bias[from:], 0}
				}
				k.Tile(n2, n, a, b, init, c)
			})
		}
	}
}

// Blocks cuts rows rows into tiles of about equal height: ten are five and five, since a
// tile of four rows takes nearly as long as one of five.
func Blocks(rows int, do func(from, n int)) {
	tiles := (rows + MaxRows - 1) / MaxRows
	for i := range tiles {
		from, to := rows*i/tiles, rows*(i+1)/tiles
		do(from, to-from)
	}
}
