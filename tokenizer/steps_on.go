//go:build steps

package tokenizer

var steps int

func step() { steps++ }
