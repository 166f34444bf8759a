package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// refused uses a part of a budget and then asks for more than the rest.
func (t *tour) refused(ctx context.Context) error {
	const user = "grace"
	first, err := t.client.send(ctx, call{path: chatPath, team: "search", user: user, body: `{"model":"gpt-4o-mini","max_tokens":60,"messages":[{"role":"user","content":"Draft a short note."}]}`})
	if err != nil {
		return err
	}
	if err := first.expect(200); err != nil {
		return err
	}
	t.say("%s has used some of her 600 tokens; %s are left. Now she asks for up to 560 more:", user, first.header.Get("x-ratelimit-remaining-tokens"))
	c := call{path: chatPath, team: "search", user: user, body: `{"model":"gpt-4o-mini","max_tokens":560,"messages":[{"role":"user","content":"Draft a letter of thanks."}]}`}
	a, err := t.shown(ctx, "-i ", c, 429)
	if err != nil {
		return err
	}
	var refusal struct {
		Error struct{ Message, Type, Code string }
	}
	if err := a.read(&refusal); err != nil {
		return err
	}
	lines, err := a.headers("retry-after", "x-ratelimit-remaining-tokens")
	if err != nil {
		return err
	}
	if refusal.Error.Code != "budget_exceeded" {
		return fmt.Errorf("refused for another reason: %s", a.body)
	}
	t.quote("HTTP/1.1 429 Too Many Requests    " + lines[0] + "    " + lines[1])
	t.quote(fmt.Sprintf(`{"error":{"type":%q,"code":%q,"param":null,"message":`, refusal.Error.Type, refusal.Error.Code))
	t.quote(wrapped(refusal.Error.Message, width-10)...)
	seconds, err := strconv.Atoi(a.header.Get("retry-after"))
	if err != nil {
		return err
	}
	if err := pause(ctx, time.Duration(seconds)*time.Second); err != nil {
		return err
	}
	again, err := t.client.send(ctx, c)
	if err != nil {
		return err
	}
	if err := again.expect(200); err != nil {
		return fmt.Errorf("after the %d s of retry-after: %w", seconds, err)
	}
	t.say("%d s later the same command is answered 200: the bucket has filled, at 50 tokens a second.", seconds)
	return nil
}

const clients = 64

// teamDay is the limit of the budget team-day.
const teamDay = 2000

// atOnce sends more than the budget allows in one moment. The answers take a while, so
// all of what is admitted is under way together, and nothing of it has been settled when
// the last is admitted.
func (t *tour) atOnce(ctx context.Context) error {
	calls := make([]call, clients)
	for i := range calls {
		calls[i] = call{path: chatPath, team: "batch", user: fmt.Sprintf("worker-%d", i+1),
			body: fmt.Sprintf(`{"model":"gpt-4o-mini","max_tokens":60,"messages":[{"role":"user","content":"Summarise ticket %d in two sentences."}]}`, i+1)}
	}
	server := t.gateway.mocks["openai"]
	before := t.gateway.billed("openai")
	began := time.Now()
	answers, err := t.client.sendAll(ctx, calls)
	if err != nil {
		return err
	}
	took := time.Since(began)
	admitted, refused := 0, 0
	spent := int64(0)
	for _, a := range answers {
		var said completion
		switch {
		case a.status == 200:
			if err := a.read(&said); err != nil {
				return err
			}
			admitted++
			spent += said.Usage.TotalTokens
		case a.status == 429 && strings.Contains(string(a.body), `budget \"team-day\"`):
			refused++
		default:
			return fmt.Errorf("status %d: %s", a.status, a.body)
		}
	}
	bill, whose := spent, "the answers' usage says"
	if server != nil {
		if err := server.Wait(ctx); err != nil {
			return err
		}
		bill, whose = t.gateway.billed("openai")-before, "the provider's own bill says"
	}
	t.say("budget team-day: 2,000 tokens. 64 requests of one team, each up to 60 output tokens, sent")
	t.say("in the same moment by 64 clients; every answer takes the provider 400 ms.")
	t.say("   admitted %d, refused %d with 429, in %d ms", admitted, refused, took.Milliseconds())
	t.say("   %s %s tokens: overspend %d", whose, grouped(bill), max(0, bill-teamDay))
	switch {
	case admitted == 0 || refused == 0:
		return errors.New("the budget was to admit some of the 64 and refuse the others")
	case bill != spent:
		return fmt.Errorf("the answers report %d tokens in all, and the provider bills %d", spent, bill)
	case bill > teamDay:
		return fmt.Errorf("%d tokens were spent of a budget of %d", bill, teamDay)
	}
	t.say("A check at arrival and a debit at the end would have let all 64 by: %s tokens.", grouped(spent/int64(admitted)*clients))
	return nil
}

// billed is the mock provider's bill so far in tokens; 0 for a real one.
func (g *gateway) billed(provider string) int64 {
	server := g.mocks[provider]
	if server == nil {
		return 0
	}
	sum := int64(0)
	for _, account := range server.Usage() {
		sum += account.Input + account.Output
	}
	return sum
}

// cut asks without a cap. The gateway puts one on the request, which is what is left,
// and ends the stream there should the provider not.
func (t *tour) cut(ctx context.Context) error {
	c := call{path: chatPath, team: "drafts", user: "edgar", body: `{"model":"gpt-4o","stream":true,"messages":[{"role":"user","content":"Write a story of 2000 words."}]}`}
	a, err := t.shown(ctx, "-N ", c, 200)
	if err != nil {
		return err
	}
	events := a.events()
	n := len(events)
	if n < 3 || events[n-1] != "[DONE]" || !strings.Contains(events[n-2], `"finish_reason":"length"`) {
		return fmt.Errorf("the stream does not end as one does that has reached its cap:\n%s", tail(events, 3))
	}
	t.quote(fmt.Sprintf("  … %d events …", n), "data: "+shortened(events[n-2]), "data: [DONE]")
	r, err := t.recordOf(ctx, a)
	if err != nil {
		return err
	}
	server := t.gateway.mocks["openai"]
	if server == nil {
		t.say("Nobody asked for a cap, so the gateway sent one: what was left. Record: %s", r.member("tokens"))
		return nil
	}
	seen := server.Requests()
	sent := string(seen[len(seen)-1].Body)
	cap, ok := between(sent, `"max_completion_tokens":`, ",}")
	if !ok {
		return fmt.Errorf("no cap was put on the request: %s", sent)
	}
	if r.End != "cut" {
		return fmt.Errorf("the record says that the stream's end was %q: %s", r.End, r.line)
	}
	t.say("Nobody asked for a cap, so the gateway sent what was left: \"max_completion_tokens\":%s. This", cap)
	t.say("provider goes on regardless and is cut off; the client has a valid end. Record: \"end\":%q", r.End)
	return nil
}

// between is the text behind a mark, up to the first of the characters in stops.
func between(text, mark, stops string) (string, bool) {
	_, rest, ok := strings.Cut(text, mark)
	if !ok {
		return "", false
	}
	if at := strings.IndexAny(rest, stops); at >= 0 {
		rest = rest[:at]
	}
	return rest, rest != ""
}

func tail(lines []string, n int) string {
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}
