package tokenizer

import (
	"math"
	"sync"
	"testing"

	"github.com/sluice-gateway/sluice/tokenizer/internal/build"
)

// slow is the encoder that is obviously right, and the oracle of the fast one: it takes the pieces of the same rule, and in
// each merges the pair of the lowest rank, from the left, until no pair merges.
type slow struct {
	rule       rule
	vocabulary *build.Vocabulary
}

var vocabularies = sync.OnceValue(func() map[string]*build.Vocabulary {
	all := map[string]*build.Vocabulary{}
	for _, name := range build.Names() {
		v, err := build.Read(name)
		if err != nil {
			panic(err)
		}
		all[name] = v
	}
	return all
})

func slowFor(e *Encoding) slow { return slow{e.rule, vocabularies()[e.name]} }

func (s slow) encode(text string) []uint32 {
	ids := []uint32{}
	for i := 0; i < len(text); {
		end, _ := s.rule.piece(text, i)
		ids = append(ids, s.piece(text[i:end])...)
		i = end
	}
	return ids
}

func (s slow) piece(piece string) []uint32 {
	var parts []string
	for i := range len(piece) {
		parts = append(parts, piece[i:i+1])
	}
	for {
		best, at := math.MaxInt, -1
		for i := 0; i+1 < len(parts); i++ {
			if rank, ok := s.vocabulary.Rank([]byte(parts[i] + parts[i+1])); ok && rank < best {
				best, at = rank, i
			}
		}
		if at < 0 {
			break
		}
		parts = append(append(parts[:at:at], parts[at]+parts[at+1]), parts[at+2:]...)
	}
	ids := make([]uint32, len(parts))
	for i, part := range parts {
		rank, _ := s.vocabulary.Rank([]byte(part))
		ids[i] = uint32(rank)
	}
	return ids
}

func encodings() []*Encoding { return []*Encoding{O200kBase(), Cl100kBase()} }

func forEach(t *testing.T, test func(t *testing.T, e *Encoding)) {
	for _, e := range encodings() {
		t.Run(e.Name(), func(t *testing.T) { test(t, e) })
	}
}
