package labelled

import (
	"encoding/hex"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func random() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) }

// Every generator gives values of one line of text, or of several where the thing has several, and not always the same.
func TestGenerators(t *testing.T) {
	r := random()
	for _, name := range Generators() {
		seen := map[string]bool{}
		for range 200 {
			v := generators[name](r)
			require.NotEmpty(t, v, name)
			require.Equal(t, strings.TrimSpace(v), v, name)
			require.NotContains(t, v, "⟦", name)
			seen[v] = true
		}
		require.Greater(t, len(seen), 5, name)
	}
}

// Published examples hold the arithmetic: each value is complete but for what is computed.
func TestPublishedExamples(t *testing.T) {
	require.Equal(t, "1", luhnDigit("411111111111111"))
	require.Equal(t, 1, ibanRest("WEST12345698765432"+"GB82")) // the SWIFT registry's example
	require.Equal(t, "3", verhoeffDigit("236"))                // Verhoeff's own
	require.Equal(t, "6", icaoDigit("L898902C3"))              // ICAO 9303's specimen
	require.Equal(t, "0", eanDigit("978316148410"))
	program, _ := hex.DecodeString("751e76e8199196d454941c45d1b3a323f1433bd6")
	require.Equal(t, "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", segwit(0, program)) // BIP 173
	require.Equal(t, "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470", hex.EncodeToString(keccak256(nil)))
	hash, _ := hex.DecodeString("62e907b15cbf27d5425399ebf6f0fb50ebb88f18")
	require.Equal(t, "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", base58Check(0, hash)) // the first block's
}
