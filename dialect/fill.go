package dialect

import (
	"strconv"
	"strings"
)

// fill appends a template, each `$` in it replaced by the next of the values, which are
// JSON already; values that it has no place for are left out. What is written once in a stream is written so: a chain of appends is an
// order of magnitude more WebAssembly code, which every host compiles at every start.
func fill(out []byte, template string, values ...string) []byte {
	for _, value := range values {
		at := strings.IndexByte(template, '$')
		if at < 0 {
			break
		}
		out = append(append(out, template[:at]...), value...)
		template = template[at+1:]
	}
	return append(out, template...)
}

// quoted and digits are values for fill.
//
//go:noinline
func quoted(s string) string { return string(appendString(nil, s)) }

//go:noinline
func digits(n int64) string { return strconv.FormatInt(n, 10) }
