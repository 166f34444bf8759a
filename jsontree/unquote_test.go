package jsontree_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/jsontree"
)

// Every string reads as encoding/json reads it, however it is cut; of what is no escape the
// letters stay.
func TestUnquote(t *testing.T) {
	cases := map[string]string{}
	for _, written := range []string{
		``, `plain é`, `\n\t\r\b\f\"\\\/`, `\u0061\u00e9\u20AC`, `\ud83d\ude00!`, `a\\u0061`, `\ud83d`, `\ud83dx`, `\ud83d\n`, `\ude00`,
		`\ud83d\ud83d\ude00`, `\ud83d\u0061`, `\\\\n`,
	} {
		var want string
		require.NoError(t, json.Unmarshal([]byte(`"`+written+`"`), &want))
		cases[written] = want
	}
	cases[`\u00g1`], cases[`\u0\n`], cases[`\`], cases[`\u12`], cases[`\q`], cases[`\é`] = `u00g1`, "u0\n", `\`, `u12`, `q`, `\é`
	cases[`{"a":"b\nc"}`] = "{\"a\":\"b\nc\"}"
	for written, want := range cases {
		for i := range len(written) + 1 {
			for j := i; j <= len(written); j++ {
				var got, rest []byte
				for _, piece := range []string{written[:i], written[i:j], written[j:]} {
					rest = append(rest, piece...)
					var n int
					got, n = jsontree.Unquote(got, rest, false)
					rest = rest[n:]
					require.Less(t, len(rest), 12)
				}
				got, n := jsontree.Unquote(got, rest, true)
				require.Equal(t, len(rest), n)
				require.Equal(t, want, string(got), "%s cut at %d and %d", written, i, j)
			}
		}
	}
}
