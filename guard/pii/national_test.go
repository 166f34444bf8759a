package pii

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// A Chinese number has a day that there is, of 1900 to 2099.
func TestChinasDays(t *testing.T) {
	for day, is := range map[string]bool{
		"19491231": true, "19000101": true, "20990430": true, "20000229": true, "20240229": true, "19850831": true, "19851130": true,
		"18991231": false, "21000101": false, "10000101": false, "19490031": false, "19491331": false, "19493112": false, "19492112": false, "19499112": false,
		"19491200": false, "19491232": false, "19491241": false, "19491271": false, "19491291": false, "19490431": false, "19491131": false, "20230229": false, "20240230": false,
	} {
		number := "110105" + day + "002"
		sum := 0
		for i, weight := range []int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2} {
			sum += int(number[i]-'0') * weight
		}
		number += "10X98765432"[sum%11 : sum%11+1]
		require.Equal(t, is, has(finds(t, "x "+number+" y"), NationalID, 2, 20), number)
	}
}
