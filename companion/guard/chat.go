package guard

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/sluice-gateway/sluice/policy"
)

// chat is a model that classifies conversations, as Llama Guard does
// (https://www.llama.com/docs/model-cards-and-prompt-formats/llama-guard-3/), behind POST
// /v1/chat/completions. It answers `safe`, or `unsafe` and on the next line the categories.
// It judges the last turn; what was said before is its context.
type chat struct {
	*endpoint
	model      string
	categories []string // in upper case
}

func newChat(s *policy.Service, credential string) *chat {
	c := &chat{endpoint: newEndpoint(s, credential, "/v1/chat/completions"), model: s.Model}
	for _, category := range s.Categories {
		c.categories = append(c.categories, strings.ToUpper(category))
	}
	return c
}

type chatMessage struct {
	Role    string `json:"role"`
	Content string `json:"content"`
}

// turns are texts as such a model's template takes them: of the user and the assistant in
// turn, the user first. What a system or a tool says is part of what the model is given.
func turns(texts []Text) (turns []chatMessage) {
	for _, t := range texts {
		role := "user"
		if t.Role == "assistant" && len(turns) > 0 {
			role = "assistant"
		}
		if last := len(turns) - 1; last >= 0 && turns[last].Role == role {
			turns[last].Content += "\n\n" + t.Text
			continue
		}
		turns = append(turns, chatMessage{role, t.Text})
	}
	return turns
}

func (c *chat) ask(ctx context.Context, texts []Text) (finding, error) {
	question := struct {
		Model       string        `json:"model"`
		Messages    []chatMessage `json:"messages"`
		Temperature int           `json:"temperature"`
		MaxTokens   int           `json:"max_tokens"`
	}{c.model, turns(texts), 0, 100}
	var answer struct {
		Choices []struct {
			Message struct {
				Content *string `json:"content"`
			} `json:"message"`
		} `json:"choices"`
	}
	if err := c.post(ctx, question, &answer); err != nil {
		return finding{}, err
	}
	if len(answer.Choices) != 1 || answer.Choices[0].Message.Content == nil {
		return finding{}, fmt.Errorf("%d choices, not one with a content", len(answer.Choices))
	}
	return c.read(*answer.Choices[0].Message.Content)
}

// read reads what the model says. Whatever is not the one or the other is an error: a
// conversation may talk to the model.
func (c *chat) read(said string) (finding, error) {
	words := strings.FieldsFunc(strings.ToUpper(said), func(r rune) bool { return strings.ContainsRune(" \t\r\n,", r) })
	switch {
	case len(words) == 1 && words[0] == "SAFE":
		return finding{}, nil
	case len(words) == 0 || words[0] != "UNSAFE":
		return finding{}, fmt.Errorf("said %d bytes that are neither safe nor unsafe", len(said))
	}
	f := finding{}
	for _, category := range words[1:] {
		if !isCategory(category) {
			return finding{}, errors.New("unsafe, and then what is no category")
		}
		if len(c.categories) == 0 || slices.Contains(c.categories, category) {
			f.kinds = append(f.kinds, category)
		}
	}
	// Unsafe without a category may be of any.
	f.found = len(f.kinds) > 0 || len(words) == 1
	return f, nil
}

// isCategory: letters and a number, such as S1, O3 or MLC12.
func isCategory(s string) bool {
	digits := strings.TrimLeft(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
	letters := len(s) - len(digits)
	return letters >= 1 && letters <= 3 && len(digits) >= 1 && len(digits) <= 3 && strings.Trim(digits, "0123456789") == ""
}
