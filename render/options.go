package render

import (
	"fmt"
	"math"
	"net/netip"
	"os"

	"github.com/sluice-gateway/sluice/policy"
)

// Options is what the policy does not say, because it is a matter of the machine
// that the gateway runs on. The zero value is a gateway for the local machine.
type Options struct {
	// Listen is where clients connect, as address:port; "" = 127.0.0.1:10000.
	// Port 0 lets Envoy choose.
	Listen string
	// Admin is where Envoy's admin interface listens, as address:port;
	// "" = 127.0.0.1:9901. Whoever reaches it can stop the gateway.
	Admin string
	// Wasm is the path of sluice.wasm on the gateway's machine; "" =
	// build/sluice.wasm. A relative path is relative to Envoy's working directory.
	Wasm string
	// CAFile is the path of the root certificates that providers are verified
	// with, in PEM form; "" = /etc/ssl/certs/ca-certificates.crt.
	CAFile string
	// CompanionTLS is what a companion behind https:// is shown and verified with.
	CompanionTLS CompanionTLS
	// Filters is YAML with parts of your own that Sluice has no business to write:
	// under http_filters the HTTP filters that go in front of it, above all the one
	// that authenticates callers, and under clusters the clusters that they need.
	Filters []byte
}

func (o Options) withDefaults() Options {
	if o.Listen == "" {
		o.Listen = "127.0.0.1:10000"
	}
	if o.Admin == "" {
		o.Admin = "127.0.0.1:9901"
	}
	if o.Wasm == "" {
		o.Wasm = "build/sluice.wasm"
	}
	if o.CAFile == "" {
		o.CAFile = caFiles[0]
	}
	return o
}

// caFiles is where systems keep their root certificates.
var caFiles = [...]string{
	"/etc/ssl/certs/ca-certificates.crt",                // Debian, Ubuntu, Alpine, Arch
	"/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", // Fedora, RHEL and their kin
	"/etc/ssl/ca-bundle.pem",                            // SUSE
	"/etc/ssl/cert.pem",                                 // macOS, FreeBSD
}

// SystemCAFile returns where this machine keeps its root certificates: right for
// Options.CAFile when the gateway runs here too. Where none of the known places
// has any, it is the most usual one, so that Envoy names it in its complaint.
func SystemCAFile() string {
	for _, path := range caFiles {
		if _, err := os.Stat(path); err == nil {
			return path
		}
	}
	return caFiles[0]
}

// address is where a socket is bound.
type address struct {
	host string
	port int64
}

// parseAddress takes "10.0.0.1:80", "[::1]:80" and ":80" (every IPv4 address).
// Envoy does not look up a name here.
func parseAddress(option, value string) (address, error) {
	if len(value) > 0 && value[0] == ':' {
		value = "0.0.0.0" + value
	}
	parsed, err := netip.ParseAddrPort(value)
	if err != nil {
		return address{}, fmt.Errorf("%s: %q: want an address and a port, as in 127.0.0.1:10000 or [::1]:10000", option, value)
	}
	return address{host: parsed.Addr().String(), port: int64(parsed.Port())}, nil
}

// meets tells whether two sockets cannot both be bound: they have one port, and one address or all.
func (a address) meets(other address) bool {
	every := func(host string) bool { return host == "0.0.0.0" || host == "::" }
	return a.port != 0 && a.port == other.port && (a.host == other.host || every(a.host) || every(other.host))
}

// headroom is what Envoy may keep of a body beyond the policy's limit, so that it
// is the filter that refuses a body, in the client's dialect, and not Envoy.
const headroom = 1 << 20

// bufferFor returns how much of a body Envoy must be able to keep.
func bufferFor(limits policy.Limits) (int64, error) {
	// A flow-control window of HTTP/2, which must hold a body too, has 31 bits.
	const most = math.MaxInt32 - headroom
	for _, limit := range []struct {
		name  string
		bytes int64
	}{{"limits.request_body", limits.RequestBody}, {"limits.response_body", limits.ResponseBody}} {
		if limit.bytes > most {
			return 0, fmt.Errorf("%s: %d bytes are more than the %d that Envoy can keep of one body", limit.name, limit.bytes, int64(most))
		}
	}
	return max(limits.RequestBody, limits.ResponseBody) + headroom, nil
}
