package mesh

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// GatewayOptions says how a gateway's pod is.
type GatewayOptions struct {
	Envoy     string            // the binary
	Sidecar   bool              // it is an application's, beside which the proxy is, without any capture of traffic
	Namespace string            // of the pod
	Labels    map[string]string // of the pod
	Env       []string          // name=value, of the proxy's container
	DNS       string            // HOST:PORT that names are asked of; "" = the machine's own
	// Bootstrap is more of Envoy's bootstrap, as ISTIO_BOOTSTRAP_OVERRIDE names one; "" = none.
	Bootstrap string
	// Files are more files in the agent's directory, as its container has mounted ones: a
	// workload's identity is etc/certs/{cert-chain,key,root-cert}.pem.
	Files map[string]string
	// ReadyWithin limits the start; 0 = 3 min. Envoy compiles the module first.
	ReadyWithin time.Duration
}

// Gateway is the pod of an Istio gateway: the agent, and the Envoy that it has started.
type Gateway struct {
	// Admin is the HOST:PORT of Envoy's administration.
	Admin string

	*process
}

// address is the gateway's own, which no endpoint may have: it would be a cluster of inbound
// traffic then.
const address = "127.0.0.9"

// modules is where the agent keeps modules. It cannot be told another place.
const modules = "/var/lib/istio/data"

// StartGateway runs Istio's agent as a gateway's container does, and returns when Envoy serves.
func StartGateway(ctx context.Context, d *Istiod, o GatewayOptions) (*Gateway, error) {
	dir, err := binaries()
	if err != nil {
		return nil, err
	}
	if err := ownModules(); err != nil {
		return nil, err
	}
	if o.ReadyWithin == 0 {
		o.ReadyWithin = 3 * time.Minute
	}
	admin, err := freePort()
	if err != nil {
		return nil, err
	}
	labels, err := json.Marshal(o.Labels)
	if err != nil {
		return nil, err
	}
	// Each is as in a gateway's pod, but that there is no TLS between proxy and control plane,
	// that ports are free ones, and that a test sees the statistics that it asks for.
	proxyConfig := fmt.Sprintf(`{discoveryAddress: %q, controlPlaneAuthPolicy: NONE, binaryPath: %q, proxyAdminPort: %d,
concurrency: 2, drainDuration: 2s, terminationDrainDuration: 0s, fileFlushInterval: 0.05s,
proxyStatsMatcher: {inclusionPrefixes: [extension_config_discovery, http, cluster, wasm]}}`, d.Address, o.Envoy, admin)
	role := "router"
	if o.Sidecar {
		role = "sidecar"
	}
	env := append([]string{
		"POD_NAME=gateway", "POD_NAMESPACE=" + o.Namespace, "INSTANCE_IP=" + address, "SERVICE_ACCOUNT=gateway",
		"ISTIO_META_CLUSTER_ID=Kubernetes", "ISTIO_META_WORKLOAD_NAME=gateway", "ISTIO_METAJSON_LABELS=" + string(labels),
		"ISTIO_META_UNPRIVILEGED_POD=true", "ISTIO_META_INTERCEPTION_MODE=NONE",
		"FILE_MOUNTED_CERTS=true", "PILOT_CERT_PROVIDER=none", "GRPC_XDS_BOOTSTRAP=",
		"ENVOY_PROMETHEUS_PORT=0", "ENVOY_STATUS_PORT=0", "PROXY_CONFIG=" + proxyConfig,
	}, o.Env...)
	bootstrap, err := o.bootstrap()
	if err != nil {
		return nil, err
	}
	env = append(env, "ISTIO_BOOTSTRAP_OVERRIDE=bootstrap.yaml")
	files := map[string]string{
		"bootstrap.yaml": bootstrap,
		// No port for probes: the agent would take it on every address.
		"etc/istio/pod/annotations": "status.sidecar.istio.io/port=\"0\"\n",
	}
	maps.Copy(files, o.Files)
	p, err := start(ctx, filepath.Join(dir, "pilot-agent"), files, env,
		"proxy", role, "--domain", o.Namespace+".svc.cluster.local", "--templateFile", filepath.Join(dir, "envoy_bootstrap.json"),
		"--log_target", "stderr", "--log_output_level", "default:warn,wasm:info")
	if err != nil {
		return nil, err
	}
	g := &Gateway{Admin: "127.0.0.1:" + strconv.Itoa(admin), process: p}
	ready := func() bool {
		_, err := g.admin(ctx, "/ready")
		return err == nil
	}
	if err := p.until(ctx, o.ReadyWithin, ready); err != nil {
		return nil, errors.Join(err, p.stop())
	}
	return g, nil
}

