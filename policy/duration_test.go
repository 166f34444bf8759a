package policy_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/policy"
)

func TestWritten(t *testing.T) {
	for text, d := range map[string]time.Duration{
		"0s": 0, "1ms": time.Millisecond, "30s": 30 * time.Second, "1m": time.Minute, "1h": time.Hour,
		"1m30s": 90 * time.Second, "720h": 720 * time.Hour, "1h1ms": time.Hour + time.Millisecond, "2s500ms": 2500 * time.Millisecond,
	} {
		require.Equal(t, text, policy.Written(d))
	}
	for range 10_000 {
		d := time.Duration(rand.Int64N(1<<40)) * time.Millisecond
		back, err := time.ParseDuration(policy.Written(d))
		require.NoError(t, err)
		require.Equal(t, d, back)
	}
}
