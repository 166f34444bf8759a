package policy

import "strconv"

func (e Endpoint) authority() string {
	host := e.Host
	for i := 0; i < len(host); i++ {
		if host[i] == ':' { // an IPv6 address: RFC 3986, section 3.2.2
			host = "[" + host + "]"
			break
		}
	}
	if e.TLS && e.Port == 443 || !e.TLS && e.Port == 80 {
		return host
	}
	return host + ":" + strconv.Itoa(e.Port)
}
