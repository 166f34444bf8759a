package compare_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/companion/compare"
)

// Two who have changed places before words that have not: what was his is hers.
func TestWhoseItIs(t *testing.T) {
	whose := []string{"My", "Her", "His", "Their", "Our"}
	for _, said := range []string{
		"%s budget is 500. %s budget is 900. Which phone?",
		"%s car is red and %s car is blue, who may park here?",
		"%s salary is paid in euro, %s salary in dollars: who pays more tax?",
		"%s mother lives in Oslo. %s mother lives in Rome. How far is that?",
	} {
		for _, x := range whose {
			for _, y := range whose {
				a, b := fmt.Sprintf(said, x, y), fmt.Sprintf(said, y, x)
				require.Equal(t, x == y, compare.Compare(a, b).Same, "%s / %s", a, b)
				require.True(t, compare.Compare(a, a).Same)
			}
		}
	}
}
