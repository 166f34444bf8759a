package guard

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/sluice-gateway/sluice/companion/embed"
	"github.com/sluice-gateway/sluice/guard/match"
	"github.com/sluice-gateway/sluice/policy"
)

// meaning is a rule by meaning: it compares texts with examples, by the companion's own
// embedder.
//
//	examples ──▶ vectors, once
//	text ──▶ pieces ──▶ vectors ──▶ the greatest cosine of each
//
// A text is denied where one of its pieces is like an example of deny. It is allowed where
// each of its sentences is in a piece that is like an example of allow, so that one sentence
// does not open the door for a page, or where it has one of the rule's words.
type meaning struct {
	deny, allow         []string
	similarity          float64
	allowing            *match.Set // nil: no words allow
	embedder            embed.Embedder
	places              places // of all rules by meaning: they share the embedder
	denied, allowedLike []embed.Vector
	length              int // of a vector
}

// The most pieces of one call, and of these the most that wait at the embedder at once: look-ups
// of the cache wait there too.
const (
	maxPieces    = 4096
	piecesAtOnce = 8
)

func newMeaning(s *policy.Service, places places) (*meaning, error) {
	m := &meaning{deny: s.DenyLike, allow: s.AllowLike, similarity: s.MinScore, places: places}
	if s.AllowProgram == "" {
		return m, nil
	}
	var err error
	m.allowing, err = match.Load(s.AllowProgram)
	return m, err
}

// ByMeaning are the names of the guards that compare texts with examples, in order.
func (s *Set) ByMeaning() []string {
	var names []string
	for _, name := range s.Names() {
		if _, ok := s.guards[name].service.(*meaning); ok {
			names = append(names, name)
		}
	}
	return names
}

// Embed has the guards that compare texts with examples do so by an embedder. Before it, and
// without one, their verdict is an error.
func (s *Set) Embed(ctx context.Context, e embed.Embedder) error {
	for _, name := range s.ByMeaning() {
		m := s.guards[name].service.(*meaning)
		var err error
		if m.denied, err = examples(ctx, e, m.deny); err == nil {
			m.allowedLike, err = examples(ctx, e, m.allow)
		}
		if err != nil {
			return fmt.Errorf("guard: %s: the vectors of its examples: %w", name, err)
		}
		m.embedder, m.length = e, len(slices.Concat(m.denied, m.allowedLike)[0].Values)
	}
	return nil
}

// examples are embedded a few at a time, as an embedder may refuse many.
func examples(ctx context.Context, e embed.Embedder, texts []string) ([]embed.Vector, error) {
	var all []embed.Vector
	for some := range slices.Chunk(texts, piecesAtOnce) {
		vectors, err := e.Embed(ctx, some)
		if err != nil {
			return nil, err
		}
		for i, v := range vectors {
			if v.Cut {
				return nil, fmt.Errorf("example %d is longer than %s reads", len(all)+i+1, e.Space())
			}
		}
		all = append(all, vectors...)
	}
	return all, nil
}

