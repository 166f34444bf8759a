package labelled

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"unicode/utf8"
)

// A mark is ⟦kind value⟧, as in
//
//	Write to ⟦email jo.marsh@example.com⟧ or call ⟦phone =phone_gb⟧. Your order is ⟦- =order⟧.
//
// A value that begins with = is made by the generator of that name. The kind - is of values that are not to be found. With
// =generator#1 the same value comes back wherever the text says so again.
const (
	opening = "⟦"
	closing = "⟧"
	nothing = "-"
)

// kinds are the words that a mark may have.
var kinds = []string{"email", "phone", "card", "ssn", "iban", "ip", "mac", "birth_date", "passport", "national_id", "crypto", "secret"}

// Kinds gives the kinds that texts are marked with, in the order of a report.
func Kinds() []string { return slices.Clone(kinds) }

// fill makes a text of a marked one.
func fill(marked string, r *rand.Rand) (Text, error) {
	var b strings.Builder
	spans := []Span{}
	chars, again := 0, map[string]string{}
	write := func(s string) {
		b.WriteString(s)
		chars += utf8.RuneCountInString(s)
	}
	for rest := marked; ; {
		before, after, ok := strings.Cut(rest, opening)
		write(before)
		if !ok {
			break
		}
		mark, tail, ok := strings.Cut(after, closing)
		kind, value, two := strings.Cut(mark, " ")
		if !ok || !two {
			return Text{}, fmt.Errorf("mark %q: want %skind value%s", clip(after), opening, closing)
		}
		rest = tail
		name, isMade := strings.CutPrefix(value, "=")
		if isMade {
			var err error
			if value, err = makeOnce(name, again, r); err != nil {
				return Text{}, err
			}
		}
		if kind == nothing {
			write(value)
			continue
		}
		if !slices.Contains(kinds, kind) {
			return Text{}, fmt.Errorf("mark %q: no such kind", mark)
		}
		if !isMade {
			name = ""
		}
		for i, part := range parts(kind, value) {
			if i > 0 {
				write("\n")
			}
			span := Span{Kind: kind, Start: chars, What: name}
			write(part)
			span.End = chars
			spans = append(spans, span)
		}
	}
	return Text{Text: b.String(), Spans: spans}, nil
}

// parts are what is to be found of a value: all of it, or each line of a passport's zone, since each says who it is.
func parts(kind, value string) []string {
	if kind == "passport" {
		return strings.Split(value, "\n")
	}
	return []string{value}
}

func makeOnce(name string, again map[string]string, r *rand.Rand) (string, error) {
	if value, ok := again[name]; ok {
		return value, nil
	}
	generator, _, keep := strings.Cut(name, "#")
	f, ok := generators[generator]
	if !ok {
		return "", fmt.Errorf("no generator %q", generator)
	}
	value := f(r)
	if keep {
		again[name] = value
	}
	return value, nil
}

func clip(s string) string { return s[:min(len(s), 40)] }
