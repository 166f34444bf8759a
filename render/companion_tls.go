package render

import (
	"errors"
	"fmt"

	"github.com/sluice-gateway/sluice/gateway"
	"github.com/sluice-gateway/sluice/policy"
)

// CompanionTLS are the files of the connection to a companion behind https://, in PEM form, by
// their paths on the gateway's machine.
type CompanionTLS struct {
	// CAFile has the authorities that vouch for the companion, and for nobody else; "" = those that
	// vouch for providers.
	CAFile string
	// Cert and Key are the certificate that the gateway shows to a companion which asks for one,
	// and its key; "" = none.
	Cert, Key string
}

// companionPeer is the companion, as its cluster verifies it. Envoy reads the files when it
// starts, and does not start without them.
func (e *envoy) companionPeer(to policy.Endpoint) peer {
	files := e.opt.CompanionTLS
	p := peer{host: e.proves(gateway.CompanionCluster, to), roots: e.roots()}
	if files.CAFile != "" {
		p.roots = at("trusted_ca", file(files.CAFile)).
			why("The companion's own authorities, which vouch for no provider (\"sluice render --companion-ca\").")
	}
	if files.Cert != "" {
		p.certificate = []field{at("tls_certificates", list(object(
			at("certificate_chain", file(files.Cert)),
			at("private_key", file(files.Key)),
		)))}
	}
	return p
}

// check refuses files that would be used for nothing: who names one counts on it.
func (files CompanionTLS) check(p *policy.Policy) error {
	what := "companion certificate"
	if files.Cert == "" && files.Key == "" {
		what = "companion-ca"
	}
	switch {
	case files == (CompanionTLS{}):
		return nil
	case (files.Cert != "") != (files.Key != ""):
		return errors.New("companion certificate: the certificate and its key go together")
	case !p.UsesCompanion():
		return fmt.Errorf("%s: nothing in the policy needs a companion", what)
	case !p.Companion.Endpoint.TLS:
		return fmt.Errorf("%s: companion.endpoint is http://, where there is no certificate; write https://", what)
	}
	return nil
}
