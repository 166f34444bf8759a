package pii

import (
	"crypto/sha256"
	"encoding/hex"
	"hash/crc32"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestClasses(t *testing.T) {
	const digits, small, capitals = "0123456789", "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	const alnums = digits + small + capitals
	for bit, set := range map[uint16]string{
		word: alnums + "_", digit: digits, lower: small, upper: capitals, hex16: digits + "abcdefABCDEF", url64: alnums + "-_", std64: alnums + "+/=",
		local: alnums + ".!#$%&'*+/=?^_`{|}~-", space: " \t\r\n", armor: alnums + "+/=\\:,.-()\"'_> \t\r\n", b68: alnums + "-._~+/=", ends: " \t\r\n,;)!?\"",
	} {
		for b := range 0x80 {
			require.Equal(t, strings.IndexByte(set, byte(b)) >= 0, class[b]&bit != 0, "%q of class %#x", b, bit)
		}
	}
	for _, c := range "@:-" {
		require.NotZero(t, class[c]&sign)
	}
	for _, w := range foreignWords {
		require.NotZero(t, class[w.word[0]]&sign, w.word)
	}
}

func TestContextWords(t *testing.T) {
	require.True(t, slices.IsSortedFunc(contextWords[:], func(a, b contextWord) int { return strings.Compare(a.word, b.word) }))
	for i, w := range contextWords {
		first := w.word[0] - 'a'
		require.True(t, int(wordIndex[first]) <= i && i < int(wordIndex[first+1]), w.word)
		if len(w.word) > 2 {
			h := wordHash(w.word[0], w.word[1], w.word[2], len(w.word))
			require.NotZero(t, wordFilter[h>>5]>>(h&31)&1, w.word)
		}
		require.True(t, w.sets != 0 || w.role != rNone, w.word)
		var win window
		text := strings.ToUpper(w.word) + w.then + " "
		win.show([]byte(text), 0)
		found := lookWord(&win, 0, len(w.word))
		require.NotNil(t, found, text)
		require.Equal(t, w.word, found.word)
	}
	require.LessOrEqual(t, int(contextCount), 64)
}

func TestForeignWords(t *testing.T) {
	for i, w := range foreignWords {
		require.NotZero(t, foreignSecond[w.word[1]&63]>>(w.word[0]&31)&1, w.word)
		for _, later := range foreignWords[i+1:] {
			require.False(t, strings.HasPrefix(later.word, w.word), "%s hides %s", w.word, later.word)
		}
	}
}

func TestFormats(t *testing.T) {
	for i, f := range formats {
		c := f.prefix[0]
		require.True(t, int(formatIndex[c-'0']) <= i && i < int(formatIndex[c-'0'+1]), f.prefix)
		for second := range byte(32) {
			if len(f.prefix) == 1 || f.prefix[1]&31 == second {
				require.NotZero(t, formatSecond[c-'0']>>second&1, f.prefix)
			}
		}
		for _, later := range formats[i+1:] {
			require.False(t, strings.HasPrefix(later.prefix, f.prefix), "%s hides %s", f.prefix, later.prefix)
		}
	}
}

func TestTopLevel(t *testing.T) {
	words := strings.Fields(topLevel)
	require.True(t, slices.IsSorted(words))
	require.Equal(t, " "+strings.Join(words, " ")+" ", topLevel)
	for _, w := range words {
		require.True(t, listed(topLevel, []byte(strings.ToUpper(w))), w)
		require.False(t, listed(topLevel, []byte(w+"0")), w)
	}
	require.False(t, listed(topLevel, []byte("0")))
	require.False(t, listed(topLevel, []byte("zzzz")))
}

func TestIBANLengths(t *testing.T) {
	for i := 0; i < len(ibanLengths); i += 4 {
		if i > 0 {
			require.Less(t, ibanLengths[i-4:i-2], ibanLengths[i:i+2])
		}
		code, n := ibanCountry(ibanLengths[i], ibanLengths[i+1])
		require.Equal(t, ibanLengths[i:i+2], code)
		require.True(t, n >= 15 && n <= 34, code)
	}
}

func TestHashes(t *testing.T) {
	for n := range 56 {
		text := []byte(strings.Repeat("a\x00\xff", 20)[:n])
		require.Equal(t, sha256.Sum256(text), sha256One(text), n)
	}
	// From the Keccak team's vectors, as Ethereum has them.
	for text, want := range map[string]string{
		"":    "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470",
		"abc": "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45",
	} {
		sum := keccak256([]byte(text))
		require.Equal(t, want, hex.EncodeToString(sum[:]))
	}
}

func TestCRCBase62(t *testing.T) {
	for _, body := range []string{"wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO", strings.Repeat("a", 30), "zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ"} {
		v := crc32.ChecksumIEEE([]byte(body))
		check := [6]byte{}
		for i := 5; i >= 0; i-- {
			check[i] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"[v%62]
			v /= 62
		}
		require.True(t, crcBase62([]byte(body), check[:]))
		check[2] ^= 1
		require.False(t, crcBase62([]byte(body), check[:]))
	}
}

func TestIndices(t *testing.T) {
	for i, f := range phoneForms {
		n := f.groups[0] - '0'
		require.True(t, int(phoneIndex[n]) <= i && i < int(phoneIndex[n+1]), f)
	}
	for i, f := range idForms {
		n := strings.IndexAny(f.form+" ", "_-. ")
		require.True(t, int(idIndex[n]) <= i && i < int(idIndex[n+1]), f)
	}
}
