// Package openai asks any service for vectors that speaks OpenAI's POST /v1/embeddings
// (https://platform.openai.com/docs/api-reference/embeddings): OpenAI, Ollama, Hugging
// Face's Text Embeddings Inference, vLLM and others.
//
// What comes back is doubted: every vector is where its index says, of the one length that
// the space has, of finite numbers, and is made of length 1. Answers of 429 and 5xx are
// asked for again, no other ones.
package openai

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/sluice-gateway/sluice/companion/embed"
)

// Options say which service and model. Zero means what is written behind the field.
type Options struct {
	// URL is the service's, with or without its path: "/v1/embeddings" is taken where there
	// is none, and "/embeddings" is added to one that does not end so.
	URL        string
	Model      string
	Key        string        // sent as a bearer token; none
	Dimensions int           // asked for, and the length of the vectors; the model's own
	Window     int           // bytes of a text that the model surely reads; see Embed
	Inputs     int           // most texts in a request; 32, which all of the above take
	Timeout    time.Duration // of one attempt; 10s
	Attempts   int           // in all; 3
	Client     *http.Client  // one of its own
}

// Client is safe for use by many goroutines.
type Client struct {
	o          Options
	endpoint   string
	dimensions atomic.Int64 // of the first vector that came, or as asked for
	backoff    time.Duration
}

// windows are of models that are known, in tokens, of which each is a byte at least
// (https://platform.openai.com/docs/guides/embeddings).
var windows = map[string]int{
	"text-embedding-3-small": 8191,
	"text-embedding-3-large": 8191,
	"text-embedding-ada-002": 8191,
}

// window is of the others: a model of BERT's kind reads 512 tokens, two of them its own.
const window = 510

// Open returns a client of the service. Without Dimensions it asks for one vector, to know
// their length: a vector without its space is of no use.
func Open(ctx context.Context, o Options) (*Client, error) {
	endpoint, err := endpointOf(o.URL)
	if err != nil {
		return nil, err
	}
	if o.Model == "" {
		return nil, fmt.Errorf("openai: %s: no model is named", endpoint)
	}
	if o.Dimensions < 0 || o.Window < 0 || o.Inputs < 0 || o.Timeout < 0 || o.Attempts < 0 {
		return nil, fmt.Errorf("openai: %s: dimensions %d, window %d, inputs %d, timeout %s or attempts %d is below 0", endpoint, o.Dimensions, o.Window, o.Inputs, o.Timeout, o.Attempts)
	}
	o.Window = cmp.Or(o.Window, windows[o.Model], window)
	o.Inputs = cmp.Or(o.Inputs, 32)
	o.Timeout = cmp.Or(o.Timeout, 10*time.Second)
	o.Attempts = cmp.Or(o.Attempts, 3)
	if o.Client == nil {
		transport := http.DefaultTransport.(*http.Transport).Clone()
		transport.MaxIdleConnsPerHost = 16 // two, as it comes, would close and open connections all the time
		o.Client = &http.Client{
			Transport: transport,
			// A redirected request would show the key and the texts to whom nobody named.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}
	}
	c := &Client{o: o, endpoint: endpoint, backoff: 200 * time.Millisecond}
	c.dimensions.Store(int64(o.Dimensions))
	if o.Dimensions == 0 {
		if _, err := c.Embed(ctx, []string{"dimensions"}); err != nil {
			return nil, err
		}
	}
	return c, nil
}

func endpointOf(raw string) (string, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return "", fmt.Errorf("openai: %q is no http:// or https:// address", raw)
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return "", fmt.Errorf("openai: %s: a user, a query or a fragment has no place in the address", u.Redacted())
	}
	switch path := strings.TrimSuffix(u.Path, "/"); {
	case path == "":
		u.Path = "/v1/embeddings"
	case !strings.HasSuffix(path, "/embeddings"):
		u.Path = path + "/embeddings"
	}
	return u.String(), nil
}

// Space is "openai:text-embedding-3-small/1536": the model and the length of its vectors.
// Two services with one model make vectors of one space, so the address is not in it.
func (c *Client) Space() string {
	return fmt.Sprintf("openai:%s/%d", c.o.Model, c.dimensions.Load())
}

// Embed implements embed.Embedder, with one request after another for each Options.Inputs
// texts. A text of more than Options.Window bytes is marked as cut: many services silently
// read the beginning alone, and say so nowhere. One that the service refuses is an
// embed.ErrTooLong or another embed.ErrRefused.
func (c *Client) Embed(ctx context.Context, texts []string) ([]embed.Vector, error) {
	vectors := make([]embed.Vector, 0, len(texts))
	for len(texts) > 0 {
		n := min(len(texts), c.o.Inputs)
		some, err := c.request(ctx, texts[:n])
		if err != nil {
			return nil, err
		}
		for i, values := range some {
			vectors = append(vectors, embed.Vector{Values: values, Cut: len(texts[i]) > c.o.Window})
		}
		texts = texts[n:]
	}
	return vectors, nil
}
