package conformance

import "github.com/tidwall/gjson"

// Scenario is a few requests to a gateway with one policy, and what has to be seen of them.
type Scenario struct {
	Name  string
	On    *Policy
	Needs []Feature
	// Providers are scripts of internal/mock, by server: alpha, beta, claude, open. One
	// that has none says who it is. A provider that is silent is so for ever (`stall`
	// without `for`, `delay: 1h`): there is no other pace in a scenario, since not every
	// host's clock is ours.
	Providers map[string]string
	Steps     []Step
	// Without is what is seen in place of each step where a host lacks a feature. It may be
	// shorter than Steps: the rest is not made then.
	Without map[Feature][]Want
}

// Step is one request of a client.
type Step struct {
	Request
	Want
}

// Request is what a client sends.
type Request struct {
	Method string            // "" = POST
	Path   string            //
	Header map[string]string // over those that every client of the API sends; "" = not that one; {team} is the client's
	Body   string
	// Chunked is a body whose length is not announced.
	Chunked bool
	// Pieces is in how many the body leaves the client; 0 = 2.
	Pieces int
	// Trailers come behind a body in chunks.
	Trailers map[string]string
	// Until has the request made again, for as long as its answer lacks these headers: what
	// it waits for happens after an answer.
	Until map[string]string
	// Leaves has the client hang up when it has read so much of the answer; LeavesFirst when
	// a provider has the request, and nothing of an answer has come.
	Leaves      string
	LeavesFirst bool
	// LeavesEarly has it hang up in the middle of its body.
	LeavesEarly bool

	team string // of the client
}

func (r *Request) leaves() bool { return r.Leaves != "" || r.LeavesFirst || r.LeavesEarly }

// Want is what is seen of a request. A value is written as matches reads it.
type Want struct {
	Status int // Unreachable = the host's own, see Tier
	Header map[string]string
	Body   string   // all of it; "" = whatever
	Says   []string // parts of the body
	Hides  []string // what is nowhere in it
	JSON   map[string]string
	// Of an answer in whichever API, a stream or not: its text, its finish reason, its
	// calls of tools, as name({"argument":1}), and the code of its error (Anthropic: type).
	Text, Finish, Calls, Error string

	Broken     bool // the connection breaks in the answer
	Unfinished bool // a stream ends without its API's end

	Sent   []Sent            // what came to the providers, in order; nil = nothing
	Record map[string]string // fields of the decision record; nil = there is none
	// Metrics are additions to counters, as /stats/prometheus writes them; {team} is the
	// client's.
	Metrics map[string]int64
}

// Unreachable stands for the status of a host's own answer.
const Unreachable = -1

// Sent is a request as it came to a provider.
type Sent struct {
	To     string // the server
	Path   string
	Header map[string]string
	Body   string
	Says   []string
	Hides  []string
	JSON   map[string]string
}

// Topic is a part of the table.
type Topic struct {
	Name      string
	Scenarios []Scenario
}

// Topics are all scenarios.
var Topics = []Topic{
	{"Calls", calls}, {"Refusals", refusals}, {"Budgets", budgets}, {"Answers", answers}, {"Translation", translation},
	{"Failover", failover}, {"Routing", routing}, {"Cache", cache}, {"Guards", guards},
}

// refused is why a scenario's policy, as far as it has to do with it, must not run on a
// tier's host: refusals are those of its policy, by model.
func (s *Scenario) refused(refusals map[string]string) string {
	for _, step := range s.Steps {
		if why := refusals[gjson.Get(step.Request.Body, "model").Str]; why != "" {
			return why
		}
	}
	return ""
}

// lacks is the first of a scenario's needs that a tier lacks, and why.
func (s *Scenario) lacks(t *Tier) (Feature, string) {
	for _, f := range s.Needs {
		if why, lacking := t.Lacks[f]; lacking {
			return f, why
		}
	}
	return "", ""
}
