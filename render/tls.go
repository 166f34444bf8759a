package render

import (
	"errors"

	"go.yaml.in/yaml/v3"

	"github.com/sluice-gateway/sluice/policy"
)

// tls is the connection to an https endpoint: the provider must prove to be the
// host that the policy names, by a certificate of a root that the file lists.
//
// Envoy also accepts system_root_certs in place of a file. It must not be used:
// measured on 1.37.0 and 1.40.0 it starts without complaint and then verifies
// nothing, not even a self-signed certificate is refused. certificate is what the gateway
// shows of itself, if anything.
func (e *envoy) tls(to policy.Endpoint, certificate ...field) *yaml.Node {
	name, kind := []field{at("sni", to.Host)}, "DNS"
	if isAddress(to.Host) {
		name, kind = nil, "IP_ADDRESS" // RFC 6066, section 3: SNI is for names only
	}
	return extension("envoy.transport_sockets.tls",
		"envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
		append(name, at("common_tls_context", object(append(certificate,
			at("validation_context", object(
				at("trusted_ca", flow(object(at("filename", e.opt.CAFile)))).
					why("Without roots Envoy would verify nothing. Where systems keep them differs:\n\"sluice render --ca\" says which."),
				at("match_typed_subject_alt_names", list(flow(object(
					at("san_type", kind),
					at("matcher", flow(object(at("exact", to.Host)))),
				)))),
			)),
		)...)))...,
	)
}

// companionCertificate is the certificate that the companion is shown, if there is one. Envoy
// reads both files when it starts, and does not start without them.
func (e *envoy) companionCertificate() []field {
	if e.opt.CompanionCert == "" {
		return nil
	}
	file := func(name string) *yaml.Node { return flow(object(at("filename", name))) }
	return []field{at("tls_certificates", list(object(
		at("certificate_chain", file(e.opt.CompanionCert)),
		at("private_key", file(e.opt.CompanionKey)),
	)))}
}

// checkCompanionCertificate refuses a certificate that nobody would be shown: who names one
// counts on it.
func (o *Options) checkCompanionCertificate(p *policy.Policy) error {
	switch given := o.CompanionCert != ""; {
	case given != (o.CompanionKey != ""):
		return errors.New("companion certificate: the certificate and its key go together")
	case given && !p.UsesCompanion():
		return errors.New("companion certificate: nothing in the policy needs a companion")
	case given && !p.Companion.Endpoint.TLS:
		return errors.New("companion certificate: companion.endpoint is http://, where none is shown; write https://")
	}
	return nil
}
