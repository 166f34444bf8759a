package main

import (
	"context"
	"fmt"
	"strings"
)

// failover is a stream whose first provider fails before its first token. The client never
// learns of it, nor that the answer came in another dialect.
func (t *tour) failover(ctx context.Context) error {
	c := call{path: chatPath, team: "search", user: "hedy", body: `{"model":"gpt-4-smart-router","max_tokens":60,"stream":true,"messages":[{"role":"user","content":"What is failover?"}]}`}
	a, err := t.shown(ctx, "-N ", c, 200)
	if err != nil {
		return err
	}
	events := a.events()
	if len(events) < 3 || events[len(events)-1] != "[DONE]" || strings.Contains(string(a.body), `"error"`) {
		return fmt.Errorf("not a whole stream: %s", a.body)
	}
	lines, err := a.headers("x-sluice-attempts", "x-sluice-provider", "x-sluice-model")
	if err != nil {
		return err
	}
	t.quote(strings.Join(lines, "    "), "data: "+shortened(events[1]), fmt.Sprintf("  … %d events of OpenAI's dialect …", len(events)), "data: [DONE]")
	r, err := t.recordOf(ctx, a)
	if err != nil {
		return err
	}
	if t.gateway.mocks["openai"] == nil {
		t.say("Your OpenAI answered, so there was nothing to fail over from. Without its key a mock fails on demand.")
		return nil
	}
	if len(r.Attempts) != 2 || r.Attempts[0].Provider != "openai" || r.Attempts[0].Reason != "unavailable" || r.Attempts[1].Provider != "anthropic" {
		return fmt.Errorf("not the attempts that were to be seen: %s", r.member("attempts"))
	}
	t.say("Its decision record:  %s", r.member("attempts"))
	return nil
}

// cheapest goes to the target at which this request costs least.
func (t *tour) cheapest(ctx context.Context) error {
	c := call{path: chatPath, team: "search", user: "hedy", body: `{"model":"cheapest","max_tokens":60,"messages":[{"role":"user","content":"Name a colour."}]}`}
	a, err := t.shown(ctx, "-i ", c, 200)
	if err != nil {
		return err
	}
	lines, err := a.headers("x-sluice-provider", "x-sluice-model", "x-sluice-cost-usd")
	if err != nil {
		return err
	}
	t.quote("HTTP/1.1 200 OK", strings.Join(lines, "    "))
	if model := a.header.Get("x-sluice-model"); model != "gpt-4o-mini" {
		return fmt.Errorf("%s is not the cheapest of gpt-4o, claude-haiku-4-5 and gpt-4o-mini", model)
	}
	t.say("Of gpt-4o, claude-haiku-4-5 and gpt-4o-mini the last costs least for this prompt and this cap.")
	return nil
}
