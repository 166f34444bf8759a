package render

import (
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/sluice-gateway/sluice/gateway"
	"github.com/sluice-gateway/sluice/policy"
)

// A provider that is a Service of the cluster is reached through the cluster that Istio makes of
// that Service. Istio's knows for each pod whether to speak mutual TLS to it, with which identity,
// and whether through ambient's tunnel; what Sluice's own cluster knows, and Istio's cannot, is
// which provider an attempt is for. An internal listener, which nobody outside this Envoy reaches,
// joins the two, and takes the bytes of a connection from one to the other as they are:
//
//	sluice_provider_vllm ──▶ listener sluice_mesh_vllm ──▶ outbound|8000||vllm.models.svc.cluster.local ──▶ pod

const (
	meshPrefix    = "sluice_mesh_" // of an internal listener, in front of the provider's name
	meshCompanion = "sluice_mesh"  // the companion's

	serviceSuffix = ".svc.cluster.local"
)

// serviceName is a Service's whole name: `vllm` and `vllm.models.svc` are names for it too.
// What is no name of a Service stays as it is.
func serviceName(host, namespace string) string {
	switch {
	case !inMesh(host) || ownPod(host):
		return host
	case !strings.Contains(host, "."):
		return host + "." + namespace + serviceSuffix
	case strings.HasSuffix(host, ".svc"):
		return host + ".cluster.local"
	}
	return host
}

// named is the policy with Services by their whole names: Envoy matches :authority, which Sluice
// makes of the endpoint, with the name that Istio has given the route. written has, by their
// clusters, the hosts that the policy writes otherwise: a certificate is for the name that is
// written, and so is what a server asks for in the handshake (SNI).
func named(p *policy.Policy, namespace string) (whole *policy.Policy, written map[string]string) {
	copied := *p
	written = map[string]string{}
	name := func(cluster string, to *policy.Endpoint) {
		if whole := serviceName(to.Host, namespace); whole != to.Host {
			written[cluster], to.Host = to.Host, whole
		}
	}
	copied.Providers = nil
	for _, v := range p.Providers {
		name(gateway.ClusterPrefix+v.Name, &v.Endpoint)
		copied.Providers = append(copied.Providers, v)
	}
	copied.Identity = claimsOfIstio(p.Identity)
	name(gateway.CompanionCluster, &copied.Companion.Endpoint)
	return &copied, written
}

// insideListener is the name of the internal listener that leads to an endpoint, "" where Envoy
// connects to it itself.
func (i *istio) insideListener(name string, to policy.Endpoint) string {
	switch {
	case i.opt.Shape != Full || !inMesh(to.Host) || ownPod(to.Host):
		return ""
	case name == gateway.CompanionCluster && i.opt.CompanionImage != "":
		return "" // its pod is rendered without a sidecar, and out of ambient's reach
	case name == gateway.CompanionCluster:
		return meshCompanion
	}
	return meshPrefix + strings.TrimPrefix(name, gateway.ClusterPrefix)
}

// insideListeners are all of them.
func (i *istio) insideListeners() (all []*yaml.Node) {
	add := func(cluster string, to policy.Endpoint) {
		if name := i.insideListener(cluster, to); name != "" {
			all = append(all, i.intoTheMesh(name, to))
		}
	}
	for _, p := range i.policy.Providers {
		add(gateway.ClusterPrefix+p.Name, p.Endpoint)
	}
	if i.policy.UsesCompanion() {
		add(gateway.CompanionCluster, i.policy.Companion.Endpoint)
	}
	return all
}

func (i *istio) intoTheMesh(name string, to policy.Endpoint) *yaml.Node {
	return object(
		at("name", name).why("Inside this Envoy alone, from the provider's cluster below to Istio's own for the Service,\nwhich speaks mutual TLS to pods that do. It takes bytes; HTTP is the provider's cluster's."),
		at("internal_listener", flow(object())),
		at("filter_chains", list(object(
			at("filters", list(extension("envoy.filters.network.tcp_proxy", "envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy",
				at("stat_prefix", name),
				at("cluster", "outbound|"+strconv.Itoa(to.Port)+"||"+to.Host),
				at("idle_timeout", max(i.policy.Limits.Stream, time.Minute)).
					why("A model that thinks is silent. Connections without a request the provider's cluster closes."),
			))),
		))),
	)
}

// claimsOfIstio has a claim be where Istio leaves the claims of a token: what it writes of a
// RequestAuthentication says payload_in_metadata: payload, which nobody can change. The filter
// looks where Sluice tells users of Envoy to have it, under jwt.
func claimsOfIstio(parts []policy.IdentityPart) (all []policy.IdentityPart) {
	for _, part := range parts {
		if part.Claim != "" {
			part.Property = []string{"metadata", "filter_metadata", "envoy.filters.http.jwt_authn", "payload", part.Claim}
			part.Claim = ""
		}
		all = append(all, part)
	}
	return all
}
