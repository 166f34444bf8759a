//go:build wasip1 && none

package main

import "github.com/sluice-gateway/sluice/tokenizer"

var encodings = [...]*tokenizer.Encoding{nil}
