package schema

import "github.com/sluice-gateway/sluice/policy/internal/language"

// Patterns in the part of ECMA 262 that RE2 has too. They take all that the decoder
// takes; where they take more, the decoder's message is the better one.
const (
	digits  = `(0|[1-9][0-9]*)`
	whole   = `^` + digits + `$`
	decimal = `^` + digits + `(\.[0-9]+)?$`

	ms = digits + `ms`
	s  = digits + `s`
	m  = digits + `m`
	h  = digits + `h`
)

var patterns = map[language.Kind]string{
	language.Duration: `^(` + h + `(` + m + `)?(` + s + `)?(` + ms + `)?|` +
		m + `(` + s + `)?(` + ms + `)?|` + s + `(` + ms + `)?|` + ms + `)$`,
	language.Name:     `^[a-z0-9_-]{1,64}$`,
	language.Header:   "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$",
	language.Variable: `^[A-Za-z_][A-Za-z0-9_]*$`,
	language.Endpoint: `^https?://(\[[0-9A-Fa-f:]+\]|[A-Za-z0-9_.-]+)(:[1-9][0-9]{0,4})?(/[^?#%\s]*)?$`,
	language.Path:     `^/(([A-Za-z0-9._~:@!$&'()*+,;=-]|\{model\})+(/([A-Za-z0-9._~:@!$&'()*+,;=-]|\{model\})+)*)?$`,
	language.Scheme:   "^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,20}$",
	language.Member:   `^(\*|[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*)$`,
	language.Zone:     `^[A-Za-z0-9][A-Za-z0-9_+-]*(/[A-Za-z0-9][A-Za-z0-9_+-]*)*$`,
}
