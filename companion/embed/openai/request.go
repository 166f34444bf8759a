package openai

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"
)

// longestWait is the longest that a service may ask to wait for before an attempt.
const longestWait = 30 * time.Second

// request asks for the vectors of at most Options.Inputs texts, as often as is allowed.
func (c *Client) request(ctx context.Context, texts []string) ([][]float32, error) {
	body, err := json.Marshal(struct {
		Model      string   `json:"model"`
		Input      []string `json:"input"`
		Format     string   `json:"encoding_format"`
		Dimensions int      `json:"dimensions,omitempty"`
	}{c.o.Model, texts, "base64", c.o.Dimensions})
	if err != nil {
		return nil, fmt.Errorf("openai: %w", err)
	}
	for attempt := 1; ; attempt++ {
		vectors, retry, err := c.attempt(ctx, body, texts)
		if err == nil || !retry.may {
			return vectors, err
		}
		if attempt == c.o.Attempts {
			return nil, fmt.Errorf("%w (attempt %d, the last)", err, attempt)
		}
		wait := max(retry.after, c.pause(attempt))
		if wait > longestWait {
			return nil, fmt.Errorf("%w (it wants to be left alone for %s, longer than %s)", err, wait, longestWait)
		}
		if end, ok := ctx.Deadline(); ok && time.Until(end) < wait {
			return nil, fmt.Errorf("%w (no time is left for attempt %d, in %s)", err, attempt+1, wait)
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return nil, fmt.Errorf("openai: %s: %w", c.endpoint, ctx.Err())
		}
	}
}

// pause grows twofold from attempt to attempt, and half of it is by chance, so that many who
// were refused together do not come back together.
func (c *Client) pause(attempt int) time.Duration {
	whole := c.backoff << min(attempt-1, 10)
	return whole/2 + rand.N(whole/2+1)
}

// retry is whether to ask again, and how long the service wants to be left alone first.
type retry struct {
	may   bool
	after time.Duration
}

func (c *Client) attempt(ctx context.Context, body []byte, texts []string) ([][]float32, retry, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, c.o.Timeout, fmt.Errorf("no answer within %s", c.o.Timeout))
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.endpoint, bytes.NewReader(body))
	if err != nil {
		return nil, retry{}, fmt.Errorf("openai: %w", err)
	}
	r.Header.Set("Content-Type", "application/json")
	// A value of no length is not sent, but tells net/http that asking twice does no harm: a
	// kept connection that the service has closed meanwhile is then replaced by a new one.
	r.Header["Idempotency-Key"] = []string{}
	if c.o.Key != "" {
		r.Header.Set("Authorization", "Bearer "+c.o.Key)
	}
	answer, err := c.o.Client.Do(r)
	if err != nil {
		return nil, retry{}, c.failed(ctx, err)
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		return nil, retryOf(answer), c.refused(answer, texts)
	}
	limit := int64(1<<20 + len(texts)*perVector)
	b, err := io.ReadAll(io.LimitReader(answer.Body, limit+1))
	if err != nil {
		return nil, retry{}, c.failed(ctx, err)
	}
	if int64(len(b)) > limit {
		return nil, retry{}, fmt.Errorf("openai: %s: more than %d bytes for %d texts", c.endpoint, limit, len(texts))
	}
	vectors, err := c.decode(b, len(texts))
	if err != nil {
		return nil, retry{}, fmt.Errorf("openai: %s: %w", c.endpoint, err)
	}
	return vectors, retry{}, nil
}

// failed names why no answer came, the time that was over included.
func (c *Client) failed(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil && cause != ctx.Err() {
		return fmt.Errorf("openai: %s: %w", c.endpoint, cause)
	}
	return fmt.Errorf("openai: %s: %w", c.endpoint, err)
}

func retryOf(answer *http.Response) retry {
	if answer.StatusCode != http.StatusTooManyRequests && answer.StatusCode < 500 {
		return retry{}
	}
	r := retry{may: true}
	value := answer.Header.Get("Retry-After") // RFC 9110, 10.2.3
	if seconds, err := strconv.ParseUint(value, 10, 31); err == nil {
		r.after = time.Duration(seconds) * time.Second
	} else if at, err := http.ParseTime(value); err == nil {
		r.after = max(0, time.Until(at))
	}
	return r
}
