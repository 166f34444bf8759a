package jsonscan_test

import (
	"encoding/json"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/jsonscan"
)

// Exact arithmetic is the oracle.
func FuzzMillionths(f *testing.F) {
	for _, s := range []string{"0", "-0", "1", "1.5", "-2.25", "1e3", "1E-7", "12.3456789e2", "0.0000001", "99999999999999999999", "1e400", "-1e-400", "0e999999999", "0.1e7"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !json.Valid([]byte(s)) || len(s) == 0 || s[0] != '-' && (s[0] < '0' || s[0] > '9') || len(s) > 40 {
			return
		}
		got := jsonscan.Millionths([]byte(s))
		r, ok := new(big.Rat).SetString(s)
		if !ok { // an exponent that big.Rat does not take
			return
		}
		r.Mul(r, big.NewRat(1_000_000, 1))
		want := new(big.Int).Quo(r.Num(), r.Denom())
		most := big.NewInt(jsonscan.MaxMillionths)
		if want.CmpAbs(most) > 0 {
			want = most
			if r.Sign() < 0 {
				want = new(big.Int).Neg(most)
			}
		}
		require.Equal(t, want.Int64(), got, s)
	})
}
