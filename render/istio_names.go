package render

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// defaultName is the name of a rendering that is the only one in its namespace.
const defaultName = "sluice"

// longestName leaves room for what is put behind a rendering's name: the companion's Service and
// the label of the upstreams have 63 characters.
const longestName = 63 - len(companionSuffix)

var (
	// serviceLabel is a name of a Service, which the rendering's begins: RFC 1035's labels.
	serviceLabel = regexp.MustCompile(`^[a-z]([-a-z0-9]*[a-z0-9])?$`)
	// kubernetesName is a name of most other objects: RFC 1123's labels.
	kubernetesName = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$`)
	// dnsName is one of clients' names for the gateway, and an object's that may have dots.
	dnsName = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$`)
	// labelText is what the name of a label may be behind its prefix, and a value that is not empty.
	labelText = regexp.MustCompile(`^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$`)
)

// checkNames refuses what is no name, which Kubernetes would, or worse, Istio would take for
// another one.
func (o *IstioOptions) checkNames() error {
	switch {
	case !serviceLabel.MatchString(o.Name) || len(o.Name) > longestName:
		return fmt.Errorf("name: %q: want small letters, digits and -, a letter first, and at most %d of them, as in team-a", o.Name, longestName)
	case !kubernetesName.MatchString(o.Namespace):
		return fmt.Errorf("namespace: %q is no name of a namespace", o.Namespace)
	}
	for _, host := range o.Hosts {
		if host != "*" && !dnsName.MatchString(strings.TrimPrefix(host, "*.")) {
			return fmt.Errorf("host: %q: want the name that clients call the gateway by, in lower case and without a port, as in llm.example.com", host)
		}
	}
	if err := checkOverlap(o.Hosts); err != nil {
		return err
	}
	for _, path := range o.Paths {
		if strings.Contains(path, "*") {
			return fmt.Errorf("path: %q: it is the beginning of paths, in which * is a character like any other: no call would come to Sluice; leave the * out, as in /v1/", path)
		}
		if !strings.HasPrefix(path, "/") || strings.ContainsAny(path, "?# ") {
			return fmt.Errorf("path: %q: want the beginning of a path, as in /v1/", path)
		}
	}
	for n, gateway := range o.Gateways {
		name := gateway
		if namespace, after, found := strings.Cut(name, "/"); found && kubernetesName.MatchString(namespace) {
			name = after
		}
		if !dnsName.MatchString(name) {
			return fmt.Errorf("gateway: %q: want NAME or NAMESPACE/NAME of an Istio Gateway", gateway)
		}
		if gateway == "mesh" {
			return errors.New("gateway: mesh is Istio's word for all sidecars and for no gateway; name the Istio Gateway, with its namespace if it is called so: NAMESPACE/mesh")
		}
		if slices.Contains(o.Gateways[:n], gateway) {
			return fmt.Errorf("gateway: %s is named twice", gateway)
		}
	}
	return nil
}

// checkOverlap refuses names of which one is another's too, as Istio does in one VirtualService.
func checkOverlap(hosts []string) error {
	for n, host := range hosts {
		for _, other := range hosts[:n] {
			switch {
			case host == other:
				return fmt.Errorf("host: %s is named twice", host)
			case covers(host, other):
				return fmt.Errorf("host: %s has %s in it already, and Istio takes no VirtualService with both; leave %s out", host, other, other)
			case covers(other, host):
				return fmt.Errorf("host: %s has %s in it already, and Istio takes no VirtualService with both; leave %s out", other, host, host)
			}
		}
	}
	return nil
}

// covers tells whether all that a name stands for is among what a wildcard does.
func covers(wildcard, name string) bool {
	suffix, is := strings.CutPrefix(wildcard, "*")
	return is && strings.HasSuffix(strings.TrimPrefix(name, "*"), suffix)
}

// parseLabels reads the labels of pods, each as name=value.
func parseLabels(all []string) (labels []field, err error) {
	taken := map[string]string{}
	for _, label := range all {
		key, value, given := strings.Cut(label, "=")
		prefix, name, prefixed := strings.Cut(key, "/")
		if !prefixed {
			name = key
		}
		if given && value == "" {
			return nil, fmt.Errorf("selector: %q: the label has no value, as where a variable of the shell is not set; write it, as in istio=ingressgateway", label)
		}
		if !given || !labelText.MatchString(name) || !labelText.MatchString(value) ||
			prefixed && (!dnsName.MatchString(prefix) || len(prefix) > 253) {
			return nil, fmt.Errorf("selector: %q: want a label of the pods, NAME=VALUE, as in istio=ingressgateway or app.kubernetes.io/name=edge", label)
		}
		if other, is := taken[key]; is {
			return nil, fmt.Errorf("selector: %q: there is %s already, and a pod has one value of a label", label, other)
		}
		taken[key] = label
		labels = append(labels, at(key, value))
	}
	return labels, nil
}
