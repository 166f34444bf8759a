package render

import (
	"go.yaml.in/yaml/v3"

	"github.com/sluice-gateway/sluice/policy"
)

// peer is the other end of a connection over TLS.
type peer struct {
	host        string  // the name, or the address, that its certificate must be of
	roots       field   // the file of the authorities that may have signed it
	certificate []field // what it is shown of the gateway, if anything
}

// tls is the connection to an https endpoint: the server must prove to be the host that the
// policy names, by a certificate of a root that the file lists.
//
// Envoy also accepts system_root_certs in place of a file. It must not be used:
// measured on 1.37.0 and 1.40.0 it starts without complaint and then verifies
// nothing, not even a self-signed certificate is refused.
func (e *envoy) tls(to peer) *yaml.Node {
	name, kind := []field{at("sni", to.host)}, "DNS"
	if isAddress(to.host) {
		name, kind = nil, "IP_ADDRESS" // RFC 6066, section 3: SNI is for names only
	}
	return extension("envoy.transport_sockets.tls",
		"envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
		append(name, at("common_tls_context", object(append(to.certificate,
			at("validation_context", object(
				to.roots,
				at("match_typed_subject_alt_names", list(flow(object(
					at("san_type", kind),
					at("matcher", flow(object(at("exact", to.host)))),
				)))),
			)),
		)...)))...,
	)
}

// proves is the host that the server behind a cluster must prove to be.
func (e *envoy) proves(cluster string, to policy.Endpoint) string {
	if host, other := e.written[cluster]; other {
		return host
	}
	return to.Host
}

// roots are the authorities that providers are verified with.
func (e *envoy) roots() field {
	return at("trusted_ca", file(e.opt.CAFile)).
		why("Without roots Envoy would verify nothing. Where systems keep them differs:\n\"sluice render --ca\" says which.")
}

// file is how Envoy is told one.
func file(path string) *yaml.Node { return flow(object(at("filename", path))) }
