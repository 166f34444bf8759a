package strict

import (
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestParseDuration(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"30s": 30 * time.Second, "15m": 15 * time.Minute, "1h": time.Hour, "24h": 24 * time.Hour, "0s": 0,
		"1h30m": 90 * time.Minute, "500ms": 500 * time.Millisecond, "1h1m1s1ms": time.Hour + time.Minute + time.Second + time.Millisecond,
		"90m": 90 * time.Minute, "1h1ms": time.Hour + time.Millisecond,
	} {
		ms, ok := parseDuration(text)
		require.True(t, ok, text)
		require.Equal(t, want.Milliseconds(), ms, text)
		goes, err := time.ParseDuration(text)
		require.NoError(t, err)
		require.Equal(t, goes, want, text)
	}
	for _, text := range []string{
		"", "s", "30", "1d", "1w", "1.5h", "-1s", "+1s", " 1s", "1s ", "1 s", "1S", "30m1h", "1s1s", "1ms1s", "01s", "1us", "1h30", "1m_s",
		"99999999999999999999h", "1000000000001ms", "１s",
	} {
		_, ok := parseDuration(text)
		require.False(t, ok, text)
	}
}

func TestParseSize(t *testing.T) {
	for text, want := range map[string]int64{"0": 0, "1048576": 1 << 20, "8MiB": 8 << 20, "512KiB": 512 << 10, "1GiB": 1 << 30} {
		v, ok := ParseSize(text)
		require.True(t, ok, text)
		require.Equal(t, want, v, text)
	}
	for _, text := range []string{"", "MiB", "8MB", "8mib", "8 MiB", "1.5MiB", "-1", "08", "8M", "8MiBx", "99999999999999999999", "4294967297"} {
		_, ok := ParseSize(text)
		require.False(t, ok, text)
	}
}

// TestParseMillionths goes there and back, so that no amount loses or wins a micro-dollar.
func TestParseMillionths(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 100_000 {
		want := r.Int64N(1 << r.Int64N(60))
		v, ok := parseMillionths(formatMillionths(want))
		require.True(t, ok)
		require.Equal(t, want, v)
	}
	for text, want := range map[string]int64{
		"0": 0, "0.15": 150_000, "500": 500_000_000, "0.1": 100_000, "0.3": 300_000, "1.000001": 1_000_001, "0.10000000000000000": 100_000,
		"1000000000000": 1_000_000_000_000_000_000, "2.675": 2_675_000,
	} {
		v, ok := parseMillionths(text)
		require.True(t, ok, text)
		require.Equal(t, want, v, text)
	}
	for _, text := range []string{
		"", ".", "1.", ".5", "-1", "+1", "1e3", "1,5", "$5", "5 USD", "00.5", "0.0000001", "1000000000001", "1_000", "1.2.3", "NaN", "0x1",
	} {
		_, ok := parseMillionths(text)
		require.False(t, ok, text)
	}
}

func TestParseDigits(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 10_000 {
		want := r.Int64N(1 << r.Int64N(59))
		v, ok := parseDigits(strconv.FormatInt(want, 10))
		require.True(t, ok)
		require.Equal(t, want, v)
	}
}

// TestFormatDuration: what messages write, the parser reads.
func TestFormatDuration(t *testing.T) {
	for _, ms := range []int64{1, 999, 1000, 1500, 60_000, 90_000, 3_600_000, 5_400_000, 366 * 24 * 3_600_000} {
		v, ok := parseDuration(formatDuration(ms))
		require.True(t, ok)
		require.Equal(t, ms, v)
	}
	for _, bytes := range []int64{1, 1024, 1025, 8 << 20, 1 << 30} {
		v, ok := ParseSize(FormatSize(bytes))
		require.True(t, ok)
		require.Equal(t, bytes, v)
	}
}
