package pii

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// all returns the finds of a whole text.
func all(text string, o Options) []Find {
	finds, _ := New(o).Scan([]byte(text), true)
	return append([]Find(nil), finds...)
}

func TestFirst(t *testing.T) {
	text := "write to ann.lee+x@example.co.uk, card 4111 1111 1111 1111 please"
	var got []string
	for _, f := range all(text, Options{}) {
		got = append(got, f.Kind.String()+" "+text[f.Start:f.End])
	}
	require.Equal(t, "email ann.lee+x@example.co.uk|card 4111 1111 1111 1111", strings.Join(got, "|"))
}
