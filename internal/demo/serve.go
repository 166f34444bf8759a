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
	s.say("base_url   %s/v1   for OpenAI clients", g.url())
	s.say("base_url   %s      for Anthropic clients", g.url())
	s.say("admin      http://%s   (metrics: /stats/prometheus)", g.envoy.Admin)
	s.say("policy     internal/demo/sluice.yaml")
	for _, line := range g.describe() {
		s.say("%s", line)
	}
	fmt.Fprintln(s.out)
	s.say("Try, in another terminal:")
	hello := `{"model":"%s","max_tokens":60%s,"messages":[{"role":"user","content":"Hello"}]}`
	s.command(
		fmt.Sprintf("curl -i %s%s --json \\", g.url(), chatPath),
		"'"+fmt.Sprintf(hello, "gpt-4o-mini", "")+"'")
	s.command(
		fmt.Sprintf("curl -N %s%s -H 'x-team: search' --json \\", g.url(), chatPath),
		"'"+fmt.Sprintf(hello, "gpt-4o-mini", `,"stream":true`)+"'")
	s.command(
		fmt.Sprintf("curl -i %s%s -H 'anthropic-version: 2023-06-01' --json \\", g.url(), messagesPath),
		"'"+fmt.Sprintf(hello, "claude-haiku-4-5", "")+"'")
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
