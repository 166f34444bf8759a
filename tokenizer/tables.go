package tokenizer

import _ "embed"

// The tables, as internal/build writes them. They are strings so that they stay in the module's data section: nothing is
// decoded or copied at start, and each is 2 to 4 MB that a process, or a wasm VM, has once.
var (
	//go:embed tables/o200k_base.trie
	o200kTrie string
	//go:embed tables/o200k_base.splits
	o200kSplits string
	//go:embed tables/o200k_base.pilots
	o200kPilots string
	//go:embed tables/o200k_base.pairs
	o200kPairs string

	//go:embed tables/cl100k_base.trie
	cl100kTrie string
	//go:embed tables/cl100k_base.splits
	cl100kSplits string
	//go:embed tables/cl100k_base.pilots
	cl100kPilots string
	//go:embed tables/cl100k_base.pairs
	cl100kPairs string

	//go:embed tables/unicode.classes
	classTable string
)

// maxToken is the length of the longest token in bytes, in both vocabularies.
const maxToken = 128

// tables are those of one vocabulary. They are pointers so that an Encoding is static data too.
type tables struct{ trie, splits, pilots, pairs *string }

// The compiler makes one unaligned load of each of these on amd64, arm64 and wasm.

func load16(s string, i uint) uint32 {
	_ = s[i+1]
	return uint32(s[i]) | uint32(s[i+1])<<8
}

func load32(s string, i uint) uint32 {
	_ = s[i+3]
	return uint32(s[i]) | uint32(s[i+1])<<8 | uint32(s[i+2])<<16 | uint32(s[i+3])<<24
}

func load64(s string, i uint) uint64 {
	_ = s[i+7]
	return uint64(s[i]) | uint64(s[i+1])<<8 | uint64(s[i+2])<<16 | uint64(s[i+3])<<24 |
		uint64(s[i+4])<<32 | uint64(s[i+5])<<40 | uint64(s[i+6])<<48 | uint64(s[i+7])<<56
}
