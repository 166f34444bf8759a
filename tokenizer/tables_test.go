package tokenizer

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"testing"

	"github.com/sluice-gateway/sluice/tokenizer/internal/build"
	"github.com/stretchr/testify/require"
)

// What every table is, so that a change of one is seen in a review.
var checksums = map[string]string{
	"cl100k_base.pairs":  "23d43ef53ccf49ecc7ab2533b4c7d57222f67ad631f1dbfb0198984ccae57c12",
	"cl100k_base.pilots": "3693619a1c87f0075e101d0abadd3ae718cf7fdbdd524e5fe34ba0e9aa722c2a",
	"cl100k_base.splits": "f5ac6c59dc99bf540d857e77dbf3da9ae65e68462772eb74a94320a5eef672c0",
	"cl100k_base.trie":   "ce5f3fadaaad3330c56653efce456332926d56947c27f2a7d10ae0aeae73b880",
	"o200k_base.pairs":   "94bfa908ed79a00f0e4213ce49d9f2a84b035b6addeeda33dbe062369b3c4a41",
	"o200k_base.pilots":  "c6b237081be535dd9be62134c6577950d1f02d8f8a7309c326acbf8bb9aab749",
	"o200k_base.splits":  "84fa5e30dcf060ee28ab68bb130fd214440fb892cd50bda4ad9b5f3708fa37da",
	"o200k_base.trie":    "3b77b6d71a402f9f06d95a8e35cb1f3c8b9dcc261bb0ada2fbf7e8b00a5d4c83",
	"unicode.classes":    "85efb3ea9de9c1c53d59d780b238ffa5dba6a311320fedd869d6f88703007149",
}

func TestTablesAreThoseOfTheModule(t *testing.T) {
	seen := 0
	for _, name := range build.Names() {
		tables, err := build.Tables(name)
		require.NoError(t, err)
		for file, content := range tables {
			committed, err := os.ReadFile("tables/" + file)
			require.NoError(t, err)
			require.Equal(t, sha256.Sum256(content), sha256.Sum256(committed), "tables/%s is not what `go generate` writes", file)
			seen++
		}
	}
	require.Equal(t, len(checksums)-1, seen, "all but unicode.classes, which TestOracleClasses writes again")
}

func TestChecksums(t *testing.T) {
	files, err := os.ReadDir("tables")
	require.NoError(t, err)
	total := 0
	for _, file := range files {
		content, err := os.ReadFile("tables/" + file.Name())
		require.NoError(t, err)
		sum := sha256.Sum256(content)
		require.Equal(t, checksums[file.Name()], hex.EncodeToString(sum[:]), file.Name())
		total += len(content)
	}
	require.Len(t, files, len(checksums))
	require.Less(t, total, 6_000_000, "what both vocabularies add to the module")
}

// The tables say of every token what the vocabulary says.
func TestTablesAreTheVocabulary(t *testing.T) {
	forEach(t, func(t *testing.T, e *Encoding) {
		v := vocabularies()[e.Name()]
		splits, err := v.Splits()
		require.NoError(t, err)
		longest := 0
		for id, token := range v.Tokens {
			longest = max(longest, len(token))
			found, length := e.tables.suffix(string(token), len(token))
			require.Equal(t, len(token), length, "token %d", id)
			require.EqualValues(t, id, found)
			left, right := e.tables.split(uint32(id))
			require.EqualValues(t, splits[id].Left, left, "token %d", id)
			require.EqualValues(t, splits[id].Right, right, "token %d", id)
			if id < 256 {
				require.Equal(t, left, right)
				continue
			}
			merged, ok := e.tables.pair(left, right)
			require.True(t, ok, "token %d", id)
			require.EqualValues(t, id, merged)
		}
		require.Equal(t, maxToken, longest)
		s := newSource(4, e)
		for i := range 1<<16 + 1<<18 {
			left, right := i&255, i>>8
			if i >= 1<<16 { // after every two bytes, any two tokens
				left, right = s.IntN(len(v.Tokens)), s.IntN(len(v.Tokens))
			}
			_, ok := e.tables.pair(uint32(left), uint32(right))
			if _, token := v.Rank(append(append([]byte{}, v.Tokens[left]...), v.Tokens[right]...)); !token {
				require.False(t, ok, "%d and %d merge into no token", left, right)
			}
		}
	})
}
