package guard

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"

	"github.com/sluice-gateway/sluice/policy"
)

// webhook is a service of one's own, by the contract of docs/guards-webhook.md.
type webhook struct {
	*endpoint
	name string
}

func newWebhook(name string, s *policy.Service, credential string) *webhook {
	path := ""
	if s.Endpoint.BasePath == "" {
		path = "/"
	}
	return &webhook{newEndpoint(s, credential, path), name}
}

func (w *webhook) ask(ctx context.Context, texts []Text) (finding, error) {
	question := struct {
		ID     string `json:"id"`
		Guard  string `json:"guard"`
		Within int64  `json:"within_ms"`
		Texts  []Text `json:"texts"`
	}{ID: rand.Text(), Guard: w.name, Texts: texts}
	if deadline, ok := ctx.Deadline(); ok {
		question.Within = max(1, time.Until(deadline).Milliseconds())
	}
	var answer struct {
		Result Result   `json:"result"`
		Kinds  []string `json:"kinds"`
		Reason string   `json:"reason"`
	}
	if err := w.post(ctx, question, &answer); err != nil {
		return finding{}, err
	}
	f := finding{kinds: answer.Kinds}
	if isWord(answer.Reason) {
		f.reason = answer.Reason
	}
	switch answer.Result {
	case Clean:
		if len(f.kinds) > 0 {
			return finding{}, fmt.Errorf("clean, with %d kinds", len(f.kinds))
		}
	case Found:
		f.found = true
	default:
		return finding{}, fmt.Errorf("a result of %d bytes that is neither clean nor found", len(answer.Result))
	}
	return f, nil
}
