package wasmhost

import (
	"strconv"
	"strings"
)

// stream is the stream that the host call acts on; nil for a plugin.
func (c *hostCall) stream() *Stream { return c.vm.contexts[c.vm.effective] }

// getProperty looks in the stream's filter state, the stream, the VM, and what the
// profile has of itself.
func getProperty(c *hostCall) Status {
	path := strings.ReplaceAll(strings.TrimRight(string(c.bytes(0)), "\x00"), "\x00", ".")
	value, ok := c.vm.property(c.stream(), path)
	if !ok {
		return NotFound
	}
	return c.returnBytes([]byte(value))
}

func (vm *VM) property(s *Stream, path string) (string, bool) {
	if s != nil {
		if value, ok := s.state[path]; ok {
			return value, true
		}
		if value, ok := s.props[path]; ok {
			return value, true
		}
		switch path {
		case "request.path":
			return s.request.headers.lookup(":path")
		case "request.method":
			return s.request.headers.lookup(":method")
		}
	}
	if value, ok := vm.options.Properties[path]; ok {
		return value, true
	}
	if vm.options.Profile == Kong && s != nil { // the root context has none of them
		uri, query, _ := strings.Cut(s.request.original.Get(":path"), "?")
		switch {
		case path == upstreamURI:
			return uri, uri != ""
		case path == "ngx.args":
			return query, query != ""
		case path == "kong.version" && !vm.before(6):
			return vm.options.Version, true
		case path == "ngx.nginx_version":
			return "1025003", true
		}
	}
	return "", false
}

// setProperty writes filter state on Envoy, and one of nginx's variables on Kong.
func setProperty(c *hostCall) Status {
	path := strings.ReplaceAll(strings.TrimRight(string(c.bytes(0)), "\x00"), "\x00", ".")
	s := c.stream()
	c.trapIf(c.vm.options.Profile == Kong && strings.HasPrefix(path, "ngx.") && (s == nil || !variables[path]), "could not set "+path)
	if s == nil || c.vm.options.Profile == Kong && !strings.HasPrefix(path, "ngx.") &&
		!strings.HasPrefix(path, "wasmx.") && !strings.HasPrefix(path, "kong.ctx.") {
		return NotFound
	}
	s.state[path] = string(c.bytes(1))
	return OK
}

// upstreamURI is nginx's variable with what the upstream is asked for: the client's path, as
// the route has it, and from the body on its query.
const upstreamURI = "ngx.upstream_uri"

// variables are those of nginx's that a module may set.
var variables = map[string]bool{upstreamURI: true, "ngx.args": true}

// before tells a Kong older than 3.minor.
func (vm *VM) before(minor int) bool {
	if vm.options.Profile != Kong {
		return false
	}
	major, rest, _ := strings.Cut(vm.options.Version, ".")
	own, _, _ := strings.Cut(rest, ".")
	n, _ := strconv.Atoi(own)
	return major <= "3" && n < minor
}
