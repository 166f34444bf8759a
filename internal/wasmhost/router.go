package wasmhost

import (
	"encoding/binary"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Router is what stands behind Envoy's listener: the router, its clusters, and the filter
// chain that a composite cluster runs for each attempt at one of its members.
//
//	client ─▶ Edge ─▶ router ─┬─▶ Upstream ─▶ Providers["a"]   attempt 1
//	                          └─▶ Upstream ─▶ Providers["b"]   attempt 2
//
// What it does between them was seen on Envoy 1.37.0 and 1.40.0; see Routed.
type Router struct {
	Edge     *Plugin
	Upstream *Plugin // of the same VM, or of another one while the gateway takes up a new module

	// Header names the cluster, as a route's cluster_header.
	Header string
	// Composites are the clusters with a filter chain of their own: attempt n goes to the
	// n-th member. A request to any other cluster goes to the provider of that name.
	Composites map[string][]string
	// Providers answer, by name. One that is nil has not even a connection to ask for, so
	// that an attempt at it leaves no trace in the filter chain.
	Providers map[string]Upstream
	// Metadata is where the chosen provider's name is read, as a property.
	Metadata string
	// EndsLate has an attempt's last callbacks come when the next one has begun, which
	// Envoy does not rule out.
	EndsLate bool
	// NoRetries has no other attempt made whatever a request asks for, as when the
	// cluster's limit on retries is reached.
	NoRetries bool
}

// Routed is a request on its way through a Router. Its client's side is Edge, whose steps
// are called as those of any stream; whatever becomes possible then happens at once:
//
//   - The first attempt begins when the edge has let the request go. It sees the request's
//     headers, without those that the router takes for itself, and its body.
//   - Headers that an attempt changed are so for the next; the body is as the edge left it.
//   - An attempt that is reset before its answer's headers were let go, or whose headers
//     have one of x-envoy-retriable-header-names when they are, is followed by the next.
//   - The first answer that is not goes to the edge. Where none does, the edge is shown the
//     router's own: 503, or 504 after TimeOver.
//   - A local reply of an attempt ends the request: the edge is shown it as an answer.
type Routed struct {
	Edge     *Stream
	router   *Router
	attempts []*Stream // nil where there was not even a connection to ask for

	cluster string
	members []string
	headers Headers // as the attempts so far have left them
	retries retries
	sent    bool    // the current attempt's request has been handed to its provider
	passed  Message // what of its answer has been handed to the edge
	settled bool    // no other attempt will follow
	busy    bool
	late    *Stream // an attempt that is over and has not been told
}

// retries is what a request's headers ask of the router.
type retries struct {
	left    int
	on      []string
	headers []string // that mark an answer
}

// NewRequest begins a request, the first step of which is Edge.RequestHeaders.
func (r *Router) NewRequest(properties map[string]string) *Routed {
	x := &Routed{router: r, Edge: r.Edge.NewStream(properties)}
	x.Edge.progress = x.advance
	return x
}

// Exchange runs a request and all its attempts, as far as they come by themselves.
func (r *Router) Exchange(request Request) *Routed {
	x := r.NewRequest(request.Properties)
	x.Edge.Send(request)
	return x
}

// Attempts are the attempts so far; one that is nil has left no trace.
func (x *Routed) Attempts() []*Stream { return slices.Clone(x.attempts) }

// Attempt is the one at hand.
func (x *Routed) Attempt() *Stream {
	if len(x.attempts) == 0 {
		return nil
	}
	return x.attempts[len(x.attempts)-1]
}

// TimeOver is the time over that the router gives an attempt until its answer's headers
// are let go.
func (x *Routed) TimeOver() {
	if a := x.Attempt(); a != nil && !a.ended && a.response.out.Headers == nil {
		x.busy = true
		x.reset("504", "upstream request timeout", flagTimeout)
		x.busy = false
		x.advance()
	}
}

// Abort is the client hanging up.
func (x *Routed) Abort() { x.Edge.Abort() }

// The response flags by which Envoy tells who broke a stream off:
// StreamInfo::CoreResponseFlag.
const (
	flagTimeout = 1 << 2
	flagReset   = 1 << 4
	flagNoRoute = 1 << 24
)

// advance does what has become possible by a step of one of the streams.
func (x *Routed) advance() {
	if x.busy {
		return
	}
	x.busy = true
	defer func() { x.busy = false }()
	for x.begin() || x.send() || x.answer() {
	}
	if x.Edge.ended {
		x.endAttempt()
		x.endLate()
	}
}

// begin makes the first attempt, if there is none and the edge has let the request go.
func (x *Routed) begin() bool {
	out := x.Edge.request.out
	if x.cluster != "" || !out.End || x.Edge.over || x.Edge.response.begun {
		return false
	}
	x.cluster = out.Headers.Get(x.router.Header)
	members, composite := x.router.Composites[x.cluster]
	if !composite {
		x.settled = true
		if up := x.router.Providers[x.cluster]; up != nil {
			x.Edge.Respond(func(m Message) Response {
				answer := up(m)
				if answer.Reset {
					x.Edge.props["response.flags"] = flags(flagReset)
				}
				return answer
			})
			return true
		}
		x.unanswered("503", "no such cluster: "+x.cluster, flagNoRoute)
		return true
	}
	x.members = members
	x.headers = slices.Clone(out.Headers)
	x.takeRetries()
	x.attempt()
	return true
}

// takeRetries takes what is meant for the router out of the headers.
func (x *Routed) takeRetries() {
	take := func(name string) string {
		value := x.headers.Get(name)
		x.headers.remove(name)
		return value
	}
	x.retries.left, _ = strconv.Atoi(take("x-envoy-max-retries"))
	x.retries.on = strings.Split(take("x-envoy-retry-on"), ",")
	x.retries.headers = strings.Split(take("x-envoy-retriable-header-names"), ",")
	if limit := take("x-envoy-upstream-rq-per-try-timeout-ms"); limit != "" {
		x.headers.set("x-envoy-expected-rq-timeout-ms", limit) // for the upstream to know
	}
}

// attempt makes the next attempt.
func (x *Routed) attempt() {
	n := len(x.attempts)
	name := x.members[min(n, len(x.members)-1)]
	x.sent, x.passed = false, Message{}
	if up, known := x.router.Providers[name]; known && up == nil {
		x.attempts = append(x.attempts, nil)
		x.reset("503", noConnection, flagReset)
		return
	}
	properties := map[string]string{
		"upstream.request_attempt_count": string(binary.LittleEndian.AppendUint64(nil, uint64(n+1))),
		x.router.Metadata:                name,
	}
	maps.Copy(properties, x.Edge.props)
	a := x.router.Upstream.stream(properties)
	a.upstream, a.state, a.trace, a.progress = true, x.Edge.state, x.Edge.trace, x.advance
	x.attempts = append(x.attempts, a)
	a.create()

	out := x.Edge.request.out
	a.RequestHeaders(x.headers, len(out.Chunks) == 0 && out.Trailers == nil)
	if body := out.Body(); len(body) > 0 {
		a.RequestBody(body, out.Trailers == nil)
	}
	if out.Trailers != nil {
		a.RequestTrailers(out.Trailers)
	}
	x.endLate()
}

// send asks the provider, if the attempt's request has gone out whole.
func (x *Routed) send() bool {
	a := x.Attempt()
	if a == nil || x.sent || a.over || !a.request.out.End {
		return false
	}
	x.sent = true
	x.busy = false // each step of the answer has what follows of it
	a.Respond(x.router.Providers[x.members[min(len(x.attempts), len(x.members))-1]])
	x.busy = true
	return true
}

// answer takes what an attempt has let go.
func (x *Routed) answer() bool {
	a := x.Attempt()
	if a == nil || a.ended || x.Edge.ended {
		return false
	}
	if a.reply != nil {
		reply := a.reply
		a.reply, x.settled = nil, true
		x.endAttempt()
		x.Edge.answeredUpstream(*reply)
		return true
	}
	out := a.response.out
	got := out.since(x.passed)
	switch {
	case out.Headers == nil && out.Reset:
		x.reset("503", noConnection, flagReset)
		return true
	case out.Headers == nil:
		return false
	case !x.settled && x.marked(out.Headers) && x.again():
		return true
	}
	x.settled = true
	x.passed = out
	return x.pass(got)
}

// pass gives the edge what an attempt has let go.
func (x *Routed) pass(got Message) (some bool) {
	if got.Headers != nil {
		x.Edge.ResponseHeaders(got.Headers, got.End && len(got.Chunks) == 0 && got.Trailers == nil)
		some = true
	}
	for i, chunk := range got.Chunks {
		x.Edge.ResponseBody(chunk, got.End && got.Trailers == nil && i == len(got.Chunks)-1)
		some = true
	}
	switch {
	case got.Trailers != nil:
		x.Edge.ResponseTrailers(got.Trailers)
	case got.End && len(got.Chunks) == 0 && got.Headers == nil:
		x.Edge.ResponseBody(nil, true)
	case got.Reset:
		x.Edge.props["response.flags"] = flags(flagReset)
		x.Edge.UpstreamReset()
	default:
		return some
	}
	return true
}

// marked tells whether an answer's headers ask for another attempt.
func (x *Routed) marked(h Headers) bool {
	return slices.Contains(x.retries.on, "retriable-headers") && slices.ContainsFunc(x.retries.headers, h.Has)
}

// reset is an attempt that is over without headers that were let go.
func (x *Routed) reset(status, text string, flag uint64) {
	if slices.Contains(x.retries.on, "reset") && x.again() {
		return
	}
	x.settled = true
	x.endAttempt()
	x.unanswered(status, text, flag)
}

// again makes another attempt, if one is left.
func (x *Routed) again() bool {
	if x.retries.left == 0 || x.router.NoRetries {
		return false
	}
	x.retries.left--
	x.endAttempt()
	x.attempt()
	return true
}

// endAttempt is the last of an attempt, or will be when the next one has begun.
func (x *Routed) endAttempt() {
	a := x.Attempt()
	if a == nil || a.ended {
		return
	}
	a.over = true
	x.headers = a.request.headers
	x.endLate()
	if x.late = a; !x.router.EndsLate || x.settled || x.Edge.ended {
		x.endLate()
	}
}

func (x *Routed) endLate() {
	if a := x.late; a != nil {
		x.late = nil
		a.end()
	}
}

const noConnection = "upstream connect error"

// unanswered is the router's own answer to a request that no attempt has one for.
func (x *Routed) unanswered(status, text string, flag uint64) {
	x.Edge.props["response.flags"] = flags(flag)
	x.Edge.unanswered(status, text)
}

func flags(f uint64) string { return string(binary.LittleEndian.AppendUint64(nil, f)) }
