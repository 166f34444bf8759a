package guard

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/dialect"
	"github.com/sluice-gateway/sluice/guard/match"
	"github.com/sluice-gateway/sluice/guard/placeholder"
	"github.com/sluice-gateway/sluice/policy"
)

// holding is a request that has redacted these values: name, value, …
func holding(pairs ...string) *Prompt {
	again := &Guards{redacts: true, names: []string{}}
	again.again = again
	p := &Prompt{g: again}
	for i := 0; i < len(pairs); i += 2 {
		p.Vault.Placeholder(nil, pairs[i], []byte(pairs[i+1]))
	}
	return p
}

// seekIn redacts a text that comes in these pieces once more.
func seekIn(p *Prompt, pieces ...string) string {
	r := p.reader
	r.begin()
	decided := 0
	for i, piece := range append(pieces, "") {
		r.text = append(r.text, piece...)
		done := r.again(i == len(pieces))
		if done < decided || done > len(r.text) {
			panic("decided anew")
		}
		decided = done
	}
	if decided != len(r.text) {
		panic("not decided")
	}
	for _, f := range r.finds.finds {
		r.spans = append(r.spans, f.Span)
	}
	p.place()
	out, _ := p.replaced()
	return string(out)
}

func restore(p *Prompt, text string) string {
	r := p.Vault.Restorer(placeholder.Text)
	return string(r.End(r.Write(nil, []byte(text))))
}

func TestSeek(t *testing.T) {
	many := []string{"a", "abcd", "a", "bcde", "a", "cde fg9", "a", "de", "a", "x abcd", "a", "fg9"}
	for _, tt := range []struct {
		name   string
		values []string // name, value, …
		text   string
		want   string
	}{
		{"nothing", []string{"secret", "Tr0ub4dor&3"}, "My password is [SECRET_1].", "My password is [SECRET_1]."},
		{"anywhere", []string{"secret", "Tr0ub4dor&3", "phone", "5551234567"}, "Tr0ub4dor&3 5551234567, Tr0ub4dor&3", "[SECRET_1] [PHONE_1], [SECRET_1]"},
		{"by the first of its names", []string{"secret", "5551234567", "phone", "5551234567"}, "5551234567", "[SECRET_1]"},
		{"in a longer word", []string{"person", "Ann"}, "Anna Johann Anné 1Ann Ann2 ÀAnn", "Anna Johann Anné 1Ann Ann2 ÀAnn"},
		{"in a decimal", []string{"phone", "12345678", "b", "1.5"}, "12345678.90 0.12345678 21.5 1.52 1.5.0 12345678. 12345678.x .12345678 v.1.5", "12345678.90 0.12345678 21.5 1.52 1.5.0 [PHONE_1]. [PHONE_1].x .[PHONE_1] v.[B_1]"},
		{"beside signs", []string{"person", "Ann"}, "\"Ann\",Ann_Ann'Ann-(Ann)…Ann", "\"[PERSON_1]\",[PERSON_1]_[PERSON_1]'[PERSON_1]-([PERSON_1])…[PERSON_1]"},
		{"whose edges are signs", []string{"secret", "&3#"}, "a&3#b&3#", "a[SECRET_1]b[SECRET_1]"},
		{"of another case", []string{"person", "Ann"}, "ann ANN", "ann ANN"},
		{"short", []string{"a", "12", "b", "éé", "c", "ééé"}, "12 éé ééé", "12 éé [C_1]"},
		{"of another script", []string{"person", "Анна"}, "Анна, Аннам Анна", "[PERSON_1], Аннам [PERSON_1]"},
		{"the longest", []string{"person", "Ann", "person", "Ann Lee", "person", "Lee Smith"}, "Ann Lee Smith, Ann Li, Lee Smith", "[PERSON_2] Smith, [PERSON_1] Li, [PERSON_3]"},
		{"one that ends behind another", []string{"person", "Ann Lee", "person", "Lee Sm Ed", "person", "Sm Ed"}, "Ann Lee Sm Ed", "[PERSON_1] [PERSON_3]"},
		{"one in another", many, "x abcde fg9; abcd bcde; abcde fg9 de fg9", "x abcde [A_6]; [A_1] [A_2]; abcde [A_6] de [A_6]"},
		{"its own name", []string{"email", "EMAIL", "email", "ann@example.com", "x", "EMAIL_2"}, "EMAIL [EMAIL_2] [EMAIL_1] [EMAIL_9] EMAIL_2", "[EMAIL_1] [EMAIL_2] [EMAIL_1] [[EMAIL_1]_9] [X_1]"},
		{"a user's own", []string{"placeholder", "[EMAIL_7]", "secret", "pw [EMAIL_7]!"}, "[PLACEHOLDER_1] pw [EMAIL_7]!", "[PLACEHOLDER_1] [SECRET_1]"},
		{"with a placeholder in it", []string{"email", "ann@example.com", "person", "Ann ann@example.com x", "person", "[EMAIL_1"}, "Ann [EMAIL_1] x, [EMAIL_1] x [EMAIL_1", "Ann [EMAIL_1] x, [EMAIL_1] x [PERSON_2]"},
		{"behind a placeholder", []string{"a", "x-1234", "b", "Kestrel"}, "[A_1]Kestrel[A_1] Kestrels", "[A_1][B_1][A_1] Kestrels"},
		{"in a text that is JSON", []string{"person", "Ann"}, `{"x":"\nAnn\tAnn","y":"xAnn"}`, `{"x":"\n[PERSON_1]\t[PERSON_1]","y":"xAnn"}`},
		{"at any length", []string{"a", strings.Repeat("xy ", 100) + "z"}, strings.Repeat("xy ", 110) + "z.", strings.Repeat("xy ", 10) + "[A_1]."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := holding(tt.values...)
			require.True(t, s.Again())
			require.Equal(t, tt.want, seekIn(s, tt.text))
			for cut := range len(tt.text) {
				require.Equal(t, tt.want, seekIn(s, tt.text[:cut], tt.text[cut:]), cut)
			}
			require.Equal(t, tt.want, seekIn(s, strings.Split(tt.text, "")...))
			// What it has put in is restored to what was there.
			require.Equal(t, restore(s, tt.text), restore(s, tt.want))
		})
	}
}

