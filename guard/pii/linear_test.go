package pii

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// What a byte costs has a limit, whatever the text: bytes looked at again are counted.
func TestLinear(t *testing.T) {
	for _, piece := range []string{
		"7", "@", "a", ":", "-", ".", "_", "\\", "%", "=", "<", "１", "1 ", "1.", "1:", "1-", "11 ", "1111 ", "4111 1111 1111 1112 ", "a@", "a.a@a.", "@a.", "::", "a::", "ff:",
		"aGVsbG8gd29ybGQhISBub3QgYSBzZWNyZXQ", "aA", "A1", "1.1.1.1", "2024-01-15 ", "eyJ.", "eyJhbGciOiJIUzI1NiJ9.", "password:", "token=", "password=x ", "my password is ", "a://", "a://b:c@",
		"-----BEGIN PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----AAAAAAAAAAAAAAAAAAAAAAAA", "DE89 ", "DE", "phone 1 ", "card 4111 ", "born 1 May ", "P<", "0x", "bc1q", "密码", "\"a\"@", "AKIA ", "sk-",
		"1-1 ", "(1)", "12-", "0 ", "1\u200b", "密码:", "password=", "password=password:", "secret: ", "key: ", "123-45-6789 ", "+1 212 555 0123 ", "030 123 456 ", "12 345 678 ", "A1 ",
		"DE89 3704 0044 0532 0130 01 ", "a@a@a@", "1 phone ", "4111 order ", "P<D<<", "1 May ",
		"card 4111:", "card 1+", "1|", "password:\n", "| password ", "name: PASSWORD\n", "password for a ", "password value", "%40", "a%40", "a＠a.", "a\u200b@", "DE89370400440532013000", "aDE89", "%B4", "SS# 1 ",
	} {
		work := func(n int) int {
			s := New(Options{})
			text := []byte(strings.Repeat(piece, n/len(piece)+1)[:n])
			s.Scan(text, true)
			return s.work
		}
		small, large := work(20_000), work(80_000)
		require.LessOrEqual(t, large, 24*80_000, "%q costs %d a byte", piece, large/80_000)
		require.LessOrEqual(t, large, 4*small+small/4+20_000, "%q: %d for 20 kB, %d for 80 kB", piece, small, large)
	}
}

// A text that comes in small pieces costs what it costs in one.
func TestLinearInPieces(t *testing.T) {
	text := []byte(strings.Repeat(mixedText, 8))
	whole := New(Options{})
	whole.Scan(text, true)
	pieces := New(Options{})
	for cut := 1; cut < len(text); cut++ {
		pieces.Scan(text[:cut], false)
	}
	pieces.Scan(text, true)
	require.InEpsilon(t, whole.work, pieces.work, 0.1) // a number is read anew where the window moves
}
