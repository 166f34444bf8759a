package render

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/sluice-gateway/sluice/gateway"
)

// Upstreams are all that the filter may send a request to: clusters, with the provider role in
// front of them, and the hosts that the route must have. Each is an object of its own, with a
// name that is made of what it leads to, and all have a label: so that another policy's can be
// there beside them.
//
// Why: istiod sends clusters and filters at the same time. A filter that is there before its
// clusters, or longer than them, sends requests to none, and they fail. So do attempts whose
// provider role is in another machine than the filter that has sent them. A policy with other
// upstreams, or another module, is therefore applied in three steps, that of the filter between
// two in which the upstreams of both are there. One object for all could not do that: what both
// have would be there twice.

// The label of these objects, and the one that tells those of one rendering.
const (
	componentLabel = "app.kubernetes.io/component"
	versionLabel   = "app.kubernetes.io/version"
)

// upstreams is the first label's value. It has the rendering's name, so that what deletes the
// upstreams that are left over of one deletes none of another.
func (o *IstioOptions) upstreams() string { return o.Name + "-upstreams" }

// upstreamObjects are all of them, in the order in which one needs the other.
func (i *istio) upstreamObjects() (all []*yaml.Node) {
	for _, h := range i.hosts {
		all = append(all, i.serviceEntry(h))
		if h.tls() {
			all = append(all, i.destinationRule(h))
		}
	}
	if i.opt.Shape == Plugin {
		return all
	}
	role := i.providerWasm()
	all = append(all, i.kubernetes("networking.istio.io/v1alpha3", "EnvoyFilter", i.opt.upstreamName(valueOf(role, "name")), i.inThePods(list(
		i.extension(role, "Sluice's module in front of the providers, once for each attempt. It runs in the machine of\nthe filter below, which is one for both as long as vm_id, module and variables are the same:\nits name tells this machine from one that it takes the place of."),
	))))
	listeners := map[string]*yaml.Node{}
	for _, listener := range i.insideListeners() {
		listeners[valueOf(listener, "name")] = listener
	}
	for _, cluster := range i.clusters().Content {
		patches := list()
		name := valueOf(cluster, "name")
		inside := meshPrefix + strings.TrimPrefix(name, gateway.ClusterPrefix)
		if name == gateway.CompanionCluster {
			inside = meshCompanion
		}
		if listener := listeners[inside]; listener != nil {
			patches.Content = append(patches.Content, patch("LISTENER", nil, "ADD", listener))
		}
		patches.Content = append(patches.Content, patch("CLUSTER", nil, "ADD", cluster))
		all = append(all, i.kubernetes("networking.istio.io/v1alpha3", "EnvoyFilter", i.opt.upstreamName(name), i.inThePods(patches)))
	}
	for _, host := range i.ownHosts() {
		all = append(all, i.virtualService(i.opt.upstreamName("sluice_host_"+host), at("hosts", texts(host)).
			why("Sluice writes a provider's host into :authority, after which Envoy looks for the route\nagain: here. The Gateway's hosts must have it too."), i.fullRoute()))
	}
	i.version = versionOf(all)
	for _, o := range all {
		with(get(get(o, "metadata"), "labels"), at(componentLabel, i.opt.upstreams()), at(versionLabel, i.version))
	}
	return all
}

// ownHosts are the hosts of providers that the route has no name for otherwise.
func (i *istio) ownHosts() (all []string) {
	if i.opt.everyHost() {
		return nil
	}
	for _, p := range i.policy.Providers {
		if host := p.Endpoint.Host; !slices.Contains(i.opt.Hosts, host) && !slices.Contains(all, host) {
			all = append(all, host)
		}
	}
	return all
}

// unfit are the characters of a cluster's name that an object's cannot have.
var unfit = regexp.MustCompile(`[^a-z0-9]+`)

// upstreamName makes a name of an object of what it leads to, which is called sluice_…: readable,
// and each another one.
func (o *IstioOptions) upstreamName(of string) string {
	sum := sha256.Sum256([]byte(of))
	name := strings.TrimPrefix(unfit.ReplaceAllString(strings.ToLower(of), "-"), "sluice-")
	return o.Name + "-" + strings.TrimRight(name[:min(len(name), 43)], "-") + "-" + hex.EncodeToString(sum[:4])
}

// versionOf tells one set of objects from another by their kinds and names.
func versionOf(objects []*yaml.Node) string {
	sum := sha256.New()
	for _, o := range objects {
		sum.Write([]byte(valueOf(o, "kind") + "/" + valueOf(get(o, "metadata"), "name") + "\n"))
	}
	return "u" + hex.EncodeToString(sum.Sum(nil)[:5]) // a letter, or it might be a number
}

// steps are how this file takes an earlier one's place while requests are served.
func (i *istio) steps() string {
	upstreams := componentLabel + "=" + i.opt.upstreams()
	return "Over an earlier file, while requests are served (docs/istio.md):\n" +
		"  kubectl apply --server-side -f FILE -l " + upstreams + "   # then wait ten seconds\n" +
		"  kubectl apply --server-side -f FILE                                                   # and until the longest request is over\n" +
		"  kubectl -n " + i.opt.Namespace + " delete virtualservice,envoyfilter,destinationrule,serviceentry \\\n" +
		"    -l " + upstreams + "," + versionLabel + "!=" + i.version
}