// Values are sought once: so many at a time, in their order, and so many times.
func TestSeekInTurns(t *testing.T) {
	p := holding()
	require.False(t, p.Again())
	p = holding("a", "ab", placeholder.Written, "[EMAIL_1]", "a", strings.Repeat("x", maxSought+1))
	require.False(t, p.Again(), "nothing that can be sought")
	p.Vault.Placeholder(nil, "a", []byte("Ann"))
	require.True(t, p.Again())
	require.Equal(t, "[A_3]", seekIn(p, "Ann"))
	require.False(t, p.Again())
	p.Vault.Placeholder(nil, "b", []byte("Bob"))
	require.True(t, p.Again())
	require.Equal(t, "Ann [B_1]", seekIn(p, "Ann Bob"))

	// Any number of values.
	p = holding()
	value := func(i int) string { return strings.Repeat("x", i%70) + strconv.Itoa(100+i) }
	for i := range 7000 {
		p.Vault.Placeholder(nil, "a", []byte(value(i)))
	}
	require.True(t, p.Again())
	for i := range 7000 {
		require.Equal(t, "[A_"+strconv.Itoa(i+1)+"]", seekIn(p, value(i)))
	}
	require.False(t, p.Again())
}

// Values that are made to need a long way down the tree are not all in it, but the way is bounded.
func TestSeekNested(t *testing.T) {
	p := holding()
	value := func(n int) string { return strings.Repeat("a ", n)[:2*n-1] }
	for n := range maxSought / 2 {
		p.Vault.Placeholder(nil, "a", []byte(value(2+n)))
	}
	require.True(t, p.Again())
	require.Less(t, len(p.reader.seek.nodes), 2*maxForks)
	require.Equal(t, "[A_9]", seekIn(p, value(10)))
	require.Equal(t, "[A_1]-", seekIn(p, value(2)+"-"))
}

// An oracle that knows no automaton: whether a value stands in what leaves, as a whole word.
func stands(text, value string) bool {
	for from := 0; ; {
		at := strings.Index(text[from:], value)
		if at < 0 {
			return false
		}
		start, end := from+at, from+at+len(value)
		joined := func(at int) bool {
			before, behind := []rune(text[:at]), []rune(text[at:])
			return len(before) > 0 && len(behind) > 0 && match.InWord(before[len(before)-1]) && match.InWord(behind[0])
		}
		if !joined(start) && !joined(end) {
			return true
		}
		from = start + 1
	}
}

func FuzzSeek(f *testing.F) {
	f.Add("Ann\x00Ann Lee\x00Lee S", "Ann Lee S, Anna[A_1]Ann", uint8(3))
	f.Add("aaa\x00aa a\x00a aa", "aaa aa a aaaa", uint8(1))
	f.Add("[A_1]\x00_1]", "[A_1] x_1]", uint8(2))
	f.Fuzz(func(t *testing.T, values, text string, size uint8) { seekAll(t, values, text, int(size)) })
}

