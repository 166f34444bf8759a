package labelled

import (
	"embed"
	"fmt"
	"math/rand/v2"
	"strings"
)

//go:embed testdata/*.txt
var files embed.FS

// Split says what a text may be used for.
type Split string

const (
	Development Split = "development" // whoever writes a finder may read it
	HeldOut     Split = "held-out"    // and may not read this: results are stated on it
)

// Text is one labelled text. As JSON it is a line of the file that `benchguard -texts` writes.
type Text struct {
	Text  string `json:"text"`
	Spans []Span `json:"spans"`          // in order, not overlapping; none in a negative
	From  string `json:"from"`           // hand, generated, negative (by hand) or negative-generated
	Split Split  `json:"split"`          //
	Name  string `json:"name,omitempty"` // its file and number there; generated ones have the seed's number
}

// Span is a value in a text, in characters (code points).
type Span struct {
	Kind  string `json:"kind"` // the policy's word
	Start int    `json:"start"`
	End   int    `json:"end"`
	What  string `json:"what,omitempty"` // the generator that made it, if one did
}

// Negative says that nothing in the text is to be found.
func (t Text) Negative() bool { return strings.HasPrefix(t.From, "negative") }

// How many texts are made from frames for each split. A frame is used about ten times, each with other values.
const (
	generated         = 900
	generatedNegative = 400
)

// Read gives all texts of a split: the same ones for the same seed.
func Read(split Split, seed uint64) ([]Text, error) {
	r := rand.New(rand.NewPCG(seed, uint64(len(split))))
	var texts []Text
	for _, file := range []struct{ name, from string }{{"hand", "hand"}, {"negatives", "negative"}} {
		records, err := records(file.name, split, "\n%%\n")
		if err != nil {
			return nil, err
		}
		for i, record := range records {
			t, err := fill(record, r)
			if err != nil {
				return nil, fmt.Errorf("labelled: %s-%s.txt, text %d: %w", file.name, split, i+1, err)
			}
			t.From, t.Split, t.Name = file.from, split, fmt.Sprintf("%s-%s %d", file.name, split, i+1)
			texts = append(texts, t)
		}
	}
	for _, file := range []struct {
		name, from string
		n          int
	}{{"frames", "generated", generated}, {"negative-frames", "negative-generated", generatedNegative}} {
		frames, err := records(file.name, split, "\n")
		if err != nil {
			return nil, err
		}
		more, err := generate(frames, file.n, r)
		if err != nil {
			return nil, fmt.Errorf("labelled: %s-%s.txt: %w", file.name, split, err)
		}
		for i := range more {
			more[i].From, more[i].Split, more[i].Name = file.from, split, fmt.Sprintf("%s-%s %d", file.name, split, i+1)
		}
		texts = append(texts, more...)
	}
	return texts, nil
}

// records reads a file of marked texts. Lines that begin with "#! " are remarks.
func records(name string, split Split, separator string) ([]string, error) {
	data, err := files.ReadFile("testdata/" + name + "-" + string(split) + ".txt")
	if err != nil {
		return nil, fmt.Errorf("labelled: %w", err)
	}
	var kept []string
	for line := range strings.Lines(string(data)) {
		if !strings.HasPrefix(line, "#! ") {
			kept = append(kept, line)
		}
	}
	var out []string
	for record := range strings.SplitSeq(strings.Join(kept, ""), separator) {
		if record = strings.Trim(record, "\n"); record != "" {
			out = append(out, record)
		}
	}
	return out, nil
}
