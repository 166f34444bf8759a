package strict

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/sluice-gateway/sluice/policy/internal/document"
	"github.com/sluice-gateway/sluice/policy/internal/language"
)

// mustBe says what a value that is not of its shape should have been.
func mustBe(shape *language.Shape, doc *document.Node) string {
	message := want(shape)
	if !shape.Secret {
		message += ", not " + describe(doc)
	}
	if (shape.Kind == language.Name || shape.Kind == language.Text || shape.Kind == language.Template) && (doc.Kind == document.Number || doc.Kind == document.Bool) {
		message += "; put it in quotes if it is meant as text"
	}
	return message + hint(shape)
}

func hint(shape *language.Shape) string {
	if shape.Hint == "" {
		return ""
	}
	return "; " + shape.Hint
}

// want says in words what a shape asks for.
func want(shape *language.Shape) string {
	number := func(v int64) string { return strconv.FormatInt(v, 10) }
	between := func(write func(int64) string) string {
		return " from " + write(shape.Min) + " to " + write(shape.Max)
	}
	switch shape.Kind {
	case language.Object:
		names := make([]string, len(shape.Fields))
		for i := range shape.Fields {
			names[i] = shape.Fields[i].Name
		}
		return "must be a mapping with " + enumerate(names, "and")
	case language.Map:
		if shape.Min > 0 {
			return "must be a mapping of names with at least one"
		}
		return "must be a mapping of names"
	case language.List:
		if shape.Min > 0 {
			return "must be a list of at least one"
		}
		return "must be a list"
	case language.Bool:
		return "must be true or false"
	case language.Word:
		if len(shape.Words) <= 2 {
			return "must be " + enumerate(shape.Words, "or")
		}
		return "must be one of " + enumerate(shape.Words, "or")
	case language.Integer:
		if shape.Min == shape.Max {
			return "must be " + number(shape.Min)
		}
		return "must be a whole number" + between(number)
	case language.Decimal:
		return "must be a number" + between(formatMillionths) + " with at most 6 decimals"
	case language.Money:
		return "must be US dollars" + between(formatMillionths) + " with at most 6 decimals, such as 0.15"
	case language.Amount:
		return "must be a whole number of tokens or requests, or US dollars such as 0.25"
	case language.Duration:
		return "must be a duration" + between(formatDuration) + " with its unit, such as 500ms, 30s, 15m or 1h30m"
	case language.Size:
		return "must be a size" + between(FormatSize) + ", such as 512KiB or 8MiB"
	case language.Name:
		return "must be 1 to 64 of the characters a-z, 0-9, _ and -"
	case language.Header:
		return "must be a header's name, such as x-team"
	case language.Variable:
		return "must be the name of an environment variable, such as OPENAI_API_KEY"
	case language.Endpoint:
		return "must be http:// or https:// and a host, then at most a port and a path, such as https://api.openai.com; no user, query or fragment"
	case language.Zone:
		return "must be an IANA time zone, such as UTC or Europe/Berlin"
	case language.Path:
		return "must be a path such as /v1, /v1beta/openai or /openai/deployments/{model}, or / for none; no query, and no slash at its end"
	case language.Scheme:
		return "must be one word of at most " + strconv.Itoa(maxScheme) + " characters, such as Bearer"
	case language.Member:
		return "must be a request's field without places in lists, such as seed or messages.content.input_audio, or * for every field"
	case language.Schema:
		return "must be request, or a JSON Schema as a mapping, of at most " + strconv.Itoa(language.MaxSchema) + " bytes of JSON"
	case language.Template:
		return "must be text of 1 to " + strconv.Itoa(language.MaxTemplate) + " characters that are printable, line breaks or tabs"
	case language.Property:
		return `must be a path of names, such as metadata.filter_metadata["envoy.filters.http.jwt_authn"].sub`
	default:
		return "must be text of 1 to " + strconv.Itoa(language.MaxText) + " printable characters"
	}
}

// describe names a value in a message: short, on one line.
func describe(doc *document.Node) string {
	switch doc.Kind {
	case document.Null:
		return "empty (null): write a value or leave the field out"
	case document.Bool:
		return doc.Text
	case document.Number:
		return "the number " + shorten(doc.Text)
	case document.String:
		return "the text " + strconv.Quote(shorten(doc.Text))
	case document.Array:
		if len(doc.Kids) == 0 {
			return "an empty list"
		}
		return "a list"
	default:
		if len(doc.Kids) == 0 {
			return "an empty mapping"
		}
		return "a mapping"
	}
}

func shorten(text string) string {
	const most = 40
	if len(text) <= most {
		return text
	}
	cut := most
	for cut > 0 && !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut] + "..."
}

// unknown says what to write in place of a field that does not exist. meant is the index
// of the field that it seems to be a misspelling of, or -1.
func unknown(shape *language.Shape, name string) (message string, meant int) {
	meant, least := -1, 3
	for i := range shape.Fields {
		known := shape.Fields[i].Name
		if d := distance(strings.ToLower(name), known); d < least && d < len(known) {
			meant, least = i, d
		}
	}
	switch {
	case shape.Hint != "":
		return "unknown field" + hint(shape), -1
	case meant >= 0:
		return "unknown field; did you mean " + strconv.Quote(shape.Fields[meant].Name) + "?", meant
	}
	names := make([]string, len(shape.Fields))
	for i := range shape.Fields {
		names[i] = shape.Fields[i].Name
		if names[i] == "credential" && looksSecret(name) {
			return "unknown field" + hint(shape.Fields[i].Shape), -1
		}
	}
	return "unknown field; the fields here are " + enumerate(names, "and"), -1
}

// looksSecret: somebody has written a key in the policy.
func looksSecret(name string) bool {
	name = strings.ToLower(name)
	for _, word := range [...]string{"key", "secret", "password", "auth", "token"} {
		if strings.Contains(name, word) {
			return true
		}
	}
	return false
}

// distance is the number of edits (insert, delete, replace, swap neighbours) between a
// name and a known one, at most 3 beyond the difference in length.
func distance(a, b string) int {
	if len(a) > len(b)+2 || len(b) > len(a)+2 {
		return 3
	}
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			replace := last[j-1]
			if a[i-1] != b[j-1] {
				replace++
			}
			row[j] = min(replace, last[j]+1, row[j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}

func enumerate(words []string, last string) string {
	switch n := len(words); n {
	case 0:
		return ""
	case 1:
		return words[0]
	default:
		return strings.Join(words[:n-1], ", ") + " " + last + " " + words[n-1]
	}
}

func formatDuration(ms int64) string {
	if ms == 0 {
		return "0s"
	}
	for _, u := range durationUnits {
		if ms%u.value == 0 {
			return strconv.FormatInt(ms/u.value, 10) + u.suffix
		}
	}
	return ""
}

// FormatSize writes a size as ParseSize reads it.
func FormatSize(bytes int64) string {
	for i := len(sizeUnits) - 1; i > 0; i-- {
		if bytes > 0 && bytes%sizeUnits[i].value == 0 {
			return strconv.FormatInt(bytes/sizeUnits[i].value, 10) + sizeUnits[i].suffix
		}
	}
	return strconv.FormatInt(bytes, 10)
}

func formatTime(d time.Duration) string { return formatDuration(d.Milliseconds()) }
