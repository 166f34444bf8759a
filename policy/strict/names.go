package strict

import (
	"strings"
	"unicode/utf8"

	"github.com/sluice-gateway/sluice/policy/internal/language"
)

// matches says whether text may stand for a value of a kind that is text. The schema
// has a pattern for each of these kinds; a test holds the two together.
func matches(kind language.Kind, text string) bool {
	switch kind {
	case language.Name:
		return 0 < len(text) && len(text) <= language.MaxName && all(text, isNameByte)
	case language.Header:
		return 0 < len(text) && len(text) <= language.MaxText && all(text, isTokenByte)
	case language.Variable:
		return text != "" && (text[0] < '0' || '9' < text[0]) && all(text, isVariableByte)
	case language.Endpoint:
		_, ok := ParseEndpoint(text)
		return ok
	case language.Zone:
		return isZone(text)
	case language.Path:
		return isPath(text)
	case language.Scheme:
		return 0 < len(text) && len(text) <= maxScheme && all(text, isTokenByte)
	case language.Member:
		return text == "*" || len(text) <= language.MaxText && isMember(text)
	case language.Template:
		return isText(text, language.MaxTemplate, "\n\t")
	case language.Property:
		_, ok := parseProperty(text)
		return ok
	default:
		return isText(text, language.MaxText, "")
	}
}

func all(text string, is func(byte) bool) bool {
	for i := 0; i < len(text); i++ {
		if !is(text[i]) {
			return false
		}
	}
	return true
}

func isLower(c byte) bool { return 'a' <= c && c <= 'z' || '0' <= c && c <= '9' }
func isAlnum(c byte) bool { return isLower(c) || 'A' <= c && c <= 'Z' }

func isNameByte(c byte) bool     { return isLower(c) || c == '_' || c == '-' }
func isVariableByte(c byte) bool { return isAlnum(c) || c == '_' }

// isTokenByte: RFC 9110, section 5.6.2.
func isTokenByte(c byte) bool {
	return isAlnum(c) || strings.IndexByte("!#$%&'*+-.^_`|~", c) >= 0
}

// isText: printable, not empty, of bounded length. others are control characters that it may
// have all the same.
func isText(text string, most int, others string) bool {
	if text == "" || utf8.RuneCountInString(text) > most {
		return false
	}
	for _, r := range text {
		if (r < ' ' || 0x7f <= r && r < 0xa0) && !strings.ContainsRune(others, r) {
			return false
		}
	}
	return true
}

// isZone has the form of an IANA name. Whether there is such a zone only a program
// with the database can say; `sluice check` does.
func isZone(text string) bool {
	if text == "Local" || len(text) > language.MaxName {
		return false
	}
	for _, part := range strings.Split(text, "/") {
		if part == "" || !isAlnum(part[0]) || !all(part, isZoneByte) {
			return false
		}
	}
	return true
}

func isZoneByte(c byte) bool { return isAlnum(c) || c == '_' || c == '-' || c == '+' }

// maxScheme bounds the word in front of a key. The registered ones (RFC 9110, section
// 16.4.1) have at most 14 characters, keys have more.
const maxScheme = 20

// isMember: names joined by dots.
func isMember(text string) bool {
	for _, name := range strings.Split(text, ".") {
		if name == "" || !all(name, isHostByte) {
			return false
		}
	}
	return true
}

// isPath: what may stand in front of a call's path. Only {model} is replaced in it.
func isPath(text string) bool {
	return text == "/" || strings.HasPrefix(text, "/") && isBasePath(strings.ReplaceAll(text, modelInPath, "m"))
}

// modelInPath stands for the target's model in a provider's api_path.
const modelInPath = "{model}"

// parseProperty splits a.b["c.d"] into a, b and c.d.
func parseProperty(text string) ([]string, bool) {
	if !isText(text, language.MaxText, "") {
		return nil, false
	}
	var steps []string
	for first := true; text != ""; first = false {
		var step string
		quoted, isQuoted := strings.CutPrefix(text, `["`)
		switch {
		case isQuoted && !first:
			var closed bool
			if step, text, closed = strings.Cut(quoted, `"]`); !closed || strings.IndexByte(step, '"') >= 0 {
				return nil, false
			}
		default:
			if !first {
				if text[0] != '.' {
					return nil, false
				}
				text = text[1:]
			}
			end := strings.IndexAny(text, `.[]"`)
			if end < 0 {
				end = len(text)
			}
			step, text = text[:end], text[end:]
		}
		if step == "" {
			return nil, false
		}
		steps = append(steps, step)
	}
	return steps, true
}
