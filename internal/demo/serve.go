package main

import (
	"context"
	"fmt"
	"time"
)

// serveUntilDone is `make run`.
func serveUntilDone(ctx context.Context, s *screen, g *gateway) error {
	s.say("Serving after %.1f s.", g.took.Seconds())
	fmt.Fprintln(s.out)
	s.say("base_url   %s/v1 (OpenAI clients), %s (Anthropic clients)", g.url(), g.url())
	s.say("admin      http://%s   (metrics: /stats/prometheus)", g.envoy.Admin)
	s.say("policy     internal/demo/sluice.yaml")
	for _, line := range g.describe() {
		s.say("%s", line)
	}
	fmt.Fprintln(s.out)
	s.say("Try, in another terminal:")
	for _, try := range []struct{ options, path, body string }{
		{"-i", chatPath, `{"model":"gpt-4o-mini","max_tokens":60,"messages":[{"role":"user","content":"Hello"}]}`},
		{"-N", chatPath, `{"model":"gpt-4o-mini","stream":true,"messages":[{"role":"user","content":"Hello"}]}`},
		{"-i", messagesPath, `{"model":"claude-haiku-4-5","max_tokens":60,"messages":[{"role":"user","content":"Hello"}]}`},
	} {
		s.command(fmt.Sprintf(`curl %s %s%s -H 'x-team: search' -H 'x-user-id: ada' \`, try.options, g.url(), try.path), "--json '"+try.body+"'")
	}
	s.command(fmt.Sprintf("curl -s http://%s/stats/prometheus | grep ^sluice_", g.envoy.Admin))
	fmt.Fprintln(s.out)
	s.say("Decision records, as they come (Ctrl-C ends everything):")
	shown := 0
	for {
		lines := g.envoy.Lines()
		for _, line := range lines[shown:] {
			fmt.Fprintln(s.out, line)
		}
		shown = len(lines)
		select {
		case <-ctx.Done():
			fmt.Fprintln(s.out)
			s.say("Stopped; nothing is left running.")
			return nil
		case <-g.envoy.Ended():
			return fmt.Errorf("the gateway ended by itself%s", g.complaints())
		case <-time.After(200 * time.Millisecond):
		}
	}
}
