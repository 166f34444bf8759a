package compare

import "strings"

// appendWord takes a contraction apart and sets the possessive aside.
func appendWord(out []token, body string) []token {
	low := strings.ToLower(body)
	named := len(body) > 0 && low != body && len(out) > 0 && out[len(out)-1].ends != stop
	if parts, ok := contractions[low]; ok {
		for i, p := range strings.Fields(parts) {
			out = append(out, token{text: p, raw: p, soft: i > 0 && p == "not"})
		}
		return out
	}
	if body == "US" || low == "us" && len(out) > 0 && out[len(out)-1].text == "the" {
		return append(out, token{text: "usa", raw: "US", name: true})
	}
	if n := roman(body); n != "" && len(out) > 0 && out[len(out)-1].raw != strings.ToLower(out[len(out)-1].raw) {
		return append(out, token{kind: number, text: n, unit: "roman", raw: n})
	}
	if base, ok := strings.CutSuffix(low, "n't"); ok && base != "" {
		return append(out, token{text: base, raw: base}, token{text: "not", raw: "not", soft: true})
	}
	for _, c := range [...]struct{ end, word string }{{"'ll", "will"}, {"'ve", "have"}, {"'re", "are"}, {"'d", "would"}, {"'m", "am"}} {
		if base, ok := strings.CutSuffix(low, c.end); ok && base != "" {
			return append(out, token{text: base, raw: body[:len(base)], name: named && base != "i"}, token{text: c.word, raw: c.word})
		}
	}
	if base, ok := strings.CutSuffix(low, "'s"); ok && base != "" {
		switch base {
		case "what", "who", "where", "when", "how", "it", "that", "there", "here", "he", "she", "why":
			return append(out, token{text: base, raw: base}, token{text: "is", raw: "is"})
		}
		return append(out, token{text: base, raw: body[:len(body)-2], name: named}, token{text: "'s", raw: "'s"})
	}
	if base, ok := strings.CutSuffix(low, "'"); ok && base != "" {
		return append(out, token{text: base, raw: body[:len(body)-1], name: named}, token{text: "'s", raw: "'s"})
	}
	return append(out, token{text: strings.ReplaceAll(low, "'", ""), raw: body, name: named && low != "i"})
}

// contractions that are not a word and an ending, and those that are written without
// their apostrophe.
var contractions = map[string]string{
	"can't": "can not", "cannot": "can not", "won't": "will not", "shan't": "shall not", "ain't": "is not", "let's": "let us",
	"cant": "can not", "wont": "will not", "dont": "do not", "doesnt": "does not", "didnt": "did not", "isnt": "is not", "arent": "are not",
	"wasnt": "was not", "werent": "were not", "havent": "have not", "hasnt": "has not", "hadnt": "had not", "couldnt": "could not",
	"shouldnt": "should not", "wouldnt": "would not", "mustnt": "must not", "im": "i am", "ive": "i have", "youre": "you are",
	"theyre": "they are", "thats": "that is", "whats": "what is", "wheres": "where is", "whos": "who is", "hows": "how is", "whens": "when is",
	"gonna": "going to", "wanna": "want to", "gotta": "have to", "y'all": "you", "theres": "there is", "u": "you", "ur": "your", "tmrw": "tomorrow", "tmr": "tomorrow", "bday": "birthday", "msg": "message", "pwd": "password", "acct": "account", "b/c": "because", "cuz": "because", "bc": "because", "coz": "because", "ppl": "people", "abt": "about", "w/": "with", "approx": "about", "mgmt": "management", "dept": "department", "temp": "temperature", "qty": "quantity", "appt": "appointment", "dunno": "do not know", "gimme": "give me", "lemme": "let me", "kinda": "kind of", "alot": "a lot", "aswell": "as well", "didn": "did", "c'mon": "come on", "o'clock": "o'clock", "doesn": "does", "youve": "you have",
	"where'd": "where would", "how'd": "how did", "why'd": "why did", "whatre": "what are",
}
