package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// completion is the part of an OpenAI answer that the tour looks at.
type completion struct {
	Choices []struct {
		Message struct{ Content string }
	}
	Usage struct {
		PromptTokens     int64 `json:"prompt_tokens"`
		CompletionTokens int64 `json:"completion_tokens"`
		TotalTokens      int64 `json:"total_tokens"`
	}
}

// chat is the plainest call.
func (t *tour) chat(ctx context.Context) error {
	c := call{path: chatPath, team: "search", user: "ada", body: `{"model":"gpt-4o-mini","max_tokens":60,"messages":[{"role":"user","content":"Why is the sky blue?"}]}`}
	a, err := t.shown(ctx, "-i ", c, 200)
	if err != nil {
		return err
	}
	var said completion
	if err := a.read(&said); err != nil {
		return err
	}
	if len(said.Choices) != 1 {
		return errors.New("an answer without a choice")
	}
	lines, err := a.headers("x-sluice-provider", "x-sluice-model", "x-sluice-cost-usd", "x-ratelimit-remaining-tokens")
	if err != nil {
		return err
	}
	t.quote("HTTP/1.1 200 OK", lines[0]+"    "+lines[1], lines[2]+"    "+lines[3],
		fmt.Sprintf(`{… "content":%q,`, said.Choices[0].Message.Content),
		fmt.Sprintf(`   "usage":{"prompt_tokens":%d,"completion_tokens":%d,"total_tokens":%d}}`, said.Usage.PromptTokens, said.Usage.CompletionTokens, said.Usage.TotalTokens))
	return nil
}

// stream is metered by the usage that the provider reports because the gateway asked
// for it. The client did not, and must not see it.
func (t *tour) stream(ctx context.Context) error {
	c := call{path: chatPath, team: "search", user: "ada", body: `{"model":"gpt-4o-mini","max_tokens":60,"stream":true,"messages":[{"role":"user","content":"Count to five."}]}`}
	a, err := t.shown(ctx, "-N ", c, 200)
	if err != nil {
		return err
	}
	events := a.events()
	if len(events) < 5 {
		return fmt.Errorf("a stream of %d events", len(events))
	}
	if last := events[len(events)-1]; last != "[DONE]" {
		return fmt.Errorf("a stream that ends with %s", last)
	}
	if strings.Contains(string(a.body), `"usage"`) {
		return errors.New("the client sees a usage that it did not ask for")
	}
	t.quote("data: "+shortened(events[1]), "data: "+shortened(events[2]), fmt.Sprintf("  … %d events, none of them with a usage …", len(events)),
		"data: "+shortened(events[len(events)-2]), "data: [DONE]")
	r, err := t.recordOf(ctx, a)
	if err != nil {
		return err
	}
	if r.Tokens.Source != "provider" || r.Tokens.Output == 0 {
		return fmt.Errorf("metered otherwise than by the provider's report: %s", r.member("tokens"))
	}
	if server := t.gateway.mocks["openai"]; server != nil {
		seen := server.Requests()
		if sent := seen[len(seen)-1].Body; !strings.Contains(string(sent), `"include_usage":true`) {
			return fmt.Errorf("the provider was not asked for the usage: %s", sent)
		}
	}
	t.say("Its decision record has it:  %s", r.member("tokens"))
	return nil
}

// messages is the other dialect, by the same base URL.
func (t *tour) messages(ctx context.Context) error {
	c := call{path: messagesPath, team: "search", user: "alan", body: `{"model":"claude-haiku-4-5","max_tokens":60,"messages":[{"role":"user","content":"What is a wasm filter?"}]}`}
	a, err := t.shown(ctx, "", c, 200)
	if err != nil {
		return err
	}
	var said struct {
		Content []struct{ Text string }
		Usage   struct {
			InputTokens  int64 `json:"input_tokens"`
			OutputTokens int64 `json:"output_tokens"`
		}
	}
	if err := a.read(&said); err != nil {
		return err
	}
	if len(said.Content) == 0 || a.header.Get("x-sluice-provider") != "anthropic" {
		return fmt.Errorf("not an answer of provider anthropic: %s", a.body)
	}
	t.quote(fmt.Sprintf(`{… "text":%q,`, said.Content[0].Text),
		fmt.Sprintf(`   "usage":{"input_tokens":%d,"output_tokens":%d}}    x-sluice-provider: anthropic`, said.Usage.InputTokens, said.Usage.OutputTokens))
	return nil
}

// recordOf waits for the decision record of the latest answer.
func (t *tour) recordOf(ctx context.Context, a *answer) (*record, error) {
	records, err := t.gateway.records(ctx, t.client.sent)
	if err != nil {
		return nil, err
	}
	return find(records, a.header.Get("x-sluice-id"))
}

// shortened leaves of a chunk what changes from one to the next.
func shortened(chunk string) string {
	if at := strings.Index(chunk, `"choices"`); at >= 0 {
		return "{… " + chunk[at:]
	}
	return chunk
}
