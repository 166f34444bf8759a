package placeholder

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func vaultOf(pairs ...string) *Vault {
	v := new(Vault)
	for i := 0; i < len(pairs); i += 2 {
		v.Placeholder(nil, pairs[i], []byte(pairs[i+1]))
	}
	return v
}

func TestPlaceholders(t *testing.T) {
	v := new(Vault)
	for _, c := range []struct{ name, value, want string }{
		{"email", "ann@example.org", "[EMAIL_1]"},
		{"email", "bob@example.org", "[EMAIL_2]"},
		{"EMAIL", "ann@example.org", "[EMAIL_1]"},
		{"birth_date", "ann@example.org", "[BIRTH_DATE_1]"}, // equal text, another kind
		{"our project's  name!", "Manhattan", "[OUR_PROJECT_S_NAME_1]"},
		{"x 1", "a", "[X_1_1]"},
		{"x", "a", "[X_1]"},
		{"3m", "a", "[N3M_1]"},
		{"", "a", "[VALUE_1]"},
		{"ü", "a", "[VALUE_1]"},
		{"ü", "b", "[VALUE_2]"},
		{strings.Repeat("long ", 20), "a", "[LONG_LONG_LONG_LONG_LONG_LONG_LO_1]"},
		{strings.Repeat("a", 31) + "_b", "", "[" + strings.Repeat("A", 31) + "_1]"},
	} {
		got := string(v.Placeholder([]byte("> "), c.name, []byte(c.value)))
		require.Equal(t, "> "+c.want, got, "%q %q", c.name, c.value)
		inner := strings.TrimPrefix(got, "> ")
		start, stop, ok := new(spelling).find([]byte(inner), 0, true)
		require.True(t, ok, got)
		require.Equal(t, inner, inner[start:stop])
		require.LessOrEqual(t, len(inner), 44)
		require.Equal(t, c.value, restore(v, Text, inner))
	}
	require.Equal(t, 11, v.Len())
}

func TestKeys(t *testing.T) {
	v := vaultOf("email", "ann@example.org", "a b", "x", "email", "ann@example.org")
	require.Equal(t, []string{"EMAIL\x00ann@example.org", "A_B\x00x"}, v.Keys())
}

func restore(v *Vault, form Form, pieces ...string) string {
	r := v.Restorer(form)
	var out []byte
	for _, p := range pieces {
		out = r.Write(out, []byte(p))
	}
	return string(r.End(out))
}

// everyCut restores a text in one piece, in two for every cut, and byte by byte.
func everyCut(t *testing.T, v *Vault, form Form, text string) string {
	whole := restore(v, form, text)
	for cut := range len(text) {
		require.Equal(t, whole, restore(v, form, text[:cut], text[cut:]), "%q at %d", text, cut)
	}
	require.Equal(t, whole, restore(v, form, strings.Split(text, "")...), "%q", text)
	return whole
}

