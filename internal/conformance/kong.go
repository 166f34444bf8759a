package conformance

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/sluice-gateway/sluice/internal/wasmhost"
	"github.com/sluice-gateway/sluice/policy"
	"github.com/sluice-gateway/sluice/render"
)

// kong is a Kong as `sluice render --for kong` configures it: what its files say, and what
// Kong and nginx do around a filter.
type kong struct {
	bufferLimit int               // bytes of a request's body that the filter can read
	variables   map[string]string // nginx's, by which the environment reaches the filter
	configs     map[string]string // the filter's, by provider
	routes      map[string]route  // by provider: the one that clients are told to use
	conf        map[string]string // kong.conf
}

// route leads a client to a provider's service.
type route struct {
	prefix string // of its paths
	strips bool   // it, before the request goes on
}

// bufferSize, setting and environment are the lines of the rendered files that the filter depends on.
var (
	bufferSize  = regexp.MustCompile(`(?m)^nginx_http_client_body_buffer_size = (\d+)k$`)
	setting     = regexp.MustCompile(`(?m)^(\w+) = (.*)$`)
	environment = regexp.MustCompile(`(?m)^set_by_lua_block \$(\w+) \{ return os\.getenv\("(\w+)"\) or "" \}$`)
)

// recordedByCompanion is a policy as check has it written for Kong, where no log plugin sees a
// record: the companion has them.
func recordedByCompanion(policy string) string {
	if !strings.Contains(policy, "\ncompanion:") {
		policy += "companion: {endpoint: http://companion}\n"
	}
	policy = strings.ReplaceAll(policy, "\nrecords: {companion: true, access_log: true}\n", "\n")
	return policy + "records: {companion: true, access_log: false}\n"
}

func renderedKong(t testing.TB, p *policy.Policy, minor int) *kong {
	t.Helper()
	files, err := render.Kong(p, render.KongOptions{Minor: minor})
	require.NoError(t, err)
	text := map[string]string{}
	for _, f := range files {
		text[f.Name] = string(f.Content)
	}
	k := &kong{variables: map[string]string{}, configs: map[string]string{}, routes: map[string]route{}, conf: map[string]string{}}
	for _, m := range setting.FindAllStringSubmatch(text[render.KongConf], -1) {
		k.conf[m[1]] = m[2]
	}
	size := bufferSize.FindStringSubmatch(text[render.KongConf])
	require.NotNil(t, size, text[render.KongConf])
	kib, err := strconv.Atoi(size[1])
	require.NoError(t, err)
	k.bufferLimit = kib << 10
	for _, m := range environment.FindAllStringSubmatch(text[render.KongProxy], -1) {
		k.variables["ngx."+m[1]] = Credentials[m[2]]
	}

	var document struct {
		Services []struct {
			Name   string
			Routes []struct {
				Paths []string
				Strip bool `yaml:"strip_path"`
			}
			Chains []struct {
				Filters []struct{ Config string }
			} `yaml:"filter_chains"`
		}
	}
	require.NoError(t, yaml.Unmarshal([]byte(text[render.KongDeclarative]), &document))
	for _, s := range document.Services {
		provider := strings.TrimPrefix(s.Name, "sluice-")
		k.configs[provider] = s.Chains[0].Filters[0].Config
		last := s.Routes[len(s.Routes)-1] // of the default provider the one for all paths
		k.routes[provider] = route{last.Paths[0], last.Strip}
	}
	return k
}

// arriving is a client's request as a provider's filter gets it.
func (k *kong) arriving(r wasmhost.Request, provider string) wasmhost.Request {
	to := k.routes[provider]
	properties := map[string]string{}
	for name, value := range k.variables {
		properties[name] = value
	}
	r.Headers = slices.Clone(r.Headers)
	for i := range r.Headers {
		if r.Headers[i][0] != ":path" {
			continue
		}
		uri, _, _ := strings.Cut(r.Headers[i][1], "?")
		if to.strips {
			r.Headers[i][1] = path.Join("/", to.prefix) + r.Headers[i][1]
		}
		properties["ngx.upstream_uri"] = uri
	}
	r.Properties = properties
	return r
}

// leaving is a request as nginx sends it on: sent is what its client has sent.
func (k *kong) leaving(m wasmhost.Message, sent wasmhost.Request) wasmhost.Message {
	m.Headers = slices.DeleteFunc(slices.Clone(m.Headers), func(h [2]string) bool {
		switch strings.ToLower(h[0]) {
		case "transfer-encoding", "expect", "connection", "keep-alive", "te", "upgrade":
			return true
		case "content-length":
			// It is that of the body, which nginx has whole, unless the filter gives it
			// another, which is believed then.
			return h[1] == "" || h[1] == sent.Headers.Get("content-length")
		}
		return false
	})
	if body := m.Body(); !m.Headers.Has("content-length") && (len(body) > 0 || sent.Headers.Has("content-length")) {
		m.Headers = append(m.Headers, [2]string{"Content-Length", fmt.Sprint(len(body))})
	}
	asked, query, queried := strings.Cut(sent.Headers.Get(":path"), "?")
	for i := range m.Headers {
		if m.Headers[i][0] != ":path" {
			continue
		}
		uri := m.Headers[i][1]
		if before, _, _ := strings.Cut(uri, "?"); before == asked { // the filter has left it alone
			uri = sent.Properties["ngx.upstream_uri"]
		}
		if queried && !strings.Contains(uri, "?") {
			uri += "?" + query
		}
		m.Headers[i][1] = uri
	}
	return m
}
