package gateway_test

import (
	"strconv"
	"strings"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/gateway"
	"github.com/sluice-gateway/sluice/jsonscan"
)

// answer is what becomes of one attempt: how its provider answers, or that it does not.
type answer struct {
	status, kind string   // kind is the content type
	headers      []string // more of them: name, value, …
	pieces       []string // of the body; the last one is the end
	takes        int64    // milliseconds until the headers come

	refused bool // no connection: nobody is asked
	silent  bool // no headers until the host's patience is over
	stalls  bool // as many pieces, then nothing until the host's patience is over
	resets  bool // as many pieces, then the connection breaks
	trails  bool // trailers end the body
	goes    bool // the client hangs up after as many pieces
	early   bool // the host ends the attempt before it tells the request what was let go
	refuses bool // the host makes no further attempt, although asked
	at      string
}

func jsonAnswer(status, body string, headers ...string) answer {
	return answer{status: status, kind: "application/json", pieces: []string{body}, headers: headers}
}

func streamAnswer(pieces ...string) answer {
	return answer{status: "200", kind: "text/event-stream", pieces: pieces}
}

// try is one attempt as its provider sees it.
type try struct {
	provider string
	headers  map[string]string
	body     string
	waited   int64 // milliseconds, before the request went out
	began    int64
}

// follow makes the attempts on a request as Envoy's router does: each has the headers that
// the one before has left, and the client's body. It makes another where the answer has
// gateway.RetryHeader, or where there is none, as often as the request's headers say. What
// an attempt lets go is the edge role's answer.
func (c *call) follow(answers ...answer) *call {
	require.Equal(c.w.t, len(answers), c.followAsFar(answers...), "an attempt that was expected was not made")
	return c
}

// followAsFar is follow where fewer attempts may be made. It returns how many were.
func (c *call) followAsFar(answers ...answer) int {
	require.Nil(c.w.t, c.reply, c.replyBody())
	t := c.w.t
	cluster := c.headers[gateway.ClusterHeader]
	require.True(t, strings.HasPrefix(cluster, gateway.AttemptsPrefix), cluster)
	providers := strings.Split(strings.TrimPrefix(cluster, gateway.AttemptsPrefix), "~")
	retries, _ := strconv.Atoi(c.headers["x-envoy-max-retries"])
	require.Equal(t, len(providers)-1, retries)
	headers := map[string]string{}
	for name, value := range c.headers {
		headers[name] = value
	}
	for n := 1; ; n++ {
		require.LessOrEqual(t, n, len(answers), "another attempt than was expected")
		provider := providers[n-1]
		if at := answers[n-1].at; at != "" {
			provider = at
		}
		if !c.try(n, provider, headers, answers[n-1], n <= retries && !answers[n-1].refuses) {
			return n
		}
	}
}

// try makes one attempt and tells whether another follows.
func (c *call) try(n int, provider string, headers map[string]string, answer answer, more bool) bool {
	hosts := func(status string) bool {
		if !more {
			c.respond(status, "text/plain").stream(true, "upstream connect error or disconnect/reset before headers")
		}
		return more
	}
	if answer.refused {
		return hosts("503")
	}
	a, out := c.request.Attempt(c.w.now, n, provider)
	if out.Reply != nil {
		c.local(out.Reply)
		return false
	}
	one := &try{provider: provider, waited: out.After, began: c.w.now}
	c.w.now += out.After
	edit(headers, out)
	if out.Action == gateway.Hold {
		a.Body(len(c.body)/2, false, c.read)
		out = a.Body(len(c.body), true, c.read)
		if out.Reply != nil {
			c.local(out.Reply)
			return false
		}
		edit(headers, out)
	}
	one.headers = map[string]string{}
	for name, value := range headers {
		one.headers[name] = value
	}
	one.body = string(jsonscan.Apply(nil, c.body, out.Edits))
	if out.Request != nil {
		one.body = string(out.Request)
	}
	if length, ok := one.headers["content-length"]; ok {
		require.Equal(c.w.t, strconv.Itoa(len(one.body)), length)
	}
	c.tries = append(c.tries, one)

	patience, _ := strconv.ParseInt(c.headers["x-envoy-upstream-rq-per-try-timeout-ms"], 10, 64)
	if answer.silent {
		require.Positive(c.w.t, patience)
		c.w.now += patience
		a.Done(c.w.now)
		return hosts("504")
	}
	return c.answer(a, answer, more, patience, hosts)
}

