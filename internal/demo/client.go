package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// call is one request of the tour.
type call struct {
	path string
	team string
	user string
	body string
}

const (
	chatPath     = "/v1/chat/completions"
	messagesPath = "/v1/messages"

	anthropicVersion = "2023-06-01" // every call of that API must name one
)

// curl is the call as a user would type it, with G for the gateway's address. JSON may
// have lines, and so may a quoted argument.
func (c call) curl(more string) []string {
	who := fmt.Sprintf(`-H 'x-team: %s' -H 'x-user-id: %s' --json '`, c.team, c.user)
	options, messages, _ := strings.Cut(c.body, `"messages"`)
	body := []string{options, ` "messages"` + messages + `'`}
	if c.path == messagesPath {
		return append([]string{fmt.Sprintf(`curl %s$G%s -H 'anthropic-version: %s' \`, more, c.path, anthropicVersion), who}, body...)
	}
	return append([]string{fmt.Sprintf(`curl %s$G%s %s`, more, c.path, who)}, body...)
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// client sends calls and counts them: each has a record, later.
type client struct {
	base string
	http *http.Client
	sent int
}

func newClient(base string) *client {
	return &client{base: base, http: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}}
}

// send sends a call and reads the whole answer. It is not for several goroutines.
func (c *client) send(ctx context.Context, k call) (*answer, error) {
	c.sent++
	return c.do(ctx, k)
}

// sendAll sends the calls all at once.
func (c *client) sendAll(ctx context.Context, calls []call) ([]*answer, error) {
	c.sent += len(calls)
	answers := make([]*answer, len(calls))
	failures := make(chan error, len(calls))
	go_ := make(chan struct{})
	for i, k := range calls {
		go func() {
			<-go_
			var err error
			answers[i], err = c.do(ctx, k)
			failures <- err
		}()
	}
	close(go_)
	var first error
	for range calls {
		if err := <-failures; err != nil && first == nil {
			first = err
		}
	}
	return answers, first
}

func (c *client) do(ctx context.Context, k call) (*answer, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+k.path, strings.NewReader(k.body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Team", k.team)
	req.Header.Set("X-User-Id", k.user)
	if k.path == messagesPath {
		req.Header.Set("Anthropic-Version", anthropicVersion)
	}
	res, err := c.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	return &answer{status: res.StatusCode, header: res.Header, body: body}, err
}

// expect is an error unless the answer has the status.
func (a *answer) expect(status int) error {
	if a.status != status {
		return fmt.Errorf("status %d in place of %d: %s", a.status, status, bytes.TrimSpace(a.body))
	}
	return nil
}

// read decodes the answer's body.
func (a *answer) read(into any) error {
	if err := json.Unmarshal(a.body, into); err != nil {
		return fmt.Errorf("an answer that is not the JSON it should be: %w: %s", err, a.body)
	}
	return nil
}

// headers are some of the answer's headers, as lines. One that is missing is an error.
func (a *answer) headers(names ...string) ([]string, error) {
	var lines []string
	for _, name := range names {
		value := a.header.Get(name)
		if value == "" {
			return nil, fmt.Errorf("the answer has no %s header", name)
		}
		lines = append(lines, name+": "+value)
	}
	return lines, nil
}

// events are the data of a stream's events.
func (a *answer) events() []string {
	var data []string
	for line := range strings.Lines(string(a.body)) {
		if text, ok := strings.CutPrefix(line, "data: "); ok {
			data = append(data, strings.TrimSpace(text))
		}
	}
	return data
}
