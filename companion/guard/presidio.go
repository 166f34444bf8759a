package guard

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"unicode/utf8"

	"github.com/sluice-gateway/sluice/policy"
)

// presidio is Microsoft Presidio's analyzer
// (https://microsoft.github.io/presidio/api-docs/api-docs.html): POST /analyze with one text.
// A list of texts is understood since 2.2.361 alone, so that each text is a request.
type presidio struct {
	*endpoint
	question presidioRequest // without its text
}

type presidioRequest struct {
	Text     string   `json:"text"`
	Language string   `json:"language"`
	Entities []string `json:"entities"`
	Score    float64  `json:"score_threshold"`
}

// presidioFind is one of those in an answer. Its offsets are those of Python's strings: code
// points.
type presidioFind struct {
	Entity *string  `json:"entity_type"`
	Start  *int     `json:"start"`
	End    *int     `json:"end"`
	Score  *float64 `json:"score"`
}

func newPresidio(s *policy.Service, credential string) *presidio {
	return &presidio{newEndpoint(s, credential, "/analyze"), presidioRequest{Language: s.Language, Entities: s.Entities, Score: s.MinScore}}
}

// textsAtOnce is how many texts of one conversation are asked about at once.
const textsAtOnce = 4

func (p *presidio) ask(ctx context.Context, texts []Text) (finding, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var once sync.Once
	var failure error // the first; the others are let go
	fail := func(err error) {
		once.Do(func() { failure = err })
		cancel()
	}
	next := make(chan int, len(texts))
	for i := range texts {
		next <- i
	}
	close(next)
	found := make([][]Span, len(texts))
	var group sync.WaitGroup
	for range min(textsAtOnce, len(texts)) {
		group.Go(func() {
			for i := range next {
				if err := ctx.Err(); err != nil {
					fail(err)
					return
				}
				spans, err := p.one(ctx, texts[i].Text)
				if err != nil {
					fail(err)
					return
				}
				for j := range spans {
					spans[j].Text = i
				}
				found[i] = spans
			}
		})
	}
	group.Wait()
	if failure != nil {
		return finding{}, failure
	}
	spans := slices.Concat(found...)
	return finding{found: len(spans) > 0, spans: spans}, nil
}

// one asks about one text.
func (p *presidio) one(ctx context.Context, text string) ([]Span, error) {
	question := p.question
	question.Text = text
	var answer []presidioFind
	if err := p.post(ctx, question, &answer); err != nil {
		return nil, err
	}
	if answer == nil {
		return nil, errors.New("null in place of a list")
	}
	if len(answer) > MaxSpans {
		return nil, fmt.Errorf("more than %d finds", MaxSpans)
	}
	var spans []Span
	for i, f := range answer {
		if f.Entity == nil || f.Start == nil || f.End == nil || f.Score == nil {
			return nil, fmt.Errorf("find %d lacks entity_type, start, end or score", i)
		}
		from, to, ok := bytesOf(text, *f.Start, *f.End)
		if !ok {
			// Numbers that a service makes up may be those that were said.
			return nil, fmt.Errorf("find %d is not within its text of %d code points", i, utf8.RuneCountInString(text))
		}
		if !(*f.Score >= 0 && *f.Score <= 1) {
			return nil, fmt.Errorf("find %d has a score that is not 0 to 1", i)
		}
		// What was not asked for, or is not sure enough, is none of the policy's.
		if *f.Score >= p.question.Score && slices.Contains(p.question.Entities, *f.Entity) {
			spans = append(spans, Span{Start: from, End: to, Kind: *f.Entity, Score: *f.Score})
		}
	}
	return spans, nil
}
