package compare_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/companion/compare"
)

// one is a pair of prompts; reason is what the verdict's has to contain.
type one struct{ a, b, reason string }

func TestSame(t *testing.T) {
	for kind, pairs := range map[string][]one{
		"text":        {{"Where is my parcel?", "Where is my parcel?", "same text"}, {"a  b\nc", "a b c", "spaces"}},
		"case":        {{"WHAT IS OSMOSIS", "what is osmosis?", "same words"}},
		"politeness":  {{"close my account", "Hello, could you please close my account? Many thanks!", "politeness"}},
		"contraction": {{"Why won't the lid open?", "Why will the lid not open?", ""}},
		"spelling":    {{"the colour of the theatre", "the color of the theater", ""}},
		"typing":      {{"how do i recieve my certficate", "How do I receive my certificate?", "typing"}},
		"compound":    {{"my e-mail pass word", "my email password", "compound"}},
		"numbers":     {{"ten litres for 1,500 people", "10 l for 1500 people", ""}, {"one half of 30k", "1/2 of 30,000", ""}},
		"units":       {{"wait 90 minutes", "wait 1.5 hours", ""}, {"a 3 kg bag", "a 3000 g bag", ""}},
		"dates":       {{"open on 3 May 2027?", "open on 2027-05-03?", ""}, {"due 9th of June", "due June 9", ""}},
		"clock":       {{"ring at 3pm", "ring at 15:00", ""}},
		"acronym":     {{"What is the gross national product?", "What is the GNP?", "acronym"}},
		"frame":       {{"How do I rotate a photo?", "I'd like to rotate a photo", ""}, {"rotate a photo", "what's the best way to rotate a photo", ""}},
		"synonym":     {{"Where can I purchase stamps?", "Where can I buy stamps?", "synonym"}},

		"order":      {{"In Norway, who pays for roads?", "Who pays for roads in Norway?", ""}, {"the lid of the jar", "the jar's lid", ""}},
		"passive":    {{"The storm destroyed the pier. Who pays?", "The pier was destroyed by the storm. Who pays?", ""}},
		"quotes":     {{"What does `tail -f` do?", "what does \"tail -f\" do", ""}},
		"implied":    {{"Who is the president?", "Who is the US president?", "usa"}},
		"comparison": {{"difference between rye and spelt", "How does spelt differ from rye?", ""}},
		"conversion": {{"Convert 3 miles to km", "How many kilometres are 3 miles?", ""}},
		"passage":    {{"Please summarise this:\n" + passage, "Summarise this: " + passage + "\nThanks!", ""}},
		"german":     {{"Wo finde ich meine Rechnung?", "wo finde ich meine rechnung bitte", ""}},
	} {
		for _, p := range pairs {
			for _, turned := range [][2]string{{p.a, p.b}, {p.b, p.a}} {
				v := compare.Compare(turned[0], turned[1])
				require.True(t, v.Same, "%s: %q / %q: %s", kind, turned[0], turned[1], v.Reason)
				require.False(t, v.Veto)
				require.Contains(t, v.Reason, p.reason, kind)
			}
		}
	}
}

