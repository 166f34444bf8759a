package wordpiece

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

const remedy = "wordpiece is compared with Hugging Face's tokenizers: run `make test`, or set SLUICE_PYTHON to a python that has tokenizers 0.23.3 (pip install tokenizers==0.23.3)"

// theirs are the ids that Hugging Face's library gives to texts, at most most of each.
func theirs(t *testing.T, texts []string, most int) [][]int32 {
	python := os.Getenv("SLUICE_PYTHON")
	require.NotEmpty(t, python, remedy)
	var in, out bytes.Buffer
	encoder := json.NewEncoder(&in)
	for _, text := range texts {
		require.NoError(t, encoder.Encode(text))
	}
	command := exec.Command(python, "testdata/oracle.py", modelFile(t, "tokenizer.json"), strconv.Itoa(most))
	command.Stdin, command.Stdout, command.Stderr = &in, &out, os.Stderr
	require.NoError(t, command.Run(), remedy)
	all := make([][]int32, 0, len(texts))
	for lines := bufio.NewReader(&out); len(all) < len(texts); {
		line, err := lines.ReadBytes('\n')
		require.NoError(t, err, remedy)
		var ids []int32
		require.NoError(t, json.Unmarshal(line, &ids))
		all = append(all, ids)
	}
	return all
}

func same(t *testing.T, k *Tokenizer, texts []string, most int) {
	for i, want := range theirs(t, texts, most) {
		ids, _ := k.Encode(nil, texts[i], most)
		if !slices.Equal(want, ids) { // require.Equal is slow, and there are many
			require.Equal(t, want, ids, "tokenizers and we differ on %+q", texts[i])
		}
	}
}

// SLUICE_WORDPIECE_STRINGS texts (20,000). SLUICE_ORACLE_SEED runs those of a failure again.
func TestOracleStrings(t *testing.T) {
	seed, n := uint64(time.Now().UnixNano()), 20_000
	for name, set := range map[string]func(uint64){"SLUICE_ORACLE_SEED": func(v uint64) { seed = v }, "SLUICE_WORDPIECE_STRINGS": func(v uint64) { n = int(v) }} {
		if value := os.Getenv(name); value != "" {
			number, err := strconv.ParseUint(value, 10, 64)
			require.NoError(t, err, name)
			set(number)
		}
	}
	t.Logf("SLUICE_ORACLE_SEED=%d", seed)
	k, vocabulary := load(t)
	s := newSource(seed, vocabulary)
	texts := make([]string, n)
	for i := range texts {
		texts[i] = s.text()
	}
	same(t, k, texts[:n/2], 256)
	same(t, k, texts[n/2:], 16)
}

// Every character between two letters, and before and after an accent. Planes 4 to 13 are
// empty, and 15 and 16 for private use: a few of them stand for all.
func TestOracleCharacters(t *testing.T) {
	k, _ := load(t)
	var texts []string
	var b strings.Builder
	for r := rune(1); r <= utf8.MaxRune; r++ {
		if plane := r >> 16; plane > 3 && plane != 14 && r&0xff < 0xfd {
			continue
		}
		if utf8.ValidRune(r) {
			fmt.Fprintf(&b, "x%cy e%c\u0301%c ", r, r, r)
		}
		if r%32 == 31 || r == utf8.MaxRune {
			texts = append(texts, b.String())
			b.Reset()
		}
	}
	same(t, k, texts, 1000)
}

var update = flag.Bool("update", false, "write testdata/golden.txt anew, with the installed tokenizers")

// What tokenizers 0.23.3 gave to 2,000 texts, as 48 bits of the SHA-256 of the ids, for
// where no Python is.
func TestGolden(t *testing.T) {
	k, vocabulary := load(t)
	s := newSource(20_000, vocabulary)
	texts := make([]string, 2000)
	for i := range texts {
		texts[i] = s.text()
	}
	if *update {
		var b []byte
		for _, ids := range theirs(t, texts, 256) {
			b = append(append(b, digest(ids)...), '\n')
		}
		require.NoError(t, os.WriteFile("testdata/golden.txt", b, 0o644))
	}
	golden, err := os.ReadFile("testdata/golden.txt")
	require.NoError(t, err)
	lines := strings.Fields(string(golden))
	require.Len(t, lines, len(texts))
	for i, text := range texts {
		ids, _ := k.Encode(nil, text, 256)
		require.Equal(t, lines[i], digest(ids), "text %d, %+q, has the ids %v", i, text, ids)
	}
}

func digest(ids []int32) string {
	sum := sha256.Sum256(fmt.Append(nil, ids))
	return base64.RawURLEncoding.EncodeToString(sum[:6])
}
