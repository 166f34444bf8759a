package mesh

import (
	"context"
	"errors"
	"path/filepath"
	"regexp"
	"time"
)

// Istiod is a running control plane.
type Istiod struct {
	// Address is where it serves xDS, without TLS: HOST:PORT.
	Address string

	*process
}

// StartIstiod runs pilot-discovery on a cluster's objects, and returns when it has read them.
func StartIstiod(ctx context.Context, kube *Kube) (*Istiod, error) {
	dir, err := binaries()
	if err != nil {
		return nil, err
	}
	files := map[string]string{
		"kubeconfig": `apiVersion: v1
kind: Config
current-context: test
contexts: [{name: test, context: {cluster: test, user: test}}]
clusters: [{name: test, cluster: {server: "` + kube.URL + `"}}]
users: [{name: test, user: {}}]
`,
		// As `istioctl install` has it, but that there are no certificates and no traces.
		"mesh": "{trustDomain: cluster.local, enableTracing: false}\n",
	}
	p, err := start(ctx, filepath.Join(dir, "pilot-discovery"), files, []string{
		"POD_NAME=istiod", "POD_NAMESPACE=istio-system", "CLUSTER_ID=Kubernetes",
		"ISTIO_KUBE_CLIENT_CONTENT_TYPE=json",
		"ENABLE_LEADER_ELECTION=false",
		"ENABLE_CA_SERVER=false",
		"INJECTION_WEBHOOK_CONFIG_NAME=", "VALIDATION_WEBHOOK_CONFIG_NAME=",
		"PILOT_ENABLE_GATEWAY_API=false", "PILOT_ENABLE_IP_AUTOALLOCATE=false",
		// These are of extensions that Istio's own build of Envoy has and a stock one has not.
		"PILOT_ENABLE_METADATA_EXCHANGE=false", "PILOT_ENABLE_ALPN_FILTER=false", "PILOT_ENABLE_TELEMETRY_LABEL=false",
		// Changes follow at once: tests wait for them.
		"PILOT_DEBOUNCE_AFTER=10ms", "PILOT_DEBOUNCE_MAX=100ms",
	},
		"discovery", "--kubeconfig", "kubeconfig", "--meshConfig", "mesh", "--log_target", "stderr",
		"--grpcAddr", "127.0.0.1:0", "--httpAddr", "127.0.0.1:0", "--monitoringAddr", "127.0.0.1:0",
		"--httpsAddr", "", "--secureGRPCAddr", "", "--ctrlz_port", "0", "--profile=false",
	)
	if err != nil {
		return nil, err
	}
	d := &Istiod{process: p}
	ready := func() bool {
		m := serving.FindStringSubmatch(p.stderr.String())
		if m != nil {
			d.Address = m[1]
		}
		return m != nil
	}
	if err := p.until(ctx, 2*time.Minute, ready); err != nil {
		return nil, errors.Join(err, p.stop())
	}
	return d, nil
}

var serving = regexp.MustCompile(`starting gRPC discovery service at (127\.0\.0\.1:\d+)`)

// Stop ends it.
func (d *Istiod) Stop() error { return d.stop() }

// Log is what it has written so far.
func (d *Istiod) Log() string { return d.stderr.String() }
