package mesh

import (
	"fmt"
	"strings"
)

// kind is a kind of objects.
type kind struct {
	group, resource, kind string
	istio                 bool // it has a definition, which istiod looks for before it asks for any
}

var definitions = kind{group: "apiextensions.k8s.io", resource: "customresourcedefinitions", kind: "CustomResourceDefinition"}

// kinds are those that somebody applies, or that istiod makes.
var kinds = []kind{
	definitions,
	{resource: "configmaps", kind: "ConfigMap"},
	{resource: "namespaces", kind: "Namespace"},
	{resource: "persistentvolumeclaims", kind: "PersistentVolumeClaim"},
	{resource: "pods", kind: "Pod"},
	{resource: "secrets", kind: "Secret"},
	{resource: "serviceaccounts", kind: "ServiceAccount"},
	{resource: "services", kind: "Service"},
	{group: "apps", resource: "deployments", kind: "Deployment"},
	{group: "coordination.k8s.io", resource: "leases", kind: "Lease"},
	{group: "discovery.k8s.io", resource: "endpointslices", kind: "EndpointSlice"},
	{group: "networking.k8s.io", resource: "networkpolicies", kind: "NetworkPolicy"},
	{group: "extensions.istio.io", resource: "trafficextensions", kind: "TrafficExtension", istio: true},
	{group: "extensions.istio.io", resource: "wasmplugins", kind: "WasmPlugin", istio: true},
	{group: "networking.istio.io", resource: "destinationrules", kind: "DestinationRule", istio: true},
	{group: "networking.istio.io", resource: "envoyfilters", kind: "EnvoyFilter", istio: true},
	{group: "networking.istio.io", resource: "gateways", kind: "Gateway", istio: true},
	{group: "networking.istio.io", resource: "proxyconfigs", kind: "ProxyConfig", istio: true},
	{group: "networking.istio.io", resource: "serviceentries", kind: "ServiceEntry", istio: true},
	{group: "networking.istio.io", resource: "sidecars", kind: "Sidecar", istio: true},
	{group: "networking.istio.io", resource: "virtualservices", kind: "VirtualService", istio: true},
	{group: "networking.istio.io", resource: "workloadentries", kind: "WorkloadEntry", istio: true},
	{group: "networking.istio.io", resource: "workloadgroups", kind: "WorkloadGroup", istio: true},
	{group: "security.istio.io", resource: "authorizationpolicies", kind: "AuthorizationPolicy", istio: true},
	{group: "security.istio.io", resource: "peerauthentications", kind: "PeerAuthentication", istio: true},
	{group: "security.istio.io", resource: "requestauthentications", kind: "RequestAuthentication", istio: true},
	{group: "telemetry.istio.io", resource: "telemetries", kind: "Telemetry", istio: true},
}

// kindOf finds a kind by what an object says of itself.
func kindOf(apiVersion, name string) (kind, error) {
	group, _, found := strings.Cut(apiVersion, "/")
	if !found {
		group = ""
	}
	for _, k := range kinds {
		if k.group == group && k.kind == name {
			return k, nil
		}
	}
	return kind{}, fmt.Errorf("mesh: the cluster has no kind %s %s", apiVersion, name)
}

// kindAt is the name of the kind of a resource, "" where nobody has one.
func kindAt(group, resource string) string {
	for _, k := range kinds {
		if k.group == group && k.resource == resource {
			return k.kind
		}
	}
	return ""
}
