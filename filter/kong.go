//go:build wasip1

package main

import (
	"strings"

	"github.com/tetratelabs/proxy-wasm-go-sdk/proxywasm"

	"github.com/sluice-gateway/sluice/filter/internal/abi"
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
	if p.host.sharesRecords {
		p.gateway.ShareRecords()
	}
	if p.routed {
		p.gateway.FindCredentials(kongVariable)
		p.complain()
	}
}

// cut tells whether a request has more headers than the host shows: Kong hands out 100 at once,
// of which :path, :method, :scheme and :authority are the first. What its plugins have put on,
// such as the name of the consumer, comes last.
func (h *host) cut(shown, count int) bool {
	const most, pseudo = 100, 4
	return h.cutsHeaders && shown >= most && count > most-pseudo
}

func kongVariable(name string) string {
	value, _ := abi.Property(nil, environmentPrefix+strings.ToLower(name))
	return string(value)
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

// routed gives a request the path that the route leads to, where the host has one.
func routed(pairs [][2]string) [][2]string {
	value, _ := abi.Property(nil, upstreamURI)
	if len(value) == 0 {
		return pairs
	}
	for i := range pairs {
		if pairs[i][0] == ":path" {
			uri := string(value)
			if _, query, asks := strings.Cut(pairs[i][1], "?"); asks && strings.IndexByte(uri, '?') < 0 {
				uri += "?" + query // Kong appends it only later
			}
			pairs[i][1] = uri
		}
	}
	return pairs
}
