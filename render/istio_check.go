package render

import (
	"errors"
	"fmt"

	"github.com/sluice-gateway/sluice/policy"
)

// check refuses options that lead nowhere. What is about one kind of object is refused beside what
// writes it: checkNames, checkCompanion, checkTargets, checkHosts.
func (o *IstioOptions) check(p *policy.Policy) error {
	if err := errors.Join(o.checkNames(), o.checkCompanion(p)); err != nil {
		return err
	}
	switch {
	case (len(o.Selector) == 0) == (len(o.Targets) == 0):
		return errors.New("say which pods, with one of selector (as in istio=ingressgateway) and target (as in Gateway/llm)")
	case o.Shape == Plugin:
		return o.checkPlugin()
	}
	return o.checkFull(p)
}

func (o *IstioOptions) checkFull(p *policy.Policy) error {
	switch {
	case len(o.Targets) > 0:
		return errors.New("target: shape full is for the pods of an Istio Gateway: name them with selector. A Gateway of the Gateway API, a Service and a waypoint take shape plugin")
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
