package compare

import (
	"bytes"
	"compress/gzip"
	_ "embed" // the tables
	"io"
	"slices"
	"strings"
	"sync"
)

//go:embed lexicon/words.txt.gz
var packedWords []byte

//go:embed lexicon/same.txt
var sameText string

//go:embed lexicon/apart.txt
var apartText string

//go:embed lexicon/frames.txt
var framesText string

//go:embed lexicon/known.txt
var knownText string

// lexicon is what is known of English. It is read once, at the first comparison.
type lexicon struct {
	words      wordTable
	added      map[string]string   // words of our own tables -> parts of speech
	irregular  map[string]string   // went -> go
	synsets    map[string][]int32  // WordNet's groups of other words for one another
	nouns      map[string][]string // noun of doing -> verbs
	classes    map[string][]int32  // same.txt: word or phrase -> groups
	apart      map[string][]int32  // apart.txt: word or phrase -> groups whose members never mean the same
	apartOf    []string            // their kind
	phrases    *trie               // by the words' lemmas
	frames     frames
	frameWords map[string]bool
	dropped    map[string]bool     // words that add nothing
	light      map[string]bool     // verbs that add nothing to a noun of doing
	names      map[string]string   // proper name -> what it is: country, language, software, …
	implied    map[string][]string // a word that the other words of a text imply
}

var load = sync.OnceValue(readLexicon)

func readLexicon() *lexicon {
	l := &lexicon{
		added: map[string]string{}, irregular: map[string]string{}, synsets: map[string][]int32{}, nouns: map[string][]string{},
		classes: map[string][]int32{}, apart: map[string][]int32{}, phrases: &trie{}, frameWords: map[string]bool{},
		dropped: map[string]bool{}, light: map[string]bool{}, names: map[string]string{}, implied: map[string][]string{},
	}
	l.readWords()
	l.readKnown()
	l.readSame()
	l.readApart()
	l.readFrames()
	return l
}

func (l *lexicon) readWords() {
	z, err := gzip.NewReader(bytes.NewReader(packedWords))
	if err != nil {
		panic("compare: words.txt.gz: " + err.Error()) // it was built in
	}
	raw, err := io.ReadAll(z)
	if err != nil {
		panic("compare: words.txt.gz: " + err.Error())
	}
	var group int32
	for line := range strings.Lines(string(raw)) {
		kind, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		switch kind {
		case "w":
			l.words.add(rest)
		case "s":
			for w := range strings.FieldsSeq(rest) {
				l.synsets[w] = append(l.synsets[w], group)
			}
			group++
		case "d":
			verb, noun, _ := strings.Cut(rest, " ")
			l.nouns[noun] = append(l.nouns[noun], verb)
		case "x":
			form, w, _ := strings.Cut(rest, " ")
			if _, seen := l.irregular[form]; !seen {
				l.irregular[form] = w
			}
		}
	}
}

// entries are the lines of a table without comments, cut at `head:`.
func entries(text string, yield func(head, rest string)) {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		head, rest, ok := strings.Cut(line, ": ")
		if !ok {
			head, rest = "", line
		}
		yield(head, rest)
	}
}

// readKnown reads the names and the words that lists of English do not have.
func (l *lexicon) readKnown() {
	entries(knownText, func(head, rest string) {
		for w := range strings.SplitSeq(rest, ",") {
			w = strings.TrimSpace(w)
			switch head {
			case "drop":
				l.dropped[w] = true
			case "light":
				l.light[w] = true
			default:
				if first, second, two := strings.Cut(head, " of "); two && first == "implied" {
					if strings.Contains(w, " ") {
						w = l.addPhrase(w)
					}
					l.implied[w] = append(l.implied[w], l.addPhrase(second))
					continue
				}
				if head != "word" {
					l.names[w] = head
				}
				if strings.Contains(w, " ") {
					l.addPhrase(w)
				}
				for part := range strings.FieldsSeq(w) {
					if l.parts(part) == "" {
						l.added[part] = "p"
						if head == "word" {
							l.added[part] = "n"
						}
					}
				}
			}
		}
	})
}

// readSame reads groups of words and phrases of one meaning.
func (l *lexicon) readSame() {
	var group int32
	entries(sameText, func(_, rest string) {
		for w := range strings.SplitSeq(rest, ",") {
			for _, w := range expand(strings.TrimSpace(w)) {
				for part := range strings.FieldsSeq(w) {
					if l.parts(part) == "" {
						l.added[part] = "-"
					}
				}
				key := l.addPhrase(w)
				l.classes[key] = append(l.classes[key], group)
			}
		}
		group++
	})
}

func (l *lexicon) readApart() {
	entries(apartText, func(head, rest string) {
		for w := range strings.SplitSeq(rest, ",") {
			key := l.addPhrase(strings.TrimSpace(w))
			l.apart[key] = append(l.apart[key], int32(len(l.apartOf)))
		}
		l.apartOf = append(l.apartOf, head)
	})
}

// addPhrase makes several words one, and gives the key by which they are known: the
// lemmas in a row.
func (l *lexicon) addPhrase(w string) string {
	words := strings.Fields(w)
	if len(words) > 1 {
		words = slices.DeleteFunc(words, func(w string) bool { return determiners[w] })
	}
	for i := range words {
		words[i] = l.lemma(words[i])
		if n := spelled[words[i]]; n != "" && len(words) > 1 {
			words[i] = n
		}
	}
	key := strings.Join(words, " ")
	if len(words) > 1 {
		l.phrases.add(words, key)
	}
	return key
}

// frames are how a request is put: what a clause begins with, what it ends with, and clauses
// that ask about the one before, or say nothing of what is asked. All are found by the words as they stand.
type frames struct{ prefix, suffix, back, idle patterns }

// trie finds the longest phrase at a place.
type trie struct {
	next  map[string]*trie
	value string
	ends  bool
}

func (t *trie) add(words []string, value string) {
	for _, w := range words {
		if t.next == nil {
			t.next = map[string]*trie{}
		}
		n := t.next[w]
		if n == nil {
			n = &trie{}
			t.next[w] = n
		}
		t = n
	}
	t.value, t.ends = value, true
}

// expand writes a pattern out: "show (me|us|) how" is two of three words and one of two.
func expand(pattern string) []string {
	from := strings.LastIndexByte(pattern, '(')
	if from < 0 {
		return []string{strings.Join(strings.Fields(pattern), " ")}
	}
	to := from + strings.IndexByte(pattern[from:], ')')
	if to < from {
		panic("compare: a pattern without its closing bracket: " + pattern)
	}
	var out []string
	for _, choice := range strings.Split(pattern[from+1:to], "|") {
		out = append(out, expand(pattern[:from]+choice+pattern[to+1:])...)
	}
	return out
}