func (m *meaning) ask(ctx context.Context, texts []Text) (finding, error) {
	if m.embedder == nil {
		return finding{}, &Failure{Cause: NoEmbedder, Reason: "the companion has no embedder, which rules by meaning need"}
	}
	var asked []string           // each piece once
	known := map[string]int{}    // its place there
	cut := make([][]piece, 0, 8) // of each text
	sentences := make([]int, 0, 8)
	ask := func(piece string) {
		if _, there := known[piece]; !there {
			known[piece] = len(asked)
			asked = append(asked, piece)
		}
	}
	for _, t := range texts {
		all, n, ok := pieces(t.Text, len(m.allow) > 0, len(m.deny) > 0, maxPieces)
		for i := 0; ok && i < len(all); i++ {
			ask(all[i].text)
			if looks, differs := folded(all[i].text); differs && len(m.deny) > 0 {
				ask(looks)
			}
		}
		if !ok || len(asked) > maxPieces {
			return finding{}, &Failure{Cause: Failed, Reason: fmt.Sprintf("the texts are more than %d pieces, which are all that is compared", maxPieces)}
		}
		cut, sentences = append(cut, all), append(sentences, n)
	}
	if err := m.places.enter(ctx); err != nil {
		return finding{}, err
	}
	defer m.places.leave()
	allowed := make([]float64, len(asked)) // the greatest similarity to an example of allow
	nearest := 0.0
	for from := 0; from < len(asked); from += piecesAtOnce {
		some := asked[from:min(from+piecesAtOnce, len(asked))]
		vectors, err := m.vectors(ctx, some)
		if err != nil {
			return finding{}, err
		}
		for i, v := range vectors {
			at, score := near(v, m.denied)
			if score >= m.similarity {
				return finding{found: true, kinds: []string{fmt.Sprintf("deny_like.%d", at)}, reason: told(score)}, nil
			}
			nearest = max(nearest, score)
			_, allowed[from+i] = near(v, m.allowedLike)
		}
	}
	if len(m.allow) == 0 {
		return finding{reason: told(nearest)}, nil
	}
	least := 1.0
	for i := range texts {
		if m.allowsWord(texts[i].Text) {
			continue
		}
		best := make([]float64, sentences[i])
		for _, p := range cut[i] {
			for j := p.from; j < p.to; j++ {
				best[j] = max(best[j], allowed[known[p.text]])
			}
		}
		for _, score := range best {
			least = min(least, score)
		}
	}
	if least < m.similarity {
		return finding{found: true, kinds: []string{"allow_like"}, reason: told(least)}, nil
	}
	return finding{reason: told(least)}, nil
}

// told is a similarity as the reason of a verdict has it, for whoever looks for a threshold.
func told(similarity float64) string { return fmt.Sprintf("similarity %.2f", similarity) }

// vectors are those of pieces, each fit to be compared.
func (m *meaning) vectors(ctx context.Context, pieces []string) ([]embed.Vector, error) {
	vectors, err := m.embedder.Embed(ctx, pieces)
	switch {
	case errors.Is(err, embed.ErrBusy):
		return nil, &Failure{Cause: Busy, Reason: "too many texts wait at the embedder"}
	case errors.Is(err, embed.ErrRefused):
		return nil, &Failure{Cause: Failed, Reason: "the embedder refused a piece of the texts"}
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		return nil, &Failure{Cause: Failed, Reason: "the embedder failed"} // what it says may quote the texts
	}
	for _, v := range vectors {
		switch length := dot(v, v); {
		case v.Cut:
			return nil, &Failure{Cause: Failed, Reason: "a piece of the texts is longer than the embedder reads"}
		case len(v.Values) != m.length, !(0.9 < length && length < 1.1): // NaN too
			return nil, &Failure{Cause: Failed, Reason: "the embedder made a vector that cannot be compared"}
		}
	}
	return vectors, nil
}

// folded is a piece as it looks, in letters that the model knows, where it has others: it takes
// those for nothing that it has ever seen.
func folded(piece string) (looks string, differs bool) {
	if strings.IndexFunc(piece, func(r rune) bool { return r > unicode.MaxASCII }) < 0 {
		return "", false
	}
	looks = match.Fold(piece)
	return looks, looks != "" && looks != strings.ToLower(piece)
}

// near is the nearest of examples, counted from 1, and its cosine; 0 of none.
func near(v embed.Vector, examples []embed.Vector) (at int, cosine float64) {
	for i := range examples {
		if d := dot(v, examples[i]); d > cosine || at == 0 {
			at, cosine = i+1, d
		}
	}
	return at, cosine
}

func dot(a, b embed.Vector) (sum float64) {
	for i := range a.Values {
		sum += float64(a.Values[i]) * float64(b.Values[i])
	}
	return sum
}

func (m *meaning) allowsWord(text string) bool {
	if m.allowing == nil {
		return false
	}
	matcher := m.allowing.NewMatcher()
	return len(matcher.Write([]byte(text))) > 0 || len(matcher.End()) > 0
}