func (c *call) read(from, size int) []byte { return c.body[from:min(from+size, len(c.body))] }

func edit(headers map[string]string, out gateway.Outcome) {
	for _, name := range out.Remove {
		delete(headers, name)
	}
	for _, h := range out.Set {
		headers[h[0]] = h[1]
	}
}

// local is an attempt's own answer, which comes to the edge role as a provider's does.
func (c *call) local(reply *gateway.Reply) {
	var more []string
	for _, h := range reply.Headers {
		more = append(more, h[0], h[1])
	}
	c.respond(strconv.Itoa(reply.Status), "", more...).stream(true, string(reply.Body))
}

// answer brings an attempt its provider's answer.
func (c *call) answer(a *gateway.Attempt, answer answer, more bool, patience int64, hosts func(string) bool) bool {
	c.w.now += answer.takes
	h := gateway.Headers{{":status", answer.status}}
	if answer.kind != "" {
		h = append(h, [2]string{"content-type", answer.kind})
	}
	for i := 0; i+1 < len(answer.headers); i += 2 {
		h = append(h, [2]string{answer.headers[i], answer.headers[i+1]})
	}
	seen := map[string]string{}
	for _, p := range h {
		seen[p[0]] = p[1]
	}
	released, held := false, []byte(nil)
	// does does what a step wants with the headers and what of the body it was shown, and
	// tells whether they were let go to be tried again.
	does := func(out gateway.Outcome, body []byte, some, end bool) (again bool) {
		require.Nil(c.w.t, out.Reply)
		if !released {
			edit(seen, out)
		} else {
			require.Empty(c.w.t, out.Set)
		}
		if out.Replace {
			body = append([]byte(nil), out.Body...)
		}
		if out.Action == gateway.Hold {
			held = body
			return false
		}
		held = nil
		if !released {
			released = true
			c.w.now += out.After
			if seen[gateway.RetryHeader] != "" && more {
				return true
			}
			if answer.early {
				a.Done(c.w.now)
			}
			var rest []string
			for name, value := range seen {
				if name != ":status" && name != "content-type" {
					rest = append(rest, name, value)
				}
			}
			c.respond(seen[":status"], seen["content-type"], rest...)
		}
		if some {
			c.stream(end, string(body))
		}
		return false
	}
	ended := len(answer.pieces) == 0 && !answer.stalls && !answer.resets && !answer.goes
	if does(a.ResponseHeaders(c.w.now, h, ended), nil, false, false) {
		a.Done(c.w.now)
		return true
	}
	if ended && !answer.early {
		// The host tells it with the headers; here the edge role is told by an empty piece.
		c.stream(true, "")
	}
	for i, piece := range answer.pieces {
		end := i == len(answer.pieces)-1 && !answer.trails && !answer.stalls && !answer.resets && !answer.goes
		shown := append(held, piece...)
		out := gateway.Outcome{}
		if a.Open() {
			out = a.ResponseBody(c.w.now, len(shown), end, func(from, size int) []byte { return shown[from:min(from+size, len(shown))] })
		}
		if does(out, shown, true, end) {
			a.Done(c.w.now)
			return true
		}
	}
	switch {
	case answer.goes:
		return false
	case answer.stalls && !released:
		c.w.now += patience
		a.Done(c.w.now)
		return hosts("504")
	case answer.resets && !released:
		a.Done(c.w.now)
		return hosts("503")
	case answer.stalls || answer.resets:
		c.broke = true
	case answer.trails && a.Open():
		shown := held
		if does(a.ResponseEnd(c.w.now, len(shown), func(from, size int) []byte { return shown[from:min(from+size, len(shown))] }), shown, len(shown) > 0, false) {
			a.Done(c.w.now)
			return true
		}
		c.toClient(c.request.ResponseEnd(c.w.now, len(c.held), func(from, size int) []byte { return c.held[from:min(from+size, len(c.held))] }), c.held)
	}
	a.Done(c.w.now)
	return false
}
