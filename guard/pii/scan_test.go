package pii

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// all returns the finds of a whole text.
func all(text string, o Options) []Find {
	finds, _ := New(o).Scan([]byte(text), true)
	return append([]Find(nil), finds...)
}

func TestKinds(t *testing.T) {
	for k := range kindCount {
		parsed, ok := ParseKind(k.String())
		require.True(t, ok)
		require.Equal(t, k, parsed)
		require.True(t, All.Has(k))
		require.Equal(t, Kinds(1)<<k, Of(k))
	}
	_, ok := ParseKind("shoe")
	require.False(t, ok)
	require.Equal(t, "unknown", kindCount.String())
}

// What is not asked for hides nothing: the card in a password is found when only cards are wanted.
func TestOverlap(t *testing.T) {
	const text = "password=4012888888881881 and https://a:4012888888881881@x.org"
	require.Len(t, all(text, Options{}), 2)
	require.Equal(t, Secret, all(text, Options{})[1].Kind)
	for _, f := range all(text, Options{Kinds: Of(Card)}) {
		require.Equal(t, Card, f.Kind)
	}
	require.Len(t, all(text, Options{Kinds: Of(Card)}), 2)
	require.Empty(t, all("a@example.com", Options{MinScore: 96}))
}

func TestAllocatesNothing(t *testing.T) {
	s := New(Options{})
	text := []byte(mixedText)
	require.Zero(t, testing.AllocsPerRun(20, func() {
		s.Reset()
		s.Scan(text[:len(text)/2], false)
		s.Scan(text, true)
	}))
}
