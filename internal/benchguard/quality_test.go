package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/internal/benchguard/labelled"
)

// The goals that need no other finder hold on both halves of the labelled texts, and with other values in the same frames.
// `go run ./internal/benchguard -python none -errors development` lists what went wrong.
func TestQuality(t *testing.T) {
	for _, seed := range []uint64{seed, 1, 2} {
		for _, split := range []labelled.Split{labelled.Development, labelled.HeldOut} {
			texts, err := labelled.Read(split, seed)
			require.NoError(t, err)
			for _, missed := range qualityMissed(judge(texts, ours)) {
				t.Errorf("%s texts, seed %d: %s", split, seed, missed)
			}
		}
	}
}
