package guard

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

// Every string reads as encoding/json reads it, however it is cut; what is no escape stays.
func TestUnescape(t *testing.T) {
	cases := map[string]string{}
	for _, written := range []string{
		``, `plain é`, `\n\t\r\b\f\"\\\/`, `\u0061\u00e9\u20AC`, `\ud83d\ude00!`, `a\\u0061`, `\ud83d`, `\ud83dx`, `\ud83d\n`, `\ude00`,
		`\ud83d\ud83d\ude00`, `\ud83d\u0061`, `\\\\n`,
	} {
		var want string
		require.NoError(t, json.Unmarshal([]byte(`"`+written+`"`), &want))
		cases[written] = want
	}
	cases[`\u00g1`], cases[`\u0\n`], cases[`\`], cases[`\u12`], cases[`\q`] = `\u00g1`, "\\u0\n", `\`, `\u12`, `q`
	cases[`{"a":"b\nc"}`] = "{\"a\":\"b\nc\"}"
	for written, want := range cases {
		for i := range len(written) + 1 {
			for j := i; j <= len(written); j++ {
				var u unescaper
				var got []byte
				for _, piece := range []string{written[:i], written[i:j], written[j:]} {
					got = append(got, u.write([]byte(piece))...)
				}
				require.Equal(t, want, string(append(got, u.end()...)), "%s cut at %d and %d", written, i, j)
			}
		}
	}
}