// bootstrap is what is merged into Envoy's bootstrap.
func (o *GatewayOptions) bootstrap() (string, error) {
	all := object{}
	if err := yaml.Unmarshal([]byte(o.Bootstrap), &all); err != nil {
		return "", fmt.Errorf("mesh: bootstrap: %w", err)
	}
	if o.DNS != "" {
		all["typed_dns_resolver_config"] = Resolver(o.DNS)
	}
	text, err := yaml.Marshal(all)
	return string(text), err
}

// Resolver is a cluster's or a bootstrap's typed_dns_resolver_config that asks a name server.
func Resolver(address string) map[string]any {
	host, text, _ := strings.Cut(address, ":")
	port, _ := strconv.Atoi(text)
	return object{
		"name": "envoy.network.dns_resolver.cares",
		"typed_config": object{
			"@type":                "type.googleapis.com/envoy.extensions.network.dns_resolver.cares.v3.CaresDnsResolverConfig",
			"resolvers":            []any{object{"socket_address": object{"address": host, "port_value": port, "protocol": "UDP"}}},
			"dns_resolver_options": object{"no_default_search_domain": true},
		},
	}
}

func ownModules() error {
	var probe string
	err := os.MkdirAll(modules, 0o755)
	if err == nil {
		probe, err = os.MkdirTemp(modules, ".sluice-")
	}
	if err != nil {
		return fmt.Errorf("mesh: Istio's agent keeps modules in %s and nowhere else: sudo install -d -o \"$USER\" %s: %w", modules, modules, err)
	}
	return os.Remove(probe)
}

// Forget removes what agents have kept of a module's URL.
func Forget(url string) error {
	name := sha256.Sum256([]byte(url))
	return os.RemoveAll(filepath.Join(modules, hex.EncodeToString(name[:])))
}

// freePort is one that was free a moment ago: neither the agent nor Envoy's administration
// says which one it has found.
func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return listener.Addr().(*net.TCPAddr).Port, listener.Close()
}

// client waits for long: Envoy answers from the thread that also compiles modules.
var client = &http.Client{Timeout: 2 * time.Minute, Transport: &http.Transport{DisableKeepAlives: true}}

func (g *Gateway) admin(ctx context.Context, path string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+g.Admin+path, nil)
	if err != nil {
		return nil, err
	}
	res, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("mesh: %s: %s: %s", path, res.Status, bytes.TrimSpace(body))
	}
	return body, err
}

// Stats are the counters and gauges by Envoy's own names.
func (g *Gateway) Stats(ctx context.Context) (map[string]uint64, error) {
	body, err := g.admin(ctx, "/stats")
	if err != nil {
		return nil, err
	}
	stats := map[string]uint64{}
	for line := range strings.Lines(string(body)) {
		if name, text, found := strings.Cut(strings.TrimSpace(line), ": "); found {
			if value, err := strconv.ParseUint(text, 10, 64); err == nil {
				stats[name] = value
			}
		}
	}
	return stats, nil
}

// Prometheus is the text of /stats/prometheus.
func (g *Gateway) Prometheus(ctx context.Context) (string, error) {
	body, err := g.admin(ctx, "/stats/prometheus")
	return string(body), err
}

// ConfigDump is Envoy's configuration as it is, as JSON.
func (g *Gateway) ConfigDump(ctx context.Context) ([]byte, error) {
	return g.admin(ctx, "/config_dump?include_eds")
}

// Lines are the whole lines of the access log so far.
func (g *Gateway) Lines() []string {
	text := g.stdout.String()
	end := strings.LastIndexByte(text, '\n')
	if end < 0 {
		return nil
	}
	return strings.Split(text[:end], "\n")
}

// Log is what the agent and Envoy have written so far, the access log aside.
func (g *Gateway) Log() string { return g.stderr.String() }

// Stop ends the agent, and Envoy with it.
func (g *Gateway) Stop() error { return g.stop() }
