package openai

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/sluice-gateway/sluice/companion/embed"
)

// tooLong are parts of what services say of a text that their model cannot read to its end:
// "maximum context length is 8192 tokens" (OpenAI, vLLM), "the input length exceeds the
// context length" (Ollama), "`inputs` must have less than 512 tokens" (Text Embeddings
// Inference).
var tooLong = []string{"context length", "must have less than", "too long"}

// refused is the error of an answer that is not 200.
func (c *Client) refused(answer *http.Response, texts []string) error {
	said := message(answer.Body)
	where := fmt.Sprintf("openai: %s: %s", c.endpoint, answer.Status)
	longest := 0
	for _, text := range texts {
		longest = max(longest, len(text))
	}
	switch answer.StatusCode {
	case http.StatusUnauthorized, http.StatusForbidden:
		// What is said there quotes part of the key at times.
		return fmt.Errorf("%s: the key for model %s is refused", where, c.o.Model)
	case http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity:
		for _, part := range tooLong {
			if strings.Contains(strings.ToLower(said), part) {
				return fmt.Errorf("%s: %d texts, the longest of %d bytes, for model %s: %w: %s", where, len(texts), longest, c.o.Model, embed.ErrTooLong, said)
			}
		}
		return fmt.Errorf("%s: %d texts, the longest of %d bytes, for model %s: %w: %s", where, len(texts), longest, c.o.Model, embed.ErrRefused, said)
	}
	return fmt.Errorf("%s: %s", where, said)
}

// mostSaid is how much of what a service says becomes part of an error, in bytes.
const mostSaid = 300

// message finds what a service says of an error: {"error": {"message": "…"}}, {"error": "…"}
// or {"message": "…"}, and else the beginning of whatever it sent.
func message(body io.Reader) string {
	b, _ := io.ReadAll(io.LimitReader(body, 64<<10)) // what came until a failure is better than nothing
	said := b
	var whole struct {
		Error   json.RawMessage
		Message string
	}
	if json.Unmarshal(b, &whole) == nil {
		var inner struct{ Message string }
		var plain string
		switch {
		case json.Unmarshal(whole.Error, &plain) == nil && plain != "":
			said = []byte(plain)
		case json.Unmarshal(whole.Error, &inner) == nil && inner.Message != "":
			said = []byte(inner.Message)
		case whole.Message != "":
			said = []byte(whole.Message)
		}
	}
	said = bytes.TrimSpace(said)
	if len(said) > mostSaid {
		said = said[:mostSaid]
		for !utf8.Valid(said) && len(said) > mostSaid-utf8.UTFMax {
			said = said[:len(said)-1]
		}
		said = append(bytes.Clone(said), "…"...)
	}
	return fmt.Sprintf("%q", said)
}
