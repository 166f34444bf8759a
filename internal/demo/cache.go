package main

import (
	"context"
	"fmt"
	"strings"
)

// The questions of the chapter about the cache.
const (
	ordered = "How do I cancel my order 1234?"
	asAgain = "Hi! Could you tell me the steps to cancel my order 1234, please?"
	another = "How do I cancel my order 1243?"
)

// cached asks the same in other words, and then something that only looks the same.
func (t *tour) cached(ctx context.Context) error {
	ask := func(question string) call {
		return call{path: chatPath, team: "support", user: "joan",
			body: fmt.Sprintf(`{"model":"gpt-4o-mini","max_tokens":400,"messages":[{"role":"user","content":%q}]}`, question)}
	}
	before, err := t.gateway.kept(ctx, 0)
	if err != nil {
		return err
	}
	first, err := t.client.send(ctx, ask(ordered))
	if err != nil {
		return err
	}
	if err := first.expect(200); err != nil {
		return err
	}
	t.say("%q was asked once, and cost USD %s.", ordered, first.header.Get("x-sluice-cost-usd"))
	t.say("Somebody asks the same in other words:")
	if _, err := t.gateway.kept(ctx, before); err != nil {
		return err
	}
	a, err := t.shown(ctx, "-i ", ask(asAgain), 200)
	if err != nil {
		return err
	}
	lines, err := a.headers("x-sluice-cache", "x-sluice-similarity", "x-sluice-attempts", "x-sluice-cost-usd")
	if err != nil {
		return err
	}
	var said, original completion
	if err := a.read(&said); err != nil {
		return err
	}
	if err := first.read(&original); err != nil {
		return err
	}
	t.quote("HTTP/1.1 200 OK", lines[0]+"    "+lines[1], lines[2]+"    "+lines[3], fmt.Sprintf(`{… "content":%q, …}`, said.Choices[0].Message.Content))
	r, err := t.recordOf(ctx, a)
	if err != nil {
		return err
	}
	if a.header.Get("x-sluice-cache") != "semantic-hit" || said.Choices[0].Message.Content != original.Choices[0].Message.Content {
		return fmt.Errorf("not answered from the cache: %s", r.member("cache"))
	}
	t.say("No provider was asked. Saved: %d tokens, USD %s. Its decision record says why:", r.Cache.SavedTokens, r.Cache.SavedUSD)
	t.quote(wrapped(r.member("cache"), width-10)...)
	t.say("One digit changed is another question, however near it is:")
	near, err := t.shown(ctx, "-i ", ask(another), 200)
	if err != nil {
		return err
	}
	if r, err = t.recordOf(ctx, near); err != nil {
		return err
	}
	if near.header.Get("x-sluice-cache") != "miss" || !strings.Contains(r.member("cache"), "1234 / 1243") {
		return fmt.Errorf("not a miss for its number: %s", r.member("cache"))
	}
	t.quote("HTTP/1.1 200 OK    x-sluice-cache: miss")
	t.quote(wrapped(r.member("cache"), width-10)...)
	return nil
}
