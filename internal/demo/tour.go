package main

import (
	"context"
	"fmt"
)

// tour is what the chapters work with.
type tour struct {
	*screen
	gateway *gateway
	client  *client
}

// A chapter shows one thing. It returns an error when what it shows is not as it says.
type chapter struct {
	title string
	show  func(*tour, context.Context) error
}

var chapters = []chapter{
	{"A chat, answered and metered", (*tour).chat},
	{"A stream: the client sees what it asked for, the gateway knows what it cost", (*tour).stream},
	{"Anthropic's API through the same gateway", (*tour).messages},
	{"The cheapest of three targets for this request", (*tour).cheapest},
	{"A stream whose first provider fails: OpenAI's client, Anthropic's answer", (*tour).failover},
	{"Other words, the same question: answered from the cache. One digit: not", (*tour).cached},
	{"A card number and an address stay here, and come back in the stream", (*tour).guarded},
	{"A budget refuses, says why, and comes back", (*tour).refused},
	{"64 clients at once on one budget", (*tour).atOnce},
	{"A stream is cut where its budget ends, and ends well", (*tour).cut},
	{"The bill", (*tour).bill},
}

func takeTour(ctx context.Context, s *screen, g *gateway) error {
	t := &tour{screen: s, gateway: g, client: newClient(g.url())}
	s.say("G=%s   serves after %.1f s; the policy is internal/demo/sluice.yaml", g.url(), g.took.Seconds())
	for _, line := range g.describe() {
		s.say("%s", line)
	}
	for i, c := range chapters {
		s.title(i+1, c.title)
		if err := c.show(t, ctx); err != nil {
			return fmt.Errorf("chapter %d (%s): %w%s", i+1, c.title, err, g.complaints())
		}
	}
	fmt.Fprintln(s.out)
	s.say("All of it was as it should be. Next:")
	s.say("make run                 the same gateway until Ctrl-C, for your own requests")
	s.say("examples/envoy           a worked policy, with callers that are authenticated")
	s.say("build/sluice help        check a policy, render your Envoy's configuration, count tokens")
	return nil
}

// complaints is what Envoy has logged, for the reader of a failure.
func (g *gateway) complaints() string {
	if log := g.envoy.Stderr(); log != "" {
		return "\nEnvoy's log:\n" + log
	}
	return ""
}

// shown prints a call as a user would type it, with options of curl's, and makes it.
func (t *tour) shown(ctx context.Context, options string, c call, status int) (*answer, error) {
	t.command(c.curl(options)...)
	a, err := t.client.send(ctx, c)
	if err != nil {
		return nil, err
	}
	return a, a.expect(status)
}
