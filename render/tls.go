package render

import (
	"go.yaml.in/yaml/v3"

	"github.com/sluice-gateway/sluice/policy"
)

// tls is the connection to an https endpoint: the provider must prove to be the
// host that the policy names, by a certificate of a root that the file lists.
//
// Envoy also accepts system_root_certs in place of a file. It must not be used:
// measured on 1.37.0 and 1.40.0 it starts without complaint and then verifies
// nothing, not even a self-signed certificate is refused.
func (e *envoy) tls(to policy.Endpoint) *yaml.Node {
	name, kind := []field{at("sni", to.Host)}, "DNS"
	if isAddress(to.Host) {
		name, kind = nil, "IP_ADDRESS" // RFC 6066, section 3: SNI is for names only
	}
	return extension("envoy.transport_sockets.tls",
		"envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
		append(name, at("common_tls_context", object(
			at("validation_context", object(
				at("trusted_ca", flow(object(at("filename", e.opt.CAFile)))).
					why("Without roots Envoy would verify nothing. Where systems keep them differs:\n\"sluice render --ca\" says which."),
				at("match_typed_subject_alt_names", list(flow(object(
					at("san_type", kind),
					at("matcher", flow(object(at("exact", to.Host)))),
				)))),
			)),
		)))...,
	)
}
