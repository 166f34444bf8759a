package policy

import (
	"strconv"
	"strings"
)

func (e Endpoint) authority() string {
	host := e.Host
	if strings.IndexByte(host, ':') >= 0 { // an IPv6 address: RFC 3986, section 3.2.2
		host = "[" + host + "]"
	}
	if e.TLS && e.Port == 443 || !e.TLS && e.Port == 80 {
		return host
	}
	return host + ":" + strconv.Itoa(e.Port)
}
