package conformance

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
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

// client asks for no compression, keeps its connections, and where it asks whether it may send
// a body it waits for that a little.
var client = &http.Client{
	Transport: &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 10, ExpectContinueTimeout: 2 * time.Second},
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
	req, err := http.NewRequestWithContext(ctx, r.method(), p.URL+r.Path, nil)
	require.NoError(t, err)
	req.Header = r.headers()
	if r.Chunked {
		req.Body, req.ContentLength = io.NopCloser(&pieces{r.inPieces()}), -1
	} else if r.Body != "" {
		req.Body, req.ContentLength = io.NopCloser(&pieces{r.inPieces()}), int64(len(r.Body))
	}
	for name, value := range r.Trailers {
		if req.Trailer == nil {
			req.Trailer = http.Header{}
		}
		req.Trailer.Set(name, value)
	}
	if r.LeavesEarly {
		require.NoError(t, sendHalf(req, len(r.Body)))
		return Seen{Left: true}
	}
	if r.LeavesFirst {
		arrived := len(p.Behind.arrived())
		go soon(func() bool {
			came := len(p.Behind.arrived()) > arrived
			if came {
				leave()
			}
			return came
		})
	}
	res, err := client.Do(req)
	if r.LeavesFirst {
		require.ErrorIs(t, err, context.Canceled)
		return Seen{Left: true}
	}
	if err != nil {
		t.Log(err)
		return Seen{Broken: true}
	}
	defer func() { _ = res.Body.Close() }()
	seen := Seen{Status: res.StatusCode, Header: res.Header, Bodiless: bodiless(r.method(), res.StatusCode), Left: r.leaves()}
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

// sendHalf sends a request without the second half of its body, and ends the connection.
func sendHalf(r *http.Request, length int) error {
	var all bytes.Buffer
	if err := r.Write(&all); err != nil {
		return err
	}
	conn, err := net.Dial("tcp", r.URL.Host)
	if err != nil {
		return err
	}
	_, err = conn.Write(all.Bytes()[:all.Len()-length/2])
	return errors.Join(err, conn.Close())
}

// pieces is a body, a read of which is one of them.
type pieces struct{ left [][]byte }

func (p *pieces) Read(b []byte) (int, error) {
	if len(p.left) == 0 {
		return 0, io.EOF
	}
	n := copy(b, p.left[0])
	if p.left[0] = p.left[0][n:]; len(p.left[0]) == 0 {
		p.left = p.left[1:]
	}
	return n, nil
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
