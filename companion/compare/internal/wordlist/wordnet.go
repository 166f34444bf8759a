package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// files are WordNet's parts of speech as its files and its data lines name them.
var files = []struct{ name, letter string }{{"noun", "n"}, {"verb", "v"}, {"adj", "a"}, {"adv", "r"}}

// meaning is one word in one part of speech, and the senses of it, most common first.
type meaning struct {
	word, part string
}

type sense struct {
	synset string // part and offset
	count  int    // how often the sense was found in WordNet's tagged texts
}

type database struct {
	senses  map[meaning][]sense
	parts   map[string]map[string]int // word -> part -> tagged count, as the word is spelt
	members map[string][]string       // synset -> words
	derived map[[2]meaning]bool       // both ways
	lexfile map[string]string
	forms   map[string][2]string // irregular form -> word, part
}

func readWordNet(dir string) (*database, error) {
	db := &database{
		senses: map[meaning][]sense{}, parts: map[string]map[string]int{}, members: map[string][]string{},
		derived: map[[2]meaning]bool{}, lexfile: map[string]string{}, forms: map[string][2]string{},
	}
	counts, err := readCounts(filepath.Join(dir, "cntlist.rev"))
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		if err := db.readData(filepath.Join(dir, "data."+f.name), f.letter); err != nil {
			return nil, err
		}
	}
	for _, f := range files {
		if err := db.readIndex(filepath.Join(dir, "index."+f.name), f.letter, counts); err != nil {
			return nil, err
		}
		text, err := os.ReadFile(filepath.Join(dir, f.name+".exc"))
		if err != nil {
			return nil, err
		}
		for line := range strings.Lines(string(text)) {
			if form := strings.Fields(line); len(form) > 1 {
				db.forms[form[0]] = [2]string{form[1], f.letter}
			}
		}
	}
	return db, nil
}

// readCounts reads lines like `reset%2:30:00:: 1 3`: sense key, sense number, count.
func readCounts(path string) (map[string]int, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	letters := map[byte]string{'1': "n", '2': "v", '3': "a", '4': "r", '5': "a"}
	counts := map[string]int{}
	for line := range strings.Lines(string(text)) {
		var key string
		var number, count int
		if _, err := fmt.Sscan(line, &key, &number, &count); err != nil {
			return nil, fmt.Errorf("wordlist: %s: %q: %w", path, line, err)
		}
		word, rest, _ := strings.Cut(key, "%")
		counts[fmt.Sprint(word, "/", letters[rest[0]], number)] = count
	}
	return counts, nil
}

// readData reads a line like
// `00003426 29 v 04 burp 0 bubble 0 … 005 @ 00005041 v 0000 + 00117578 n 0405 …`.
func (db *database) readData(path, part string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	type link struct{ from, to, pair string }
	var links []link
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, " ") {
			continue
		}
		f := strings.Fields(line)
		id := part + f[0]
		db.lexfile[id] = f[1]
		var n int
		if _, err := fmt.Sscanf(f[3], "%x", &n); err != nil {
			return fmt.Errorf("wordlist: %s: %q: %w", path, line, err)
		}
		for i := range n {
			word, _, _ := strings.Cut(f[4+2*i], "(")
			db.members[id] = append(db.members[id], word)
			if db.parts[word] == nil {
				db.parts[word] = map[string]int{}
			}
			db.parts[word][part] += 0
		}
		p := f[5+2*n:]
		for len(p) >= 4 && p[0] != "|" {
			if p[0] == "+" {
				links = append(links, link{id, p[2] + p[1], p[3]})
			}
			p = p[4:]
		}
	}
	for _, l := range links {
		var from, to int
		if _, err := fmt.Sscanf(l.pair, "%02x%02x", &from, &to); err != nil || from == 0 {
			continue
		}
		db.derived[[2]meaning{{db.members[l.from][from-1], part}, {l.to, fmt.Sprint(to)}}] = true
	}
	return nil
}

