package tokenizer

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCorrection(t *testing.T) {
	var c Correction
	require.Equal(t, 1200, c.Factor(1200), "nothing learned")
	c.Learn(100, 200)
	require.InDelta(t, 1238, c.Factor(1200), 1, "one small request does not decide: (200 + 2400) / (100 + 2000)")
	for range 1000 {
		c.Learn(1000, 1500)
	}
	require.InDelta(t, 1495, c.Factor(1200), 1)
	for range 1000 {
		c.Learn(1000, 1300)
	}
	require.InDelta(t, 1300, c.Factor(1200), 3, "the old figure is forgotten after about 131,072 tokens")
	for range 1000 {
		c.Learn(10, 1_000_000)
	}
	require.Equal(t, 4800, c.Factor(1200), "no more than four times the initial factor")
	for range 1000 {
		c.Learn(1_000_000, 1)
	}
	require.Equal(t, 300, c.Factor(1200), "no less than a quarter")
	before := c
	c.Learn(0, 10)
	c.Learn(10, 0)
	c.Learn(-1, -1)
	require.Equal(t, before, c)
}

func FuzzCorrection(f *testing.F) {
	f.Add(int64(1), int64(2), int64(3), int64(4), 1200)
	f.Add(int64(math.MaxInt64), int64(math.MaxInt64), int64(1), int64(math.MaxInt64), 1000)
	f.Fuzz(func(t *testing.T, counted1, reported1, counted2, reported2 int64, initial int) {
		initial = min(max(initial, 4), 100_000)
		var c Correction
		for range 40 {
			c.Learn(counted1, reported1)
			c.Learn(counted2, reported2)
			factor := c.Factor(initial)
			require.GreaterOrEqual(t, factor, initial/4)
			require.LessOrEqual(t, factor, initial*4)
			b := c.Append(nil)
			require.Len(t, b, CorrectionSize)
			again, ok := ParseCorrection(b)
			require.True(t, ok)
			require.Equal(t, c, again)
		}
	})
}

func TestParseCorrectionRefuses(t *testing.T) {
	for _, b := range [][]byte{nil, make([]byte, 9), make([]byte, 11), {0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0}} {
		_, ok := ParseCorrection(b)
		require.False(t, ok, "%x", b)
	}
}
