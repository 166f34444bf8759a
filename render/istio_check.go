package render

import (
	"errors"
	"fmt"
	"path"
	"slices"

	"github.com/sluice-gateway/sluice/policy"
)

// check refuses options that lead nowhere, and says all of them at once. What is about one kind of
// object is refused beside what writes it: checkNames, checkCompanion, checkTargets, checkHosts.
func (o *IstioOptions) check(p *policy.Policy) error {
	of := o.checkFull
	if o.Shape == Plugin {
		of = o.checkPlugin
	}
	return errors.Join(o.checkPods(), of(p), o.checkNames(), o.checkFiles(), o.checkCompanion(p))
}

// checkPods wants to know where Sluice runs.
func (o *IstioOptions) checkPods() error {
	switch {
	case o.Shape == Full && len(o.Targets) > 0:
		return errors.New("target: shape full is for the pods of an Istio Gateway: name them with selector. A Gateway of the Gateway API, a Service and a waypoint take shape plugin")
	case o.Shape == Full && len(o.Selector) == 0:
		return errors.New("selector: say which pods Sluice runs in, by their labels, as in istio=ingressgateway")
	case (len(o.Selector) == 0) == (len(o.Targets) == 0):
		return errors.New("say which pods, with one of selector (as in istio=ingressgateway) and target (as in Gateway/llm)")
	}
	return nil
}

func (o *IstioOptions) checkFull(p *policy.Policy) error {
	switch {
	case len(o.Gateways) == 0:
		return errors.New("gateway: shape full has the gateway's route: name the Istio Gateway that clients come in by")
	case o.API != wasmPlugin || o.Traffic != "" || o.Priority != 0 || o.PullSecret != "":
		return errors.New("api, traffic, priority and pull secret belong to shape plugin")
	case o.Unfiltered != "refuse" && o.Unfiltered != "pass":
		return fmt.Errorf("unfiltered: %q: there are refuse and pass", o.Unfiltered)
	case o.Unfiltered == "pass" && p.DefaultProvider == "":
		return errors.New("unfiltered: pass is to the policy's default_provider, and it has none")
	}
	return o.checkHosts(p)
}

// checkFiles refuses paths that depend on where the proxy was started.
func (o *IstioOptions) checkFiles() error {
	for _, file := range []struct{ option, path string }{
		{"ca", o.CAFile},
		{"companion-ca", o.CompanionTLS.CAFile},
		{"companion-cert", o.CompanionTLS.Cert},
		{"companion-key", o.CompanionTLS.Key},
	} {
		if file.path != "" && !path.IsAbs(file.path) {
			return fmt.Errorf("%s: %q: want where the file is in the proxy's container, from the root on, as in /etc/companion/%s", file.option, file.path, path.Base(file.path))
		}
	}
	return nil
}

// everyHost tells whether no hosts were given, or all.
func (o *IstioOptions) everyHost() bool { return slices.Contains(o.Hosts, "*") }