// Few letters, so that values are in each other and overlap.
func TestSeekAtRandom(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	of := func(n int) string {
		var b strings.Builder
		for range n {
			b.WriteString([]string{"a", "a", "b", " ", "-", "é", "[A_1]", "[A_2]", "1", "\\n"}[random.IntN(10)])
		}
		return b.String()
	}
	for range 20_000 {
		var values []string
		for range 1 + random.IntN(5) {
			values = append(values, of(3+random.IntN(4)))
		}
		seekAll(t, strings.Join(values, "\x00"), of(random.IntN(30)), 1+random.IntN(9))
	}
}

// seekAll redacts a text, and holds what leaves to the oracle.
func seekAll(t *testing.T, values, text string, size int) {
	values, text = strings.ToValidUTF8(values, "?"), strings.ToValidUTF8(text, "?")
	p := holding()
	r := placeholder.Redactor{Vault: &p.Vault}
	sought := strings.Split(values, "\x00")
	if len(sought) > 50 || len(values) > 2000 {
		return
	}
	for _, value := range sought {
		p.Vault.Placeholder(nil, "a", []byte(value))
	}
	redacted, _ := r.Append(nil, []byte(text), nil)
	sent := string(redacted)
	for p.Again() {
		whole := seekIn(p, sent)
		var pieces []string
		for rest := sent; len(rest) > 0; {
			n := min(len(rest), max(size, 1))
			pieces, rest = append(pieces, rest[:n]), rest[n:]
		}
		require.Equal(t, whole, seekIn(p, pieces...))
		sent = whole
	}
	require.Equal(t, text, restore(p, sent), "it is restored to what was there: %q", sent)
	// Between placeholders nothing stands that was sought.
	rest := []byte(sent)
	for {
		start, stop := p.Vault.Find(rest, 0)
		piece := rest[:start]
		for _, value := range sought {
			if len([]rune(value)) >= minSought {
				require.False(t, stands(string(piece), value), "%q in %q of %q", value, piece, text)
			}
		}
		if start == stop {
			break
		}
		rest = rest[stop:]
	}
}

func BenchmarkSeek(b *testing.B) {
	p := holding()
	for i := range 1000 {
		p.Vault.Placeholder(nil, "a", []byte("value"+strconv.Itoa(i)+"@example.com"))
	}
	text := []byte(strings.Repeat("and so on, as they say of value17 and of value@example, ", 150))
	p.Again()
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		p.reader.begin()
		p.reader.text = text
		p.reader.again(true)
	}
}

// The worst: a word at every other byte, and all lengths.
func BenchmarkSeekWords(b *testing.B) {
	p := holding()
	for n := minSought; n < 120; n++ {
		p.Vault.Placeholder(nil, "a", []byte(strings.Repeat("a ", n)[:n-1]+"b"))
	}
	text := []byte(strings.Repeat("a ", 4<<10))
	p.Again()
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		p.reader.begin()
		p.reader.text = text
		p.reader.again(true)
	}
}

// Once services have been asked, or are not to be, no text is kept for them: a stream may last long.
func TestKeptForServices(t *testing.T) {
	for name, role := range map[string]string{"shown": "user", "of another role": "system"} {
		again := &Guards{redacts: true, names: []string{}, external: []policy.ExternalGuard{{Name: "x", Roles: []string{role}}}}
		again.again = again
		p := &Prompt{g: again}
		read := func() {
			p.reader = p.g.take()
			p.Reads(silent{})
			p.BeginText(dialect.Text{Speaker: dialect.User, Start: 1})
			p.Text([]byte("I am Ann"))
			p.EndText(9, 9)
			p.End()
		}
		read()
		require.Len(t, p.said, 1)
		body, _, ok := p.Call()
		require.True(t, ok)
		require.Equal(t, role == "user", body != nil, name)
		if body != nil {
			p.Answered("503", nil)
		}
		require.Empty(t, p.said, name)
		p.Vault.Placeholder(nil, "a", []byte("Ann"))
		require.True(t, p.Again())
		read()
		require.Empty(t, p.said, name)
	}
}

type silent struct{ dialect.Content }

func (silent) BeginText(dialect.Text) {}
func (silent) Text([]byte)            {}
func (silent) EndText(int64, int64)   {}

// What would be a value but for a placeholder that begins within it is none, also where the
// placeholder's end comes later than the longest value is long.
func TestSeekBeforeAPlaceholder(t *testing.T) {
	value := strings.Repeat("k", maxSought-1) + "["
	p := holding("EMAIL", "ann@example.com", "PROJECT", value)
	require.True(t, p.Again())
	require.True(t, p.Reads(deaf{}))
	text := value + "EMAIL_1] and what follows it"
	for cut := range text {
		require.Equal(t, text, seekIn(p, text[:cut], text[cut:]), cut)
	}
	require.Equal(t, "[PROJECT_1] EMAIL", seekIn(p, value+" EMAIL"))
}
