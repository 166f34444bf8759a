package labelled

import (
	"math/rand/v2"
	"strings"
)

func ip(r *rand.Rand) string { return pick(r, ipv4, ipv4, ipv6)(r) }

// ipv4 is from RFC 5737's ranges for examples, a private one, or made up.
func ipv4(r *rand.Rand) string {
	n := between(r, 1, 254, 1)
	return pick(r, "192.0.2."+n, "198.51.100."+n, "203.0.113."+n, "10."+between(r, 0, 255, 1)+"."+between(r, 0, 255, 1)+"."+n, "192.168."+between(r, 0, 255, 1)+"."+n,
		"172.16."+between(r, 0, 255, 1)+"."+n, between(r, 24, 99, 1)+"."+between(r, 10, 255, 1)+"."+between(r, 10, 255, 1)+"."+n, between(r, 130, 223, 1)+"."+between(r, 1, 255, 1)+"."+between(r, 1, 255, 1)+"."+n)
}

// ipv6 is from RFC 3849's range for examples, or link-local, or a mapped IPv4 address.
func ipv6(r *rand.Rand) string {
	g := func() string { return pick(r, chars(r, 4, lowerHex), chars(r, 4, lowerHex), padded(1+r.IntN(9), 1)) }
	s := pick(r, "2001:db8::"+g(), "2001:db8:"+g()+":"+g()+"::"+g(), "2001:0db8:85a3:0000:0000:8a2e:"+chars(r, 4, lowerHex)+":"+chars(r, 4, lowerHex),
		"fe80::"+chars(r, 4, lowerHex)+":"+chars(r, 4, lowerHex)+":fe"+chars(r, 2, lowerHex)+":"+chars(r, 4, lowerHex), "2001:db8:"+g()+":"+g()+":"+g()+":"+g()+":"+g()+":"+g(),
		"::ffff:192.0.2."+between(r, 1, 254, 1), "2a02:"+chars(r, 4, lowerHex)+":"+g()+"::"+g())
	if r.IntN(6) == 0 {
		return strings.ToUpper(s)
	}
	return s
}

func mac(r *rand.Rand) string {
	s := chars(r, 12, lowerHex)
	if s[:6] == strings.Repeat(s[:1], 6) || strings.Trim(s, digits) == "" {
		s = "5e" + s[2:]
	}
	s = pick(r, grouped(s, ":", 2), grouped(s, ":", 2), grouped(s, "-", 2), grouped(s, ".", 4))
	if r.IntN(2) == 0 {
		return strings.ToUpper(s)
	}
	return s
}
