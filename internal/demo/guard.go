package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// What nobody but the user and the application is to see.
const (
	hisMail = "grace@example.com"
	hisCard = "4111 1111 1111 1111"
)

// guarded sends a card number and an address, neither of which reaches the provider, and
// both of which are in the streamed answer.
func (t *tour) guarded(ctx context.Context) error {
	c := call{path: chatPath, team: "support", user: "grace",
		body: fmt.Sprintf(`{"model":"gpt-4o-mini","max_tokens":80,"stream":true,"messages":[{"role":"user","content":"Confirm to %s that we refund card %s."}]}`, hisMail, hisCard)}
	a, err := t.shown(ctx, "-N ", c, 200)
	if err != nil {
		return err
	}
	said := ""
	for _, event := range a.events() {
		var chunk struct {
			Choices []struct{ Delta struct{ Content string } }
		}
		if event != "[DONE]" && json.Unmarshal([]byte(event), &chunk) == nil && len(chunk.Choices) > 0 {
			said += chunk.Choices[0].Delta.Content
		}
	}
	if server := t.gateway.mocks["openai"]; server != nil {
		seen := server.Requests()
		sent := string(seen[len(seen)-1].Body)
		if strings.Contains(sent, "grace@") || strings.Contains(sent, "4111") {
			return fmt.Errorf("the provider was sent %s", sent)
		}
		_, messages, _ := strings.Cut(sent, `"messages"`)
		t.say("The provider's own log of it:")
		t.quote(`… "messages"` + messages)
		if said != fmt.Sprintf("Dear customer at %s: card %s is refunded.", hisMail, hisCard) {
			return fmt.Errorf("the answer is %q", said)
		}
		t.say("It streamed an answer with the placeholders; the client got:")
	} else {
		t.say("The provider has seen [EMAIL_1] and [CARD_1]. The client got:")
	}
	t.quote(fmt.Sprintf("%q", said))
	r, err := t.recordOf(ctx, a)
	if err != nil {
		return err
	}
	guards := r.member("guards")
	if !strings.Contains(guards, `"email"`) || !strings.Contains(guards, `"card"`) {
		return errors.New("the record says nothing of what was found: " + guards)
	}
	t.say("Its decision record has what was found, and not its value:  %s", guards)
	return nil
}
