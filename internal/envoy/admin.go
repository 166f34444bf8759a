package envoy

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/sluice-gateway/sluice/gateway"
)

// client never keeps a connection: an idle one would be seen in the statistics
// of the Envoy under test, and outlive it.
var client = &http.Client{
	Timeout:   10 * time.Second,
	Transport: &http.Transport{DisableKeepAlives: true},
}

// admin asks the admin interface and returns the answer of a 200.
func (in *Instance) admin(ctx context.Context, method, path string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, "http://"+in.Admin+path, nil)
	if err != nil {
		return nil, err
	}
	res, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("envoy: admin %s: %s: %s", path, res.Status, bytes.TrimSpace(body))
	}
	return body, nil
}

// Listener returns the host:port of the listener of that name, "" when it has none.
func (in *Instance) Listener(name string) string { return in.listeners[name] }

// findListeners asks where the listeners are: their ports may have been 0.
func (in *Instance) findListeners(ctx context.Context) (map[string]string, error) {
	body, err := in.admin(ctx, "GET", "/listeners?format=json")
	if err != nil {
		return nil, err
	}
	var answer struct {
		ListenerStatuses []struct {
			Name         string `json:"name"`
			LocalAddress struct {
				SocketAddress struct {
					Address   string `json:"address"`
					PortValue int    `json:"port_value"`
				} `json:"socket_address"`
			} `json:"local_address"`
		} `json:"listener_statuses"`
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return nil, fmt.Errorf("envoy: admin /listeners: %w", err)
	}
	found := map[string]string{}
	for _, l := range answer.ListenerStatuses {
		at := l.LocalAddress.SocketAddress
		found[l.Name] = net.JoinHostPort(at.Address, strconv.Itoa(at.PortValue))
	}
	return found, nil
}

// Stats returns the counters and gauges by Envoy's own names. Histograms, which
// are no single number, are left out.
func (in *Instance) Stats(ctx context.Context) (map[string]uint64, error) {
	body, err := in.admin(ctx, "GET", "/stats")
	if err != nil {
		return nil, err
	}
	stats := map[string]uint64{}
	for line := range strings.Lines(string(body)) {
		name, text, found := strings.Cut(strings.TrimSpace(line), ": ")
		if !found {
			continue
		}
		if value, err := strconv.ParseUint(text, 10, 64); err == nil {
			stats[name] = value
		}
	}
	return stats, nil
}

// Prometheus returns the text of /stats/prometheus.
func (in *Instance) Prometheus(ctx context.Context) (string, error) {
	body, err := in.admin(ctx, "GET", "/stats/prometheus")
	return string(body), err
}

// WithoutPlace takes two labels off Sluice's metrics that Envoy 1.37 gives them besides
// their own: the cluster whose filter made the virtual machine, and the rule of the
// rendered configuration that takes it out of the name.
func WithoutPlace(prometheus string) string { return place.ReplaceAllString(prometheus, "") }

var place = regexp.MustCompile(`sluice_vm="[^"]*",?|,?envoy_cluster_name="` + regexp.QuoteMeta(gateway.AttemptsPrefix) + `[^"]*"`)
