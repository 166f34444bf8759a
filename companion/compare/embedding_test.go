package compare_test

import (
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/companion/compare"
)

func TestToEmbed(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"cannnot conect to teh docker deamon", "cannot connect to the docker daemon"},
		{"how do i recieve my certficate", "how do i receive my certificate"},
		{"My PR cannot be merged", "My pull request cannot be merged"},
		{"What is PR in marketing?", "What is PR in marketing?"},
		{"The shop opens at 3pm.", "The shop opens at 15:00."},
		{"It opens at 3:30 p.m.", "It opens at 15:30."},
		{"enrolment programme", "enrollment program"},
		{"data base back up", "database backup"},
		{"how to backup my phone", "how to back up my phone"},
		{"What is one half of 12?", "What is 1/2 of 12?"},
		{"Who was Louis the Fourteenth?", "Who was Louis XIV?"},
		{"Hi there, could you please tell me how to boil an egg? Thanks!", "how to boil an egg?"},
		{"okay so basically I just wanted to ask how I can cancel", "how I can cancel"},
		{"I was wondering where my parcel is, please", "where my parcel is"},
		{"What's  two hundred and fifty km in miles?", "What is 250 km in miles?"},
		{"Flights on May 3rd, 2026", "Flights on 3 May 2026"},
		{"Flights on 2026-05-03", "Flights on 3 May 2026"},
		{"I can’t pay 20 euros", "I cannot pay €20"},
		{"a discount of 5 per cent", "a discount of 5%"},
		{"convert 5km and twenty-five kilos", "convert 5 km and 25 kg"},
		{"Können Sie mir bitte sagen, wie ich mein Passwort ändere?", "wie ich mein Passwort ändere?"},
		{"Hallo, wie kann ich mein Passwort zurücksetzen?", "wie kann ich mein Passwort zurücksetzen?"},
		{"webbrowser with e-mail", "web browser with email"},
		{"what does `teh` and \"recieve\" mean", "what does `teh` and \"recieve\" mean"},
		{"pip install reqests", "pip install reqests"},
		{"Reach Kubernetse support", "Reach Kubernetse support"}, // a name
		{"hello world", "hello world"},
		{"thanks", "thanks"}, {"", ""}, {"please please please", "please"},
	} {
		require.Equal(t, c.want, compare.ToEmbed(c.text), c.text)
	}
}

// TestToEmbedPlain: the reported similarity of ordinary prompts is that of their texts.
func TestToEmbedPlain(t *testing.T) {
	plain, err := os.ReadFile("testdata/plain.txt")
	require.NoError(t, err)
	n := 0
	for line := range strings.Lines(string(plain)) {
		line = strings.TrimSuffix(line, "\n")
		require.Equal(t, line, compare.ToEmbed(line))
		n++
	}
	require.Greater(t, n, 200)
}

// TestToEmbedLong: what is longer than 64 KiB is not looked at, and what is shorter takes
// no longer than reading it does.
func TestToEmbedLong(t *testing.T) {
	long := strings.Repeat("teh ", 1<<14) + "teh"
	require.Equal(t, long, compare.ToEmbed(long))
	require.NotEqual(t, long[8:], compare.ToEmbed(long[8:]))
}

func FuzzToEmbed(f *testing.F) {
	pairs, err := os.ReadFile("testdata/pairs-author.jsonl")
	require.NoError(f, err)
	for line := range strings.Lines(string(pairs)) {
		f.Add(line)
	}
	f.Add("please \xff3pm 3 p.m. 1/0 the XIV ` \" ' - 20 per cent cent")
	f.Fuzz(func(t *testing.T, text string) {
		once := compare.ToEmbed(text)
		require.Equal(t, once, compare.ToEmbed(once), text)
		require.True(t, utf8.ValidString(once) || !utf8.ValidString(text))
	})
}

func BenchmarkToEmbed(b *testing.B) {
	compare.Warm()
	for name, text := range map[string]string{
		"plain":  "How do I get my money back for an order that arrived damaged, and how long will the refund take?..",
		"folded": "hi there, can u tell me how i can recieve teh mony back for my ordr that arived at 3 pm on May 3, 2026",
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				compare.ToEmbed(text)
			}
		})
	}
}