func TestVeto(t *testing.T) {
	for kind, pairs := range map[string][]one{
		"number":      {{"refund ticket 8841", "refund ticket 8814", "number: 8814 / 8841"}, {"python 3.1", "python 3.10", "number"}, {"name five rivers", "name six rivers", "number: 5 / 6"}},
		"unit":        {{"take 500 mg", "take 500 g", "unit"}, {"drive 90 km", "drive 90 miles", "unit"}},
		"currency":    {{"send $40", "send €40", "currency"}},
		"date":        {{"a table for 3 May", "a table for 4 May", "date"}, {"meet on Monday", "meet on Tuesday", "date"}},
		"time":        {{"wake me at 6am", "wake me at 6pm", "time"}},
		"negation":    {{"Why does the lamp blink?", "Why does the lamp not blink?", "negation"}},
		"opposite":    {{"lock the door", "unlock the door", "operation"}, {"pasta with garlic", "pasta without garlic", "opposite"}},
		"operation":   {{"How do I mute a channel?", "How do I delete a channel?", "operation"}},
		"identifier":  {{"what is in /etc/hosts", "what is in /etc/passwd", "identifier"}, {"grep -v", "grep -V", "identifier"}},
		"quoted":      {{"spell \"affect\"", "spell \"effect\"", "quoted"}},
		"language":    {{"sort a list in Ruby", "sort a list in Rust", "language"}, {"say it in Dutch", "say it in Danish", "language"}},
		"role":        {{"trains from Bern to Graz", "trains from Graz to Bern", "role"}, {"merge dev into main", "merge main into dev", "role"}, {"What is the tip in a restaurant?", "What is the tip of a restaurant?", "role"}},
		"order":       {{"The fox chased the hare. Why?", "The hare chased the fox. Why?", "order"}},
		"person":      {{"renew his passport", "renew her passport", "person"}},
		"modality":    {{"Can I freeze it?", "Must I freeze it?", "modality"}},
		"tense":       {{"Who is the mayor of Linz?", "Who was the mayor of Linz?", "tense"}},
		"country":     {{"wages in Sweden", "wages in Norway", "country"}},
		"hidden":      {{"close my account", "close my acc\u200bount", "hidden"}, {"a\u202eb c", "ab c", "hidden"}},
		"scripts":     {{"close my account", "close my \u0430ccount", "mixed scripts"}},
		"long detail": {{passage + " The bill was 1,240 euros.", passage + " The bill was 1,420 euros.", "number"}},
	} {
		for _, p := range pairs {
			for _, turned := range [][2]string{{p.a, p.b}, {p.b, p.a}} {
				v := compare.Compare(turned[0], turned[1])
				require.False(t, v.Same, "%s: %q / %q: %s", kind, turned[0], turned[1], v.Reason)
				require.True(t, v.Veto, "%s: %q / %q: %s", kind, turned[0], turned[1], v.Reason)
				require.Contains(t, v.Reason, p.reason)
			}
		}
	}
}

// What cannot be explained is not the same, and not known to be different either.
func TestUnexplained(t *testing.T) {
	for _, p := range []one{
		{"flights to Oslo", "cheap flights to Oslo", "unexplained: cheap"},
		{"How long does a permit take?", "How long does a permit take with the express option?", "unexplained: express, option"},
		{"Is it safe to swim?", "Is it safe to swim with a fever?", "unexplained: fever"},
		{"Who owns the river?", "When was the river named?", "unexplained"},
		{"Does my landlord have to paint?", "Do I have to paint for my landlord?", "unexplained: who does it: i / landlord"},
		{"Does my employer have to pay?", "Do I have to pay my employer?", "unexplained: who does it"},
		{"Wo ist der Bahnhof?", "Wo ist der Flughafen?", "unexplained: not english: bahnhof / flughafen"},
	} {
		v := compare.Compare(p.a, p.b)
		require.Equal(t, compare.Verdict{Reason: v.Reason}, v)
		require.Contains(t, v.Reason, p.reason)
	}
}

func TestLongTexts(t *testing.T) {
	words := strings.Repeat("all work and no play ", 5000)
	for _, p := range [][2]string{
		{words, words + "x"}, {words, strings.ToUpper(words)}, {strings.Repeat("a", 1<<20), strings.Repeat("b", 1<<20)},
		{strings.Repeat("(", 50_000), strings.Repeat("\"", 50_000)}, {strings.Repeat("1 ", 20_000), strings.Repeat("1. ", 20_000)},
		{strings.Repeat("not ", 900), strings.Repeat("never ", 700)}, {strings.Repeat("two hundred ", 300), strings.Repeat("'s ' ", 900)},
	} {
		require.False(t, compare.Compare(p[0], p[1]).Same)
		require.True(t, compare.Compare(p[0], p[0]).Same)
	}
}

const passage = `The boiler was installed in the cellar of the old mill in the spring, by two brothers from the village.
It has a pump, a tank of copper and a pipe that leads to the roof. Every week somebody looks at the gauge and writes
down what it shows. In the winter the pipe froze, and the tank leaked into the room with the archive.`
