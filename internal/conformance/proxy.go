package conformance

import (
	"context"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"github.com/sluice-gateway/sluice/internal/envoy"
)

// Proxy is a gateway that is a process of its own, whatever has configured it.
type Proxy struct {
	URL string // where it serves, without a path
	// Log are the lines of its access log so far, each a decision record.
	Log func() []string
	// Prometheus is the text of its /stats/prometheus.
	Prometheus func(context.Context) (string, error)
	Behind     *Providers
}

// client asks for no compression, and keeps its connections.
var client = &http.Client{
	Transport: &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 10},
	Timeout:   30 * time.Second,
}

// Providers implements Gateway.
func (p *Proxy) Providers() *Providers { return p.Behind }

// Do implements Gateway.
func (p *Proxy) Do(t testing.TB, r Request, recorded bool) Seen {
	t.Helper()
	before := len(p.Log())
	seen := p.ask(t, r)
	find := func() bool {
		for _, line := range p.Log()[before:] {
			// An answer of the proxy's own has no id.
			if id := seen.Header.Get("x-sluice-id"); id != "" && gjson.Get(line, "id").Str == id || id == "" && gjson.Get(line, "identity.team").Str == r.team {
				seen.Record = line
				return true
			}
		}
		return false
	}
	if !find() && recorded {
		soon(find)
	}
	return seen
}

func (p *Proxy) ask(t testing.TB, r Request) Seen {
	t.Helper()
	ctx, leave := context.WithCancel(t.Context())
	defer leave()
	req, err := http.NewRequestWithContext(ctx, r.method(), p.URL+r.Path, strings.NewReader(r.Body))
	require.NoError(t, err)
	req.Header = r.headers()
	res, err := client.Do(req)
	require.NoError(t, err)
	defer func() { _ = res.Body.Close() }()
	seen := Seen{Status: res.StatusCode, Header: res.Header}
	if r.Leaves == "" {
		body, err := io.ReadAll(res.Body)
		seen.Body, seen.Broken = string(body), err != nil
		return seen
	}
	for piece := make([]byte, 4096); !strings.Contains(seen.Body, r.Leaves); {
		n, err := res.Body.Read(piece)
		seen.Body += string(piece[:n])
		require.NoError(t, err, "the answer ended before %q: %s", r.Leaves, seen.Body)
	}
	return seen
}

var counter = regexp.MustCompile(`^(sluice_[a-z_]+\{[^}]*\}) (\d+)$`)

// Metrics implements Gateway.
func (p *Proxy) Metrics(t testing.TB) map[string]int64 {
	t.Helper()
	text, err := p.Prometheus(t.Context())
	require.NoError(t, err)
	counters := map[string]int64{}
	for line := range strings.Lines(envoy.WithoutPlace(text)) {
		if m := counter.FindStringSubmatch(strings.TrimSpace(line)); m != nil {
			counters[m[1]], err = strconv.ParseInt(m[2], 10, 64)
			require.NoError(t, err)
		}
	}
	return counters
}
