package e2e

import (
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/internal/mock"
)

// secured are models of the policy routed whose providers are asked over TLS. Only the last
// of each is one that its certificate belongs to.
const secured = `
  by-name:        {targets: [{provider: north, model: n}]}
  by-address:     {targets: [{provider: south, model: s}]}
  misnamed:       {targets: [{provider: misnamed, model: x}, {provider: north, model: n}], retry: {attempts: 2}, cooldown: {after: 1000}}
  unnamed:        {targets: [{provider: unnamed, model: x},  {provider: south, model: s}], retry: {attempts: 2}, cooldown: {after: 1000}}
  stranger:       {targets: [{provider: stranger, model: x}, {provider: north, model: n}], retry: {attempts: 2}, cooldown: {after: 1000}}
  only-strangers: {targets: [{provider: stranger, model: x}, {provider: misnamed, model: x}], retry: {attempts: 2}, cooldown: {after: 1000}}
`

// secure is a provider over TLS that knows by which names it was asked for.
type secure struct {
	*mock.Server
	server *http.Server
	url    string
	mu     sync.Mutex
	names  map[string]bool
}

// startSecure starts the providers of the models above. The host of one's endpoint is a
// name, localhost, which every machine can look up, or an address.
func (g *gateway) startSecure() error {
	g.secure = map[string]*secure{}
	for name, of := range map[string]struct {
		host   string
		proves tls.Certificate
	}{
		"north":    {"localhost", named},
		"south":    {"127.0.0.1", certificate},
		"misnamed": {"localhost", certificate}, // one that is trusted, but another's
		"unnamed":  {"127.0.0.1", named},
		"stranger": {"localhost", stranger},
	} {
		s, err := newSecure(of.proves)
		if err != nil {
			return err
		}
		s.url = "https://" + strings.Replace(s.url, "127.0.0.1", of.host, 1)
		g.secure[name] = s
	}
	return nil
}

func newSecure(proves tls.Certificate) (*secure, error) {
	handler, err := mock.New(mock.Options{})
	if err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &secure{Server: handler, url: l.Addr().String(), names: map[string]bool{}}
	s.server = &http.Server{Handler: handler, ReadHeaderTimeout: time.Minute, ErrorLog: log.New(io.Discard, "", 0), TLSConfig: &tls.Config{
		GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.names[hello.ServerName] = true
			return &proves, nil
		},
	}}
	go func() { _ = s.server.ServeTLS(l, "", "") }()
	return s, nil
}

// askedFor are the server names of all handshakes so far.
func (s *secure) askedFor() (names []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for name := range s.names {
		names = append(names, name)
	}
	return names
}

// TestTLSFailover holds that an attempt goes to a provider's own name over TLS, that its
// certificate has to be of that name, and that nothing is said to one whose is not.
func TestTLSFailover(t *testing.T) {
	eachGateway(t, routed, func(t *testing.T, g *gateway) {
		for _, d := range []dialect{openAI, anthropic} {
			for _, stream := range []bool{false, true} {
				for _, c := range []struct {
					model, provider string
					first           string // that fails
				}{
					{"by-name", "north/n", ""},
					{"by-address", "south/s", ""},
					{"misnamed", "north/n", "misnamed/x unavailable"},
					{"unnamed", "south/s", "unnamed/x unavailable"},
					{"stranger", "north/n", "stranger/x unavailable"},
				} {
					a, _ := g.call(t, call{client: d, model: c.model, stream: stream})
					require.Equal(t, 200, a.status, "%s: %s", c.model, a.body)
					require.Equal(t, c.provider, a.target())
					want := []string{c.provider + " ok"}
					if c.first != "" {
						want = append([]string{c.first}, want...)
					}
					r := g.record(t, a.name)
					require.Equal(t, want, attemptsOf(r))
					checkBudget(t, g, r)
				}
				a, _ := g.call(t, call{client: d, model: "only-strangers", stream: stream})
				require.Equal(t, 503, a.status)
				a.problem(t, d)
			}
		}
		for _, name := range []string{"misnamed", "unnamed", "stranger"} {
			require.Empty(t, g.secure[name].Requests(), name)
			require.NotEmpty(t, g.secure[name].askedFor(), name)
		}
		require.Equal(t, []string{"localhost"}, g.secure["north"].askedFor(), "the server name of the handshake")
		// RFC 6066, section 3: an address is no server name.
		require.Equal(t, []string{""}, g.secure["south"].askedFor())
		for name, key := range map[string]string{"north": "Bearer " + otherKey("alpha"), "south": otherKey("beta-ant")} {
			for _, r := range g.secure[name].Requests() {
				require.Equal(t, "HTTP/2.0", r.Proto)
				require.Contains(t, append(r.Header.Values("Authorization"), r.Header.Values("X-Api-Key")...), key)
				require.Equal(t, strings.TrimPrefix(g.secure[name].url, "https://"), r.Host)
			}
		}
	})
}
