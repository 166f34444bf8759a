//go:build wasip1 && !one && !none

package main

import "github.com/sluice-gateway/sluice/tokenizer"

var encodings = [...]*tokenizer.Encoding{tokenizer.O200kBase(), tokenizer.Cl100kBase()}