func TestSpellings(t *testing.T) {
	v := vaultOf("email", "ann@example.org", "email", "bob", "birth date", "1.2.1990")
	for _, c := range []struct{ in, want string }{
		{"[EMAIL_1]", "ann@example.org"},
		{"a [EMAIL_1], b", "a ann@example.org, b"},
		{"[EMAIL_1][EMAIL_2]", "ann@example.orgbob"},
		{"[[EMAIL_1]]", "[ann@example.org]"},
		{"[EMAIL_[EMAIL_1]", "[EMAIL_ann@example.org"},
		{"[[[[EMAIL_2]]]]", "[[[bob]]]"},
		{"[EMAIL_12]", "[EMAIL_12]"}, // and not `ann…2]`
		{"[EMAIL_3]", "[EMAIL_3]"},
		{"[PHONE_1]", "[PHONE_1]"},
		{"[email_1]", "ann@example.org"},
		{"[Email_2]", "bob"},
		{`[EMAIL\_1]`, "ann@example.org"},
		{`[EMAIL\\_1]`, "ann@example.org"},
		{"[ Email 1 ]", "ann@example.org"},
		{"[EMAIL-1]", "ann@example.org"},
		{"[EMAIL _ 1]", "ann@example.org"},
		{"[Birth Date 1]", "1.2.1990"},
		{`[BIRTH\_DATE\_1]`, "1.2.1990"},
		{"[birth-date_1]", "1.2.1990"},
		{"[EMAIL1]", "[EMAIL1]"},
		{"[EMAIL_01]", "[EMAIL_01]"},
		{"[EMAIL_0]", "[EMAIL_0]"},
		{"[EMAIL_1_]", "[EMAIL_1_]"},
		{"[_EMAIL_1]", "[_EMAIL_1]"},
		{`[EMAIL_1\]`, `[EMAIL_1\]`},
		{`[EMAIL\1]`, `[EMAIL\1]`},
		{"[EMAIL_1", "[EMAIL_1"},
		{"EMAIL_1]", "EMAIL_1]"},
		{"[EMAIL\n_1]", "[EMAIL\n_1]"},
		{"[EMAIL_1234567890]", "[EMAIL_1234567890]"},
		{"[EMAIL_18446744073709551617]", "[EMAIL_18446744073709551617]"},
		{"[ÉMAIL_1]", "[ÉMAIL_1]"},
		// Code: an index of what stands before.
		{"op := code[email - 1]", "op := code[email - 1]"},
		{"stack[email-1], y[email_1] x1[EMAIL-1]", "stack[email-1], y[email_1] x1[EMAIL-1]"},
		{"f(x)[email_1][email_2] a_[Email 1]", "f(x)[email_1][email_2] a_[Email 1]"},
		{"to[EMAIL_1], x1[EMAIL\\_1][EMAIL_2][email_2]", "toann@example.org, x1ann@example.orgbob[email_2]"},
		{"= [email_1] ([email-1] 写[email-1] é[email 1] [x] [email 1]", "= ann@example.org (ann@example.org 写ann@example.org éann@example.org [x] ann@example.org"},
		{"Dear\\n[email 1] x\n[email 1]", "Dear\\nann@example.org x\nann@example.org"},
		{"[EMAIL" + strings.Repeat("_", MaxHeld-8) + "1]", "ann@example.org"},
		{"[EMAIL" + strings.Repeat("_", MaxHeld-7) + "1]", "[EMAIL" + strings.Repeat("_", MaxHeld-7) + "1]"},
		{"[EMAIL" + strings.Repeat("_", MaxHeld) + "[EMAIL_2]", "[EMAIL" + strings.Repeat("_", MaxHeld) + "bob"},
	} {
		require.Equal(t, c.want, everyCut(t, v, Text, c.in), c.in)
	}
}

