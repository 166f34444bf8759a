// Command wordlist makes lexicon/words.txt.gz, the words that package compare knows: their
// parts of speech, which of them are other words for one another, and which are the noun
// of a verb. It reads WordNet 3.0's database and SCOWL's lists, as Debian's packages
// wordnet-base and scowl unpack them:
//
//	go run ./internal/wordlist -wordnet DIR/usr/share/wordnet -scowl DIR/usr/share/dict/scowl -out lexicon/words.txt.gz
package main

import (
	"bytes"
	"compress/gzip"
	"flag"
	"fmt"
	"log"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// SCOWL sorts its lists by how rare their words are. Those up to common are the words of
// the language that a text is in; those up to largest, and WordNet's, are rare: no typing
// errors, but an American spelling goes before them.
const (
	common  = 60
	largest = 70
)

func main() {
	wordnet := flag.String("wordnet", "", "directory of WordNet's database")
	scowl := flag.String("scowl", "", "directory of SCOWL's final lists")
	out := flag.String("out", "lexicon/words.txt.gz", "file to write")
	flag.Parse()
	if err := run(*wordnet, *scowl, *out); err != nil {
		log.Fatal(err)
	}
}

// run writes one line a word or relation, first letters apart:
//
//	w book nv      a known word, and the parts of speech that it has in common use;
//	               ? behind them for a rare word
//	s start begin  other words for one another in a common sense
//	d cancel cancellation   a verb, and the noun of doing it
//	x went go      an irregular form, and its word
func run(wordnet, scowl, out string) error {
	known, err := knownWords(scowl, largest)
	if err != nil {
		return err
	}
	frequent, err := knownWords(scowl, common)
	if err != nil {
		return err
	}
	rare := map[string]bool{}
	for w := range known {
		rare[w] = !frequent[w]
	}
	db, err := readWordNet(wordnet)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	for w := range db.parts {
		if isWord(strings.ToLower(w)) && (strings.ToLower(w) != w || len(w) > 4) {
			if lower := strings.ToLower(w); !known[lower] {
				known[lower], rare[lower] = true, true
			}
		}
	}
	for _, w := range slices.Sorted(maps.Keys(known)) {
		mark := ""
		if rare[w] {
			mark = "?"
		}
		fmt.Fprintf(&b, "w %s %s%s\n", w, db.partsOf(w), mark)
	}
	for _, group := range db.synonyms(known) {
		fmt.Fprintf(&b, "s %s\n", strings.Join(group, " "))
	}
	for _, pair := range db.nominalisations(known) {
		fmt.Fprintf(&b, "d %s %s\n", pair[0], pair[1])
	}
	for _, pair := range db.irregular(known) {
		fmt.Fprintf(&b, "x %s %s\n", pair[0], pair[1])
	}
	var packed bytes.Buffer
	z, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := z.Write(b.Bytes()); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	return os.WriteFile(out, packed.Bytes(), 0o644)
}

// knownWords reads the lists common to all English and the American ones; spellings of
// elsewhere are brought to these when a text is read.
func knownWords(dir string, largest int) (map[string]bool, error) {
	known := map[string]bool{}
	for _, list := range []string{"english-words", "american-words", "english-upper", "english-proper-names"} {
		files, err := filepath.Glob(filepath.Join(dir, list+".*"))
		if err != nil {
			return nil, err
		}
		for _, file := range files {
			var size int
			if _, err := fmt.Sscanf(filepath.Ext(file), ".%d", &size); err != nil || size > largest {
				continue
			}
			text, err := os.ReadFile(file)
			if err != nil {
				return nil, err
			}
			for w := range strings.Lines(string(text)) {
				if w = strings.ToLower(strings.TrimSpace(w)); isWord(w) {
					known[w] = true
				}
			}
		}
	}
	if len(known) == 0 {
		return nil, fmt.Errorf("wordlist: no words in %s", dir)
	}
	return known, nil
}

func isWord(w string) bool {
	for i := range len(w) {
		if w[i] < 'a' || w[i] > 'z' {
			return false
		}
	}
	return len(w) > 0
}
