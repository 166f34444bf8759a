//go:build wasip1

package main

import (
	"strings"

	"github.com/tetratelabs/proxy-wasm-go-sdk/proxywasm"
)

// What `sluice render --for kong` and the filter have agreed on.

// upstreamURI is nginx's variable with the path and the query that go to the upstream: the
// client's without the prefix of the route.
const upstreamURI = "ngx.upstream_uri"

// environmentPrefix begins the variables of nginx's in which a request has those of the
// environment: Kong gives a filter no environment of its own.
const environmentPrefix = "ngx.sluice_env_"

// meet learns from a plugin's first request which host this is, and on Kong the credentials.
func (p *plugin) meet() {
	if p.host.known {
		return
	}
	p.host.recognise()
	if p.host.fixedTarget && p.gateway != nil {
		p.gateway.FindCredentials(func(name string) string {
			value, _ := property([]string{environmentPrefix + strings.ToLower(name)})
			return value
		})
		p.complain()
	}
}

// complain says which credentials are missing.
func (p *plugin) complain() {
	for _, provider := range p.gateway.MissingCredentials() {
		proxywasm.LogWarn("sluice: no credential for provider " + provider + ": its requests are answered 503 until the gateway is started with the variable set")
	}
	if name := p.gateway.MissingToken(); name != "" {
		proxywasm.LogWarn("sluice: no token for the companion (" + name + " is not set): it will refuse the gateway's calls, and requests go on without the cache")
	}
}

// request gives a request's headers the form that the gateway reads. On Kong the path is the
// one that the route leads to.
func (h *host) request(pairs [][2]string) [][2]string {
	pairs = h.headers(pairs)
	if !h.fixedTarget {
		return pairs
	}
	uri, ok := property([]string{upstreamURI})
	for i := range pairs {
		if ok && pairs[i][0] == ":path" {
			if at := strings.IndexByte(pairs[i][1], '?'); at >= 0 && strings.IndexByte(uri, '?') < 0 {
				uri += pairs[i][1][at:] // Kong appends it only later
			}
			pairs[i][1] = uri
		}
	}
	return pairs
}