func TestSpellingsInJSON(t *testing.T) {
	v := vaultOf("email", "ann@example.org", "email", "a \"quote\", a \\, \x00\x1f\n, é, 😀, \uFFFD")
	for _, c := range []struct{ in, want string }{
		{`{"to":"[EMAIL_1]"}`, `{"to":"ann@example.org"}`},
		{`{"to":"\u005bEMAIL_1]"}`, `{"to":"ann@example.org"}`},
		{`{"to":"\u005BEMAIL\u005F1\u005d"}`, `{"to":"ann@example.org"}`},
		{`{"to":"\u005b\u0045mail\\_1]"}`, `{"to":"ann@example.org"}`},
		{`{"to":"\u005b\u005bEMAIL_1]\u005d"}`, `{"to":"\u005bann@example.org\u005d"}`},
		{`{"to":"\\u005bEMAIL_1]"}`, `{"to":"\\u005bEMAIL_1]"}`}, // a backslash, then letters
		{`{"to":"\\\u005bEMAIL_1]"}`, `{"to":"\\ann@example.org"}`},
		{`{"to":"\u015bEMAIL_1]"}`, `{"to":"\u015bEMAIL_1]"}`},
		{`{"to":"\u00dbEMAIL_1]"}`, `{"to":"\u00dbEMAIL_1]"}`},
		{`{"to":"\"[EMAIL_1]\""}`, `{"to":"\"ann@example.org\""}`},
		{`{"to":"[EMAIL\"_1]"}`, `{"to":"[EMAIL\"_1]"}`},
		{`{"to":"[EMAIL\n_1]"}`, `{"to":"[EMAIL\n_1]"}`},
		{`{"to":"x[email - 1]\n[email 1] \u0078[email-1] \u5199[email-1] \u0020[email-1] \u005cn[email-1] \"[email-1]"}`, `{"to":"x[email - 1]\nann@example.org \u0078[email-1] \u5199ann@example.org \u0020ann@example.org \u005cnann@example.org \"ann@example.org"}`},
		{`{"to":"[EMAIL_1\\u005d"}`, `{"to":"[EMAIL_1\\u005d"}`},
		{`{"to":["[EMAIL_1]",["[EMAIL_3]"]]}`, `{"to":["ann@example.org",["[EMAIL_3]"]]}`},
		{`{"[EMAIL_1]":"\ud83d[EMAIL_1]"}`, `{"ann@example.org":"\ud83dann@example.org"}`},
		{`{"to":"[EMAIL_2]"}`, `{"to":"a \"quote\", a \\, \u0000\u001f\n, é, 😀, ` + "\uFFFD" + `"}`},
		// The escape that is cut off by the limit must not be read from its middle.
		{`{"to":"[E` + strings.Repeat("_", MaxHeld-3) + `\\u005bEMAIL_1]"}`, `{"to":"[E` + strings.Repeat("_", MaxHeld-3) + `\\u005bEMAIL_1]"}`},
		{`{"to":"[E` + strings.Repeat("_", MaxHeld-6) + `\u005bEMAIL_1]"}`, `{"to":"[E` + strings.Repeat("_", MaxHeld-6) + `ann@example.org"}`},
	} {
		require.True(t, json.Valid([]byte(c.in)), c.in)
		got := everyCut(t, v, JSON, c.in)
		require.Equal(t, c.want, got, c.in)
		require.True(t, json.Valid([]byte(got)), got)
	}
	// What is no JSON stays no JSON, and the same for every cut.
	for _, in := range []string{`\[EMAIL_1]`, `\u0[EMAIL_1]`, `\`, `\u005`, `[E\u00`, `\x[EMAIL_1]`, `[EMAIL\[EMAIL_1]`} {
		everyCut(t, v, JSON, in)
	}
}

func TestFind(t *testing.T) {
	text := "see [Figure 1], [x] and [EMAIL\\_2] [EMA"
	start, stop, ok := new(spelling).find([]byte(text), 0, false)
	require.True(t, ok)
	require.Equal(t, "[Figure 1]", text[start:stop])
	start, stop, ok = new(spelling).find([]byte(text), stop, false)
	require.True(t, ok)
	require.Equal(t, `[EMAIL\_2]`, text[start:stop])
	start, _, ok = new(spelling).find([]byte(text), stop, false)
	require.False(t, ok)
	require.Equal(t, "[EMA", text[start:])
	start, _, ok = new(spelling).find([]byte(text), stop, true)
	require.False(t, ok)
	require.Equal(t, len(text), start)
}

func TestRedactor(t *testing.T) {
	text := "[Figure 1] by ann@example.org [EMAIL_1], [secret-2] [PLACEHOLDER_1]"
	at := strings.Index(text, "ann")
	spans := []Span{{Start: at, End: at + 15, Name: "email"}}

	r := Redactor{Vault: new(Vault)}
	got, count := r.Append([]byte(">"), []byte(text), spans)
	require.Equal(t, ">[PLACEHOLDER_1] by [EMAIL_1] [PLACEHOLDER_2], [PLACEHOLDER_3] [PLACEHOLDER_4]", string(got))
	require.Equal(t, 5, count)
	require.Equal(t, ">"+text, restore(r.Vault, Text, string(got)))

	r = Redactor{Vault: new(Vault), Names: []string{Name("email"), Name("secret")}}
	got, count = r.Append(nil, []byte(text), spans)
	require.Equal(t, "[Figure 1] by [EMAIL_1] [PLACEHOLDER_1], [PLACEHOLDER_2] [PLACEHOLDER_3]", string(got))
	require.Equal(t, 4, count)
	require.Equal(t, text, restore(r.Vault, Text, string(got)))

	got, count = r.Append(nil, []byte("nothing [here]"), nil)
	require.Equal(t, "nothing [here]", string(got))
	require.Zero(t, count)

	// Nothing of either remains where two finds overlap.
	got, count = r.Append(nil, []byte("0123456789"), []Span{{Start: 1, End: 5, Name: "email"}, {Start: 3, End: 4, Name: "email"}, {Start: 4, End: 7, Name: "secret"}, {Start: 7, End: 7, Name: "email"}})
	require.Equal(t, "0[EMAIL_2][SECRET_1]789", string(got))
	require.Equal(t, 2, count)
}

// A text, spans in it and cuts of the answer, all from bytes: what is redacted and
// restored is the text, whatever the user has written.
func FuzzThereAndBack(f *testing.F) {
	f.Add("mail ann@example.org or [EMAIL_1]", []byte{5, 15, 0}, []byte{3, 1, 20})
	f.Add("[[EMAIL_1]][ Email 2 ][EMAIL\\_1]", []byte{1, 3, 1, 2, 2, 2}, []byte{1, 1, 1, 1})
	f.Add("[EMAIL_x1]", []byte{7, 1, 0}, []byte{9})
	f.Add("a[email-1]1.2[email_1] x\\n[email 1]", []byte{1, 1, 0, 8, 3, 0}, []byte{2})
	f.Add("[PLACEHOLDER_1] [PLACEHOLDER_2] \"\\\n\x00é😀", []byte{0, 4, 3}, []byte{})
	names := []string{"email", "secret", "birth_date", Written, "e-mail 1"}
	f.Fuzz(func(t *testing.T, text string, where, cuts []byte) {
		var spans []Span
		for at := 0; len(where) >= 3; where = where[3:] {
			s := Span{Start: at + int(where[0]), Name: names[int(where[2])%len(names)]}
			s.End = s.Start + int(where[1])
			if s.End > len(text) {
				break
			}
			spans, at = append(spans, s), s.End
		}
		r := Redactor{Vault: new(Vault)}
		if len(cuts)%2 == 1 {
			for _, n := range names {
				r.Names = append(r.Names, Name(n))
			}
		}
		redacted, count := r.Append(nil, []byte(text), spans)
		if count == 0 {
			require.Equal(t, text, string(redacted))
		}
		require.LessOrEqual(t, r.Vault.Len(), count)
		require.Equal(t, text, cutUp(t, r.Vault, Text, string(redacted), cuts))

		// The same through the source of a JSON string, if the text is one's text.
		text = strings.ToValidUTF8(text, "?")
		r.Vault = new(Vault)
		redacted, _ = r.Append(nil, []byte(text), nil)
		source, err := json.Marshal(string(redacted))
		require.NoError(t, err)
		var back string
		restored := cutUp(t, r.Vault, JSON, string(source), cuts)
		require.NoError(t, json.Unmarshal([]byte(restored), &back), "%s", restored)
		require.Equal(t, text, back)
	})
}

// cutUp restores a text in pieces whose lengths are cuts, again and again.
func cutUp(t *testing.T, v *Vault, form Form, text string, cuts []byte) string {
	r := v.Restorer(form)
	var out []byte
	fed := 0
	for i := 0; fed < len(text); i++ {
		n := len(text) - fed
		if len(cuts) > 0 {
			n = min(n, int(cuts[i%len(cuts)]%64)+1)
		}
		out = r.Write(out, []byte(text[fed:fed+n]))
		fed += n
		require.Less(t, r.Held(), MaxHeld)
	}
	out = r.End(out)
	require.Zero(t, r.Held())
	return string(out)
}

// Any bytes, in either form, come out the same for every cut; what the vault knows
// nothing of comes out as it went in; and JSON stays JSON that says what the text form
// of its strings would say.
func FuzzRestore(f *testing.F) {
	f.Add(`{"a":"\u005bEMAIL_1]","b":["[e-mail 1]","\ud83d[EMAIL_2]"]}`, []byte{1})
	f.Add(`"[EMAIL\u005c_1] \\u005bEMAIL_1]"`, []byte{2, 1})
	f.Add(`"x\u5199[email-1] x\u0020[email-1] \u005cn[email-1] \u0078[email-1] x[email\u005cn[email-1]"`, []byte{2, 1})
	f.Add(`"\\\u006e[email-1] \nx[email-1] \u00e9x[email-1] \\[email-1]"`, []byte{1})
	f.Fuzz(func(t *testing.T, text string, cuts []byte) {
		v := vaultOf("email", "\"\\\x01é\u2028😀[EMAIL_1]", "email", "plain", "birth_date", "")
		for _, form := range []Form{Text, JSON} {
			whole := restore(v, form, text)
			require.Equal(t, whole, cutUp(t, v, form, text, cuts))
			require.Equal(t, text, cutUp(t, new(Vault), form, text, cuts))
		}
		var before, after string
		if json.Unmarshal([]byte(text), &before) == nil && len(text) < MaxHeld {
			require.NoError(t, json.Unmarshal([]byte(restore(v, JSON, text)), &after))
			require.Equal(t, restore(v, Text, before), after)
		}
		if json.Valid([]byte(text)) {
			require.True(t, json.Valid([]byte(restore(v, JSON, text))), "%s", restore(v, JSON, text))
		}
	})
}

// A piece without a bracket costs a search for one, and no memory.
func TestNothingIsAllocated(t *testing.T) {
	v := vaultOf("email", "ann@example.org")
	out := make([]byte, 0, 4096)
	for _, form := range []Form{Text, JSON} {
		for _, p := range []string{"a piece of an answer", `{"to":"x\n"}`, "write to [EMAIL_1], or [EMAIL_2]"} {
			r := v.Restorer(form)
			require.Zero(t, testing.AllocsPerRun(100, func() { out = r.End(r.Write(out[:0], []byte(p))) }), p)
		}
	}
}

func BenchmarkRestore(b *testing.B) {
	v := new(Vault)
	for i := range 100 {
		v.Placeholder(nil, "email", []byte("someone"+strconv.Itoa(i)+"@example.org"))
	}
	for _, c := range []struct {
		name, piece string
		form        Form
	}{
		{"frame", " answer", Text},
		{"frame of JSON", `"to\":\"`, JSON},
		{"frame with a part", "[EMAI", Text},
		{"1 KB", strings.Repeat("a piece of text, ", 60), Text},
		{"1 KB of brackets", strings.Repeat("[", 1024), Text},
		{"1 KB of spellings", strings.Repeat("[EMAIL_99] and ", 68), Text},
		{"1 KB of escapes", strings.Repeat(`\u005bEMAIL\u005f99\u005d `, 39), JSON},
	} {
		b.Run(c.name, func(b *testing.B) {
			piece, out := []byte(c.piece), make([]byte, 0, 8192)
			r := v.Restorer(c.form)
			b.ReportAllocs()
			for b.Loop() {
				out = r.Write(out[:0], piece)
			}
		})
	}
}
