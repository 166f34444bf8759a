package strict

import (
	"strconv"
	"strings"

	"github.com/sluice-gateway/sluice/policy"
)

// ParseEndpoint takes a base URL apart: scheme, host, optional port, optional path;
// no user, query or fragment. The host comes out in lower case. false: it is none.
func ParseEndpoint(text string) (policy.Endpoint, bool) {
	e := policy.Endpoint{Port: 80}
	rest, ok := strings.CutPrefix(text, "http://")
	if !ok {
		if rest, ok = strings.CutPrefix(text, "https://"); !ok {
			return e, false
		}
		e.TLS, e.Port = true, 443
	}
	host := rest
	if slash := strings.IndexByte(rest, '/'); slash >= 0 {
		host, e.BasePath = rest[:slash], strings.TrimSuffix(rest[slash:], "/")
	}
	port, hasPort := "", false
	if bracketed, isV6 := strings.CutPrefix(host, "["); isV6 {
		if e.Host, port, ok = strings.Cut(bracketed, "]"); !ok || !isIPv6(e.Host) {
			return e, false
		}
		if port, hasPort = strings.CutPrefix(port, ":"); !hasPort && port != "" {
			return e, false
		}
	} else if e.Host, port, hasPort = strings.Cut(host, ":"); !isHost(e.Host) {
		return e, false
	}
	if hasPort {
		v, ok := parseDigits(port)
		if !ok || v < 1 || v > 65535 {
			return e, false
		}
		e.Port = int(v)
	}
	e.Host = strings.ToLower(e.Host)
	return e, isBasePath(e.BasePath)
}

// isHost: a DNS name, with the underscore that container networks use, or an IPv4
// address. A name whose last label is a number is an address or nothing (URL Standard,
// "ends in a number").
func isHost(host string) bool {
	labels := strings.Split(host, ".")
	if len(host) > 253 {
		return false
	}
	for _, label := range labels {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' || !all(label, isHostByte) {
			return false
		}
	}
	if leadingDigits(labels[len(labels)-1]) < len(labels[len(labels)-1]) {
		return true
	}
	for _, label := range labels {
		if v, ok := parseDigits(label); !ok || v > 255 {
			return false
		}
	}
	return len(labels) == 4
}

func isHostByte(c byte) bool { return isVariableByte(c) || c == '-' }

// isIPv6: RFC 4291, section 2.2, forms 1 and 2. An address within an IPv4 tail or with a
// zone is written otherwise or not at all.
func isIPv6(host string) bool {
	head, tail, short := strings.Cut(host, "::")
	groups := 0
	for _, half := range [...]string{head, tail} {
		if half == "" {
			continue
		}
		for _, group := range strings.Split(half, ":") {
			if _, err := strconv.ParseUint(group, 16, 16); err != nil || len(group) > 4 {
				return false
			}
			groups++
		}
	}
	return groups == 8 && !short || groups < 8 && short
}

// isBasePath: empty, or segments of unreserved characters (RFC 3986, section 2.3) and
// those that providers' paths use, none empty and none a step upward: what is checked
// here is what is sent, with nothing left to normalize.
func isBasePath(path string) bool {
	if path == "" {
		return true
	}
	for _, segment := range strings.Split(path[1:], "/") {
		if segment == "" || segment == "." || segment == ".." || !all(segment, isPathByte) {
			return false
		}
	}
	return len(path) <= 1024
}

func isPathByte(c byte) bool {
	return isAlnum(c) || strings.IndexByte("-._~:@!$&'()*+,;=", c) >= 0
}
