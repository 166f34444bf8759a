//go:build istio

package istio

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// rollout brings rendered files to a gateway, each over the one before, in the three steps that
// a file has at its top: upstreams, all, and clean.
type rollout struct {
	*gateway
	there map[string]string // the cluster's objects that the third step may delete, by kind and name
}

const upstreamLabel = "app.kubernetes.io/component: sluice-upstreams"

// leftOver is what the third step deletes: its labels' values.
var leftOver = regexp.MustCompile(`-l app\.kubernetes\.io/component=(\S+),app\.kubernetes\.io/version!=(\S+)`)

// upstreams is the first step. It returns when Envoy has the new clusters.
func (r *rollout) upstreams(t *testing.T, file string) {
	t.Helper()
	added := r.stat(t, "cluster_manager.cluster_added")
	upstreams := documentsOf(file, upstreamLabel)
	for _, document := range upstreams {
		if _, is := r.there[nameOf(t, document)]; !is && strings.Contains(document, "applyTo: CLUSTER") {
			added++
		}
	}
	r.apply(t, strings.Join(upstreams, "\n---\n"))
	soon(t, func() bool {
		return r.stat(t, "cluster_manager.cluster_added") >= added && r.stat(t, "cluster_manager.warming_clusters") == 0
	}, "the new clusters")
}

// all is the second step.
func (r *rollout) all(t *testing.T, file string) {
	t.Helper()
	r.apply(t, file)
	if r.there == nil {
		r.there = map[string]string{}
	}
	for _, document := range documentsOf(file, upstreamLabel) {
		r.there[nameOf(t, document)] = document
	}
}

// clean is the third step.
func (r *rollout) clean(t *testing.T, file string) {
	t.Helper()
	selector := leftOver.FindStringSubmatch(file)
	require.NotNil(t, selector)
	for name, document := range r.there {
		labels := metadata(t, document).Metadata.Labels
		if labels["app.kubernetes.io/component"] == selector[1] && labels["app.kubernetes.io/version"] != selector[2] {
			require.NoError(t, kube.Delete([]byte(document)))
			delete(r.there, name)
		}
	}
	require.Len(t, r.there, len(documentsOf(file, upstreamLabel)), "what is left is what the file has")
}

// metadata is what an object says of itself.
func metadata(t *testing.T, document string) (m struct {
	Kind     string
	Metadata struct {
		Name   string
		Labels map[string]string
	}
}) {
	t.Helper()
	require.NoError(t, yaml.Unmarshal([]byte(document), &m))
	return m
}

func nameOf(t *testing.T, document string) string {
	m := metadata(t, document)
	return m.Kind + "/" + m.Metadata.Name
}