// readIndex reads a line like `reset v 3 2 @ + 3 1 00947609 00298773 00297669`.
func (db *database) readIndex(path, part string, counts map[string]int) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, " ") {
			continue
		}
		f := strings.Fields(line)
		var n int
		if _, err := fmt.Sscan(f[2], &n); err != nil {
			return fmt.Errorf("wordlist: %s: %q: %w", path, line, err)
		}
		for i, offset := range f[len(f)-n:] {
			count := counts[fmt.Sprint(f[0], "/", part, i+1)]
			db.senses[meaning{f[0], part}] = append(db.senses[meaning{f[0], part}], sense{part + offset, count})
			if p := db.parts[f[0]]; p != nil {
				p[part] += count
			}
		}
	}
	return nil
}

// partsOf is the parts of speech of a word, the most common first, those that are rare
// beside its others left out.
func (db *database) partsOf(w string) string {
	total := 0
	for _, n := range db.parts[w] {
		total += n + 1
	}
	var letters []string
	for _, f := range files {
		if n, is := db.parts[w][f.letter]; is && ((n+1)*12 >= total || f.letter == "v" && n > 1) {
			letters = append(letters, f.letter)
		}
	}
	slices.SortStableFunc(letters, func(x, y string) int { return db.parts[w][y] - db.parts[w][x] })
	if len(letters) == 0 {
		title := strings.ToUpper(w[:1]) + w[1:]
		if db.parts[title] != nil || db.parts[strings.ToUpper(w)] != nil {
			return "p"
		}
		return "-"
	}
	return strings.Join(letters, "")
}

// common tells whether a word is used in this sense often: its first sense, or one that
// makes up a fifth of what was tagged.
func (db *database) common(word, part, synset string) bool {
	total := 0
	all := db.senses[meaning{strings.ToLower(word), part}]
	for _, s := range all {
		total += s.count
	}
	for i, s := range all {
		if s.synset == synset {
			return i == 0 || s.count*5 >= total && s.count > 0 || i < 2 && total == 0
		}
	}
	return false
}

func (db *database) synonyms(known map[string]bool) [][]string {
	var groups [][]string
	for _, id := range slices.Sorted(maps.Keys(db.members)) {
		var group []string
		for _, w := range db.members[id] {
			if isWord(w) && known[w] && db.common(w, id[:1], id) {
				group = append(group, w)
			}
		}
		if len(group) > 1 {
			groups = append(groups, group)
		}
	}
	return groups
}

// nouns are the endings of a noun that is the doing of a verb. Those of who does it or to
// whom it is done (employer, employee) are not among them.
var nouns = []string{"tion", "sion", "ment", "al", "ance", "ence", "ing", "ure", "age", "y", "th"}

func (db *database) nominalisations(known map[string]bool) [][2]string {
	found := map[[2]string]bool{}
	for pair := range db.derived {
		from, synset := pair[0], pair[1].word
		var to int
		if _, err := fmt.Sscan(pair[1].part, &to); err != nil || to == 0 || to > len(db.members[synset]) {
			continue
		}
		verb, noun := from.word, db.members[synset][to-1]
		if from.part != "v" || synset[0] != 'n' || verb == noun || !isWord(verb) || !isWord(noun) || !known[verb] || !known[noun] {
			continue
		}
		if !slices.ContainsFunc(nouns, func(end string) bool { return strings.HasSuffix(noun, end) }) {
			continue
		}
		// acts, processes, communications, cognition, events: not artefacts and not people
		if lex := db.lexfile[synset]; lex != "04" && lex != "22" && lex != "10" && lex != "09" && lex != "11" && lex != "26" && lex != "21" && lex != "07" {
			continue
		}
		if !db.common(noun, "n", synset) {
			continue
		}
		found[[2]string{verb, noun}] = true
	}
	list := slices.Collect(maps.Keys(found))
	slices.SortFunc(list, func(a, b [2]string) int { return strings.Compare(a[0]+" "+a[1], b[0]+" "+b[1]) })
	return list
}

func (db *database) irregular(known map[string]bool) [][2]string {
	var list [][2]string
	for _, form := range slices.Sorted(maps.Keys(db.forms)) {
		to := db.forms[form]
		if isWord(form) && isWord(to[0]) && known[form] && known[to[0]] && to[1] != "a" && to[1] != "r" {
			list = append(list, [2]string{form, to[0]})
		}
	}
	return list
}
