package conformance

import (
	"net/http"
	"strings"
	"testing"
)

// Host is what serves the module.
type Host interface {
	// Start serves a policy until the test is over.
	Start(t testing.TB, p *Policy, b *Backends) Gateway
}

// Gateway is a host that serves one policy.
type Gateway interface {
	// Do makes a request and reads its answer to the end, whatever that is. Where there
	// has to be a decision record it waits for that, else it looks whether there is one.
	Do(t testing.TB, r Request, recorded bool) Seen
	// Metrics are the filter's counters so far, as /stats/prometheus writes them.
	Metrics(t testing.TB) map[string]int64
	// Providers are what stands behind it.
	Providers() *Providers
}

// clientKey is the credential that every client shows.
const clientKey = "sk-of-the-client"

// teamMark stands for a scenario's team.
const teamMark = "{team}"

// headers are those of a request by a team's client, of whichever API.
func (r *Request) headers() http.Header {
	h := http.Header{"Content-Type": {"application/json"}, "X-Team": {r.team}, "User-Agent": {"conformance"}}
	if strings.HasPrefix(r.Path, "/v1/messages") {
		h.Set("x-api-key", clientKey)
		h.Set("anthropic-version", "2023-06-01")
	} else {
		h.Set("authorization", "Bearer "+clientKey)
	}
	for name, value := range r.Header {
		if value == "" {
			h.Del(name)
			continue
		}
		h.Set(name, strings.ReplaceAll(value, teamMark, r.team))
	}
	return h
}

func (r *Request) method() string {
	if r.Method == "" {
		return http.MethodPost
	}
	return r.Method
}
