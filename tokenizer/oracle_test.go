package tokenizer

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sluice-gateway/sluice/tokenizer/internal/build"
	"github.com/stretchr/testify/require"
)

const remedy = "the tokenizer is compared with tiktoken: run `make test`, or set SLUICE_PYTHON to a python that has tiktoken 0.14.0 (pip install tiktoken==0.14.0)"

func python(t *testing.T) string {
	path := os.Getenv("SLUICE_PYTHON")
	require.NotEmpty(t, path, remedy)
	return path
}

// tiktoken is a running internal/oracle/oracle.py.
type tiktoken struct {
	in  *bufio.Writer
	out *bufio.Reader
}

func newTiktoken(t *testing.T, e *Encoding) *tiktoken {
	source, err := build.Source(e.Name())
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), e.Name()+".tiktoken")
	require.NoError(t, os.WriteFile(file, source, 0o600))
	command := exec.Command(python(t), "internal/oracle/oracle.py", "encode", e.Name(), file)
	command.Stderr = os.Stderr
	in, err := command.StdinPipe()
	require.NoError(t, err)
	out, err := command.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, command.Start(), remedy)
	t.Cleanup(func() {
		_ = in.Close()
		require.NoError(t, command.Wait(), remedy)
	})
	return &tiktoken{bufio.NewWriter(in), bufio.NewReader(out)}
}

func (k *tiktoken) number(t *testing.T) uint32 {
	var b [4]byte
	if _, err := io.ReadFull(k.out, b[:]); err != nil {
		require.NoError(t, err, remedy)
	}
	return binary.LittleEndian.Uint32(b[:])
}

// same asserts that tiktoken gives texts the tokens that e gives them.
func (k *tiktoken) same(t *testing.T, e *Encoding, texts [][]byte) {
	header := binary.LittleEndian.AppendUint32(nil, uint32(len(texts)))
	_, err := k.in.Write(header)
	require.NoError(t, err, remedy)
	for _, text := range texts {
		_, _ = k.in.Write(binary.LittleEndian.AppendUint32(nil, uint32(len(text))))
		_, _ = k.in.Write(text)
	}
	require.NoError(t, k.in.Flush(), remedy)
	ids, want := []uint32{}, []uint32{}
	for _, text := range texts {
		want = want[:0]
		for n := k.number(t); n > 0; n-- {
			want = append(want, k.number(t))
		}
		ids = e.Encode(ids[:0], text)
		if !slices.Equal(want, ids) { // require.Equal is slow, and there are millions
			require.Equal(t, want, ids, "tiktoken and we differ on %+q", text)
		}
		if len(want) != e.Count(text) {
			require.Equal(t, len(want), e.Count(text), "the count of %+q", text)
		}
	}
}

func stringsFromEnvironment(t *testing.T) int {
	value := os.Getenv("SLUICE_ORACLE_STRINGS")
	if value == "" {
		return 50_000
	}
	n, err := strconv.Atoi(value)
	require.NoError(t, err, "SLUICE_ORACLE_STRINGS is a number of strings")
	return n
}

// SLUICE_ORACLE_STRINGS texts (50,000), a quarter of them not UTF-8. SLUICE_ORACLE_SEED runs those of a failure again.
func TestOracleStrings(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	if again := os.Getenv("SLUICE_ORACLE_SEED"); again != "" {
		n, err := strconv.ParseUint(again, 10, 64)
		require.NoError(t, err)
		seed = n
	}
	forEach(t, func(t *testing.T, e *Encoding) {
		t.Logf("SLUICE_ORACLE_SEED=%d", seed)
		s, k := newSource(seed, e), newTiktoken(t, e)
		for left := stringsFromEnvironment(t); left > 0; {
			texts := make([][]byte, min(left, 2000))
			for i := range texts {
				if i%4 == 3 {
					texts[i] = s.bytes()
				} else {
					texts[i] = []byte(s.text())
				}
			}
			left -= len(texts)
			k.same(t, e, texts)
		}
	})
}

// Every code point alone, between letters and between spaces, each a text of its own.
func TestOracleCodePoints(t *testing.T) {
	forEach(t, func(t *testing.T, e *Encoding) {
		k := newTiktoken(t, e)
		var texts [][]byte
		for r := rune(0); r < build.CodePoints; r++ {
			if 0xd800 <= r && r < 0xe000 {
				continue
			}
			c := string(r)
			texts = append(texts, []byte(c), []byte("a"+c+"b"), []byte(" "+c+" "))
			if len(texts) >= 30_000 {
				k.same(t, e, texts)
				texts = texts[:0]
			}
		}
		k.same(t, e, texts)
	})
}

// Long pieces, which are counted in another way than short ones. tiktoken itself is quadratic in some of them.
func TestOracleLongPieces(t *testing.T) {
	forEach(t, func(t *testing.T, e *Encoding) {
		s, k := newSource(3, e), newTiktoken(t, e)
		var texts [][]byte
		for _, unit := range []string{"a", "A", "é", "中", "aB", "ªA", "\u0301", " ", "\n", " \n", "\t", "=", "'", "/", "!\n", "ab", "xyz", "Å", "😀", "中A", "\u00a0", "\r\n", "ſ"} {
			for _, n := range []int{100, 1000, 3000} {
				run := strings.Repeat(unit, n)
				texts = append(texts, []byte(run), []byte("x "+run+"'ll b"), []byte(run+"a'S"), []byte(" "+run+"\n b"))
			}
		}
		for _, alphabet := range []string{"abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", " \t\n\r\u00a0", "=-_/.!", "中文字符日本語A\u0301"} {
			letters := []rune(alphabet)
			for range 20 {
				var b strings.Builder
				for range 200 + s.IntN(4000) {
					b.WriteRune(pick(s, letters))
				}
				texts = append(texts, []byte(b.String()), []byte(b.String()+"'re"+b.String()))
			}
		}
		k.same(t, e, texts)
		for _, text := range texts {
			c := e.NewCounter()
			for at := 0; at < len(text); {
				next := min(len(text), at+1+s.IntN(700))
				c.Write(text[at:next])
				at = next
				if s.IntN(4) == 0 {
					require.Equal(t, e.Count(text[:at]), c.Count(), "cut at %d of %d bytes beginning %.40q", at, len(text), text)
				}
			}
			require.Equal(t, e.Count(text), c.Count(), "%d bytes beginning %.40q", len(text), text)
		}
	})
}

// The committed classes are those of the engine of the installed tiktoken.
func TestOracleClasses(t *testing.T) {
	command := exec.Command(python(t), "internal/oracle/oracle.py", "classes")
	command.Stderr = os.Stderr
	all, err := command.Output()
	require.NoError(t, err, remedy)
	classes, err := build.Classes(all)
	require.NoError(t, err)
	require.True(t, bytes.Equal(classes, []byte(classTable)), "tables/unicode.classes is not what `go generate` writes")
	require.Equal(t, len(classTable)-build.CodePoints/256, classIndex)
	for r, class := range all {
		if 0xd800 <= r && r < 0xe000 {
			continue
		}
		got, size := classAt(string(rune(r)), 0)
		require.Equal(t, class, got, "U+%04X", r)
		require.Equal(t, len(string(rune(r))), size)
	}
}
