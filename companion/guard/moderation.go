package guard

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/sluice-gateway/sluice/policy"
)

// moderation is OpenAI's POST /v1/moderations, or a service that speaks it
// (https://platform.openai.com/docs/api-reference/moderations): each text is an input, and
// each input has a result, in order.
type moderation struct {
	*endpoint
	model      string
	categories []string
	minScore   float64
}

func newModeration(s *policy.Service, credential string) *moderation {
	return &moderation{newEndpoint(s, credential, "/v1/moderations"), s.Model, s.Categories, s.MinScore}
}

// moderationResult is of one input. A category that does not apply may be null.
type moderationResult struct {
	Flagged    *bool               `json:"flagged"`
	Categories map[string]*bool    `json:"categories"`
	Scores     map[string]*float64 `json:"category_scores"`
}

func (m *moderation) ask(ctx context.Context, texts []Text) (finding, error) {
	question := struct {
		Model string   `json:"model,omitempty"`
		Input []string `json:"input"`
	}{Model: m.model}
	for _, t := range texts {
		question.Input = append(question.Input, t.Text)
	}
	var answer struct {
		Results []moderationResult `json:"results"`
	}
	if err := m.post(ctx, question, &answer); err != nil {
		return finding{}, err
	}
	if len(answer.Results) != len(texts) {
		return finding{}, fmt.Errorf("%d results for %d texts", len(answer.Results), len(texts))
	}
	f := finding{}
	for i, r := range answer.Results {
		kinds, err := m.kinds(&r)
		if err != nil {
			return finding{}, fmt.Errorf("result %d: %w", i, err)
		}
		f.kinds = append(f.kinds, kinds...)
	}
	f.found = len(f.kinds) > 0
	return f, nil
}

// flagged is the kind where a service says no more than that.
const flagged = "flagged"

// kinds are the categories of a result that count: by their score, and where a category has
// none, by the service's own word.
func (m *moderation) kinds(r *moderationResult) (kinds []string, err error) {
	if r.Flagged == nil {
		return nil, errors.New("it lacks flagged")
	}
	if r.Categories == nil && r.Scores == nil {
		if len(m.categories) > 0 {
			return nil, errors.New("it has no categories, and the policy names some")
		}
		if *r.Flagged {
			return []string{flagged}, nil
		}
		return nil, nil
	}
	for name, score := range r.Scores {
		if score == nil {
			continue
		}
		if !(*score >= 0 && *score <= 1) {
			return nil, errors.New("a score that is not 0 to 1")
		}
		if *score >= m.minScore && m.counts(name) {
			kinds = append(kinds, name)
		}
	}
	for name, yes := range r.Categories {
		if r.Scores[name] == nil && yes != nil && *yes && m.counts(name) {
			kinds = append(kinds, name)
		}
	}
	return kinds, nil
}

func (m *moderation) counts(category string) bool {
	return len(m.categories) == 0 || slices.Contains(m.categories, category)
}
