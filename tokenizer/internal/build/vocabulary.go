// Package build turns a published BPE vocabulary into the tables that package tokenizer reads in place. It runs natively, at
// `go generate` and in the test that holds the committed tables; nothing of it is in the wasm module.
package build

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"fmt"
	"strconv"

	"github.com/pkoukk/tiktoken-go-loader/assets"
)

// Vocabulary is a BPE vocabulary as it is published: the bytes of each token, by rank. The rank is the token's id, and the
// order in which merges are made.
type Vocabulary struct {
	Name   string
	Tokens [][]byte
	rank   map[string]int
}

// Names are the encodings that tables are built for.
func Names() []string { return []string{"o200k_base", "cl100k_base"} }

// Source returns the vocabulary's published file, one "base64 rank" a line, out of the pinned module.
func Source(name string) ([]byte, error) {
	return assets.Assets.ReadFile(name + ".tiktoken")
}

// Read decodes a vocabulary and checks what the tables rely on: ranks without a gap, no token twice, and the 256 single
// bytes as the first 256 ranks.
func Read(name string) (*Vocabulary, error) {
	source, err := Source(name)
	if err != nil {
		return nil, err
	}
	v := &Vocabulary{Name: name, rank: map[string]int{}}
	lines := bufio.NewScanner(bytes.NewReader(source))
	for lines.Scan() {
		encoded, number, ok := bytes.Cut(lines.Bytes(), []byte(" "))
		if !ok {
			return nil, fmt.Errorf("%s: line %d has no rank", name, len(v.Tokens)+1)
		}
		token, err := base64.StdEncoding.DecodeString(string(encoded))
		if err != nil {
			return nil, fmt.Errorf("%s: line %d: %w", name, len(v.Tokens)+1, err)
		}
		rank, err := strconv.Atoi(string(number))
		if err != nil || rank != len(v.Tokens) {
			return nil, fmt.Errorf("%s: rank %q where %d was expected", name, number, len(v.Tokens))
		}
		if _, twice := v.rank[string(token)]; twice || len(token) == 0 {
			return nil, fmt.Errorf("%s: token %d is empty or there twice", name, rank)
		}
		if rank < 256 && len(token) != 1 {
			return nil, fmt.Errorf("%s: rank %d is not a single byte", name, rank)
		}
		v.rank[string(token)] = rank
		v.Tokens = append(v.Tokens, token)
	}
	return v, lines.Err()
}

// Rank returns the rank of a token by its bytes.
func (v *Vocabulary) Rank(token []byte) (int, bool) {
	rank, ok := v.rank[string(token)]
	return rank, ok
}

// Split is the last merge that makes a token; a single byte, which no merge makes, has itself on both sides.
type Split struct{ Left, Right int }

// Splits finds, for each token, the merge that makes it, by encoding the token's own bytes the slow and obvious way.
//
// It fails when no merges make a token, or when they use a token of a higher rank: the proof of the fast encoder needs both,
// and both hold for the encodings of Names.
func (v *Vocabulary) Splits() ([]Split, error) {
	splits := make([]Split, len(v.Tokens))
	for id, token := range v.Tokens {
		if len(token) == 1 {
			splits[id] = Split{id, id}
			continue
		}
		split, made := v.lastMerge(token)
		if !made {
			return nil, fmt.Errorf("%s: no merges make token %d, %q", v.Name, id, token)
		}
		if split.Left >= id || split.Right >= id {
			return nil, fmt.Errorf("%s: token %d is merged from %d and %d", v.Name, id, split.Left, split.Right)
		}
		splits[id] = split
	}
	return splits, nil
}

func (v *Vocabulary) lastMerge(token []byte) (Split, bool) {
	parts := make([]int, len(token)) // where each part begins
	for i := range parts {
		parts[i] = i
	}
	end := func(i int) int {
		if i+1 < len(parts) {
			return parts[i+1]
		}
		return len(token)
	}
	var last Split
	for len(parts) > 1 {
		best, at := len(v.Tokens), -1
		for i := 0; i+1 < len(parts); i++ {
			if rank, ok := v.rank[string(token[parts[i]:end(i+1)])]; ok && rank < best {
				best, at = rank, i
			}
		}
		if at < 0 {
			return Split{}, false
		}
		last = Split{v.rank[string(token[parts[at]:parts[at+1]])], v.rank[string(token[parts[at+1]:end(at+1)])]}
		parts = append(parts[:at+1], parts[at+2:]...)
	}
	return last, true
}
