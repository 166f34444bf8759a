package render_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/sluice-gateway/sluice/policy"
	"github.com/sluice-gateway/sluice/policy/host"
	"github.com/sluice-gateway/sluice/policy/normal"
	"github.com/sluice-gateway/sluice/policy/source"
	"github.com/sluice-gateway/sluice/policy/strict"
	"github.com/sluice-gateway/sluice/render"
)

// kongPolicy is workedPolicy without what Kong cannot do.
func kongPolicy() *policy.Policy {
	p := workedPolicy()
	for i := range p.Providers {
		if e := &p.Providers[i].Endpoint; e.TLS && e.Host == "10.0.0.7" {
			e.Host = "models.internal"
		}
	}
	p.DefaultProvider = "openai"
	p.Budgets = []policy.Budget{{Name: "all", Unit: policy.Tokens, Limit: 1000000000000000, Calendar: policy.Month, Zone: "UTC"}}
	return p
}

func kongFiles(t *testing.T, p *policy.Policy, opt render.KongOptions) map[string]string {
	t.Helper()
	files, err := render.Kong(p, opt)
	require.NoError(t, err)
	require.Equal(t, render.KongDeclarative, files[0].Name)
	found := map[string]string{}
	for _, f := range files {
		found[f.Name] = string(f.Content)
	}
	return found
}

func TestKongGolden(t *testing.T) {
	for name, text := range kongFiles(t, kongPolicy(), render.KongOptions{}) {
		golden(t, filepath.Join("testdata", "kong-"+name), text)
	}
}

// TestTheKongExample holds that examples/kong is what the command that its README gives
// writes, from a policy with nothing to say against it.
func TestTheKongExample(t *testing.T) {
	const example = "../examples/kong/"
	p, err := source.Load(example + "sluice.yaml")
	require.NoError(t, err)
	require.Empty(t, strict.Unsupported(p))
	require.Empty(t, strict.Warnings(p))
	own, err := os.ReadFile(example + "authentication.yaml")
	require.NoError(t, err)
	files := kongFiles(t, p, render.KongOptions{Own: own})
	require.Len(t, files, 5)
	for name, text := range files {
		golden(t, example+name, text)
	}
}

// Each line of kong.conf is a comment or one setting of Kong's, each once. What Kong does not
// know it passes over without a word, so that the names are held here.
func TestKongConf(t *testing.T) {
	injected := map[string]string{ // directives, by the prefix with which Kong puts them where they belong
		"nginx_main_":     "include",
		"nginx_http_":     "client_body_buffer_size proxy_wasm_lua_resolver",
		"nginx_proxy_":    "include proxy_ssl_trusted_certificate",
		"nginx_wasm_":     "tls_trusted_certificate tls_verify_cert tls_verify_host shm_sluice proxy_wasm_lua_resolver",
		"nginx_wasm_shm_": "kv_sluice",
	}
	own := strings.Fields("wasm wasm_filters_path database declarative_config proxy_listen admin_listen")
	p := kongPolicy()
	p.Records.Companion = true
	p.Companion.Endpoint = policy.Endpoint{Host: "companion.internal", Port: 8090}
	for minor, settings := range map[int]int{4: 15, 7: 16, 9: 15} {
		seen := map[string]bool{}
		for line := range strings.Lines(kongFiles(t, p, render.KongOptions{Minor: minor})[render.KongConf]) {
			line = strings.TrimSuffix(line, "\n")
			if line == "" || strings.HasPrefix(line, "#") {
				continue
			}
			name, value, ok := strings.Cut(line, " = ")
			require.True(t, ok, line)
			require.NotEmpty(t, value)
			require.NotContains(t, value, "#", "Kong takes it for a comment")
			require.False(t, seen[name], name)
			seen[name] = true
			known := slices.Contains(own, name)
			for prefix, directives := range injected {
				directive, ok := strings.CutPrefix(name, prefix)
				known = known || ok && slices.Contains(strings.Fields(directives), directive)
			}
			require.True(t, known, name)
		}
		require.Len(t, seen, settings)
	}
}

// A companion that has a name is looked for by Kong's resolver; an address is not.
func TestKongResolver(t *testing.T) {
	const ticks, requests = "\nnginx_wasm_proxy_wasm_lua_resolver = on\n", "\nnginx_http_proxy_wasm_lua_resolver = on\n"
	for to, named := range map[string]bool{"companion.internal": true, "10.0.0.9": false} {
		for minor := host.OldestKong; minor <= host.NewestKong; minor++ {
			p := kongPolicy()
			p.Records.Companion = true
			p.Companion.Endpoint = policy.Endpoint{Host: to, Port: 8090}
			conf := kongFiles(t, p, render.KongOptions{Minor: minor})[render.KongConf]
			require.Equal(t, named, strings.Contains(conf, ticks), "%s 3.%d", to, minor)
			require.Equal(t, minor == 7, strings.Contains(conf, requests), "%s 3.%d", to, minor)
		}
	}
}

// A filter's name is a part of its metrics' names, which Kong bounds where it has metrics.
func TestKongModuleName(t *testing.T) {
	for name, minor := range map[string]int{strings.Repeat("n", 20): 9, strings.Repeat("n", 21): 7} {
		kongFiles(t, kongPolicy(), render.KongOptions{Minor: minor, Wasm: "/etc/kong/" + name + ".wasm"})
	}
	_, err := render.Kong(kongPolicy(), render.KongOptions{Wasm: "/etc/kong/" + strings.Repeat("n", 21) + ".wasm"})
	require.ErrorContains(t, err, "at most 20 bytes")
}

// What differs between the versions of Kong, and that nothing else does.
func TestKongVersions(t *testing.T) {
	newest := kongFiles(t, kongPolicy(), render.KongOptions{})
	for minor := host.OldestKong; minor <= host.NewestKong; minor++ {
		version := "3." + strconv.Itoa(minor)
		files := kongFiles(t, kongPolicy(), render.KongOptions{Minor: minor})
		zone := "nginx_wasm_shm_kv_sluice = "
		if minor < 6 {
			zone = "nginx_wasm_shm_sluice = "
		}
		require.Contains(t, files[render.KongConf], "\n"+zone+"160m\n", version)
		require.Contains(t, files[render.KongDeclarative], "Kong "+version+":")
		_, hasMeta := files["sluice.meta.json"]
		require.Equal(t, minor >= 5, hasMeta, version)

		same := strings.NewReplacer(version, "3.9", "nginx_wasm_shm_sluice", "nginx_wasm_shm_kv_sluice",
			"\n# Kong's resolver for the names that the filter calls, which this version has off.\nnginx_http_proxy_wasm_lua_resolver = on\n", "")
		delete(files, "sluice.meta.json")
		for name, text := range files {
			require.Equal(t, newest[name], same.Replace(text), "%s of %s", name, version)
		}
	}
}

// The declarative configuration is one that Kong takes: its entities, as a schema.
func TestKongTakesTheDeclaration(t *testing.T) {
	schema := draft4(t, mustRead(t, "testdata/kong-declarative.schema.json"))
	example := mustRead(t, "../examples/kong/kong.yml")
	for _, text := range []string{
		kongFiles(t, kongPolicy(), render.KongOptions{})[render.KongDeclarative],
		kongFiles(t, kongPolicy(), render.KongOptions{Minor: 4})[render.KongDeclarative],
		example,
	} {
		require.NoError(t, schema.Validate(fromYAML(t, text)))
	}
	// And it is no schema that takes everything.
	for _, change := range []struct{ from, to string }{
		{`_format_version: "3.0"`, `_format_version: 3.0`},
		{"retries: 0", "retries: -1"},
		{"retries: 0", "retry: 0"},
		{"read_timeout: 900000", "read_timeout: 15m"},
		{"read_timeout: 900000", "read_timeout: 0"},
		{"strip_path: true", "strip_path: yes please"},
		{"paths: [/openai/]", "paths: [openai]"},
		{"paths: [/openai/]", "regex_priority: 1"},
		{"protocol: https", "protocol: http"}, // with tls_verify
		{"name: sluice\n", "module: sluice\n"},
		{"config: |-\n", "config:\n"}, // a mapping
		{"key_names:", "keys:"},
		{"- username: team-red", "- name: team-red"},
	} {
		require.Contains(t, example, change.from)
		require.Error(t, schema.Validate(fromYAML(t, strings.Replace(example, change.from, change.to, 1))), "%s", change.to)
	}
}

// Kong refuses two entities of one kind with one name, whatever providers are called.
func TestKongNames(t *testing.T) {
	p := kongPolicy()
	p.DefaultProvider = "openai"
	for _, name := range []string{"openai-default", "default", "openai_default", "openai-"} {
		p.Providers = append(p.Providers, policy.Provider{Name: name, Dialect: policy.OpenAI, Endpoint: policy.Endpoint{Host: "models.internal", Port: 80}})
	}
	own := mustRead(t, "../examples/kong/authentication.yaml")
	text := kongFiles(t, p, render.KongOptions{Own: []byte(own)})[render.KongDeclarative]
	require.NoError(t, draft4(t, mustRead(t, "testdata/kong-declarative.schema.json")).Validate(fromYAML(t, text)))
	seen := map[string]bool{}
	count := 0
	var walk func(kind string, value any)
	walk = func(kind string, value any) {
		switch v := value.(type) {
		case []any:
			for _, one := range v {
				entity, _ := one.(map[string]any)
				if name, ok := entity["name"]; ok && slices.Contains([]string{"services", "routes", "filter_chains"}, kind) {
					require.False(t, seen[kind+" "+name.(string)], "%s %s", kind, name)
					seen[kind+" "+name.(string)] = true
					count++
				}
				walk("", one)
			}
		case map[string]any:
			for name, member := range v {
				walk(name, member)
			}
		}
	}
	walk("", fromYAML(t, text))
	require.Equal(t, 3*len(p.Providers)+1, count, "a service, a route and a chain for each, and the default route")
}

// What stands beside the module is a schema as Kong wants it, and lets our own
// configurations pass and little else.
func TestKongMeta(t *testing.T) {
	files := kongFiles(t, kongPolicy(), render.KongOptions{})
	var meta struct {
		ConfigSchema json.RawMessage `json:"config_schema"`
		Metrics      struct {
			LabelPatterns []struct{ Label, Pattern string } `json:"label_patterns"`
		}
	}
	decoder := json.NewDecoder(strings.NewReader(files["sluice.meta.json"]))
	decoder.DisallowUnknownFields()
	require.NoError(t, decoder.Decode(&meta))
	schema := draft4(t, string(meta.ConfigSchema)) // holds it to draft 4's own schema as well

	configs := kongConfigs(t, files[render.KongDeclarative])
	require.Len(t, configs, 6)
	for name, text := range configs {
		require.NoError(t, schema.Validate(text), name)
	}
	good := configs["sluice-own"]
	for _, bad := range []any{
		nil, "", "{}", `{"role":"provider"}`, `{"role":"edge","policy":{"format":2,"version":1}}`,
		`{"role":"edge","provider":"","policy":{"format":2,"version":1}}`, `{"role":"edge","provider":"a","policy":{}}`,
		map[string]any{"role": "edge", "provider": "a", "policy": map[string]any{}},
		configs["sluice-own"][:1000], configs["sluice-own"][1:],
		`{"role":"edge","provider":"a","policy":{"format":99,garbage}}`,
		strings.Replace(good, `"format":`, `"format":9`, 1),        // of another release
		strings.Replace(good, `,"budgets":`, `,"budget":`, 1),      // a member less
		strings.Replace(good, `,"guards":`, `,"guards":x`, 1),      // no JSON
		strings.Replace(good, `,"prices":[`, ",\n\"prices\":[", 1), // laid out by hand
		strings.Replace(good, `"dialect":"openai"`, `"dialect":"other"`, 1),
		strings.Replace(good, `"hold_headers":true}}`, `"hold_headers":true,"more":1}}`, 1),
	} {
		require.NotEqual(t, good, bad)
		require.Error(t, schema.Validate(bad), "%v", bad)
	}
}

// The labels are found in a metric's name as Kong's Prometheus plugin does it (Lua's patterns
// that are used read the same as regular expressions).
func TestKongMetricLabels(t *testing.T) {
	var meta struct {
		Metrics struct {
			LabelPatterns []struct{ Label, Pattern string } `json:"label_patterns"`
		}
	}
	require.NoError(t, json.Unmarshal([]byte(kongFiles(t, kongPolicy(), render.KongOptions{})["sluice.meta.json"]), &meta))
	const name = "pw.sluice.sluice_tokens_total;direction=input;model=gpt-4.1/mini;provider=openai;team=a@b:c;"
	found, end := map[string]string{}, len(name)
	for _, p := range meta.Metrics.LabelPatterns {
		if at := regexp.MustCompile(p.Pattern).FindStringSubmatchIndex(name); at != nil {
			found[p.Label], end = name[at[4]:at[5]], min(end, at[0])
		}
	}
	require.Equal(t, map[string]string{"direction": "input", "model": "gpt-4.1/mini", "provider": "openai", "team": "a@b:c"}, found)
	require.Equal(t, "pw.sluice.sluice_tokens_total", name[:end])
	require.NotContains(t, kongFiles(t, kongPolicy(), render.KongOptions{Minor: 7})["sluice.meta.json"], "metrics")
}

// Each service's filter knows which provider it is, and has the policy as it is.
func TestKongConfigurations(t *testing.T) {
	p := kongPolicy()
	configs := kongConfigs(t, kongFiles(t, p, render.KongOptions{})[render.KongDeclarative])
	for _, v := range p.Providers {
		text := configs["sluice-"+v.Name]
		rest, ok := strings.CutPrefix(text, `{"role":"edge","provider":"`+v.Name+`","policy":`)
		require.True(t, ok, text)
		read, err := normal.Read([]byte(strings.TrimSuffix(rest, "}")))
		require.NoError(t, err)
		require.Equal(t, string(normal.Append(nil, p)), string(normal.Append(nil, read)))
	}
}

// TestKongHasNoKeys holds that files name variables and never have what is in them.
func TestKongHasNoKeys(t *testing.T) {
	t.Setenv("OPENAI_API_KEY", "sk-very-secret")
	p := kongPolicy()
	p.Companion = policy.Companion{CredentialEnv: "Companion_Token", Endpoint: policy.Endpoint{Host: "127.0.0.1", Port: 8090}}
	p.Records.Companion = true
	files := kongFiles(t, p, render.KongOptions{Wasm: "/opt/filters/sluice.wasm"})
	for name, text := range files {
		require.NotContains(t, text, "sk-very-secret", name)
	}
	for _, name := range []string{"OPENAI_API_KEY", "OWN_KEY", "Companion_Token"} {
		require.Equal(t, 1, strings.Count(files[render.KongMain], "\nenv "+name+";\n"), name)
		require.Contains(t, files[render.KongProxy], "\nset_by_lua_block $sluice_env_"+strings.ToLower(name)+` { return os.getenv("`+name+`") or "" }`+"\n")
	}
	require.Contains(t, files[render.KongConf], "\nnginx_main_include = /opt/filters/sluice-main.conf\nnginx_proxy_include = /opt/filters/sluice-proxy.conf\n")

	for i := range p.Providers {
		p.Providers[i].CredentialEnv = ""
	}
	p.Companion.CredentialEnv = ""
	files = kongFiles(t, p, render.KongOptions{})
	require.NotContains(t, files, render.KongMain)
	require.NotContains(t, files, render.KongProxy)
	require.NotContains(t, files[render.KongConf], "include")
}

func TestKongOptions(t *testing.T) {
	p := kongPolicy()
	p.Limits = policy.Limits{RequestBody: 1 << 20, ResponseBody: 1 << 20, Stream: 100 * 24 * time.Hour}
	files := kongFiles(t, p, render.KongOptions{Listen: ":80", Admin: "[::1]:444", Wasm: "/opt/f/ai.wasm", CAFile: "/etc/ca.pem", SharedData: 200 << 20})
	for _, line := range []string{
		"proxy_listen = 0.0.0.0:80", "admin_listen = [::1]:444", "wasm_filters_path = /opt/f", "declarative_config = /opt/f/kong.yml",
		"nginx_wasm_tls_trusted_certificate = /etc/ca.pem", "nginx_proxy_proxy_ssl_trusted_certificate = /etc/ca.pem",
		"nginx_wasm_shm_kv_sluice = 200m", "nginx_http_client_body_buffer_size = 1088k",
	} {
		require.Contains(t, files[render.KongConf], "\n"+line+"\n")
	}
	require.Contains(t, files, "ai.meta.json")
	require.Contains(t, files[render.KongDeclarative], "name: ai\n")
	require.Contains(t, files[render.KongDeclarative], "read_timeout: 2147483646\n")
	require.Contains(t, files[render.KongDeclarative], "host: '[2001:db8::1]'\n")
}

func TestBadKongOptions(t *testing.T) {
	for _, c := range []struct {
		opt  render.KongOptions
		want string
	}{
		{render.KongOptions{Listen: "127.0.0.1:8001"}, `admin: 127.0.0.1:8001 is where clients connect too (listen 127.0.0.1:8001): Kong does not start with both at one port, and clients would reach its Admin API; choose another port`},
		{render.KongOptions{Listen: ":8001"}, `admin: 127.0.0.1:8001 is where clients connect too (listen 0.0.0.0:8001): Kong does not start with both at one port, and clients would reach its Admin API; choose another port`},
		{render.KongOptions{Listen: "localhost:1"}, `listen: "localhost:1": want an address and a port, as in 127.0.0.1:10000 or [::1]:10000`},
		{render.KongOptions{Wasm: "build/sluice.wasm"}, `wasm: "build/sluice.wasm": Kong wants the path of a file that ends in .wasm, from the root of the gateway's machine, as in /etc/kong/sluice/sluice.wasm`},
		{render.KongOptions{Wasm: "/a/sluice"}, `wasm: "/a/sluice": Kong wants the path of a file that ends in .wasm, from the root of the gateway's machine, as in /etc/kong/sluice/sluice.wasm`},
		{render.KongOptions{Wasm: "/a b/sluice.wasm"}, `"/a b/sluice.wasm": nginx reads a path with blanks, quotes or any of ;{}$#\ otherwise; choose another`},
		{render.KongOptions{CAFile: "/a;b"}, `"/a;b": nginx reads a path with blanks, quotes or any of ;{}$#\ otherwise; choose another`},
		{render.KongOptions{SharedData: 64 << 20}, `shared-data: 64MiB is less than the 160MiB that budgets can take: Kong would evict some, which begin anew then`},
		{render.KongOptions{Own: []byte("- a")}, `filters: want a mapping with plugins and the entities that they need, such as consumers`},
		{render.KongOptions{Own: []byte("services: []")}, `filters: line 1: services: that part is rendered; write plugins and the entities that they need`},
		{render.KongOptions{Own: []byte("filter_chains: []")}, `filters: line 1: filter_chains: that part is rendered; write plugins and the entities that they need`},
		{render.KongOptions{Own: []byte("routes: []")}, `filters: line 1: routes: that part is rendered; write plugins and the entities that they need`},
		{render.KongOptions{Own: []byte("plugins: {}")}, `filters: line 1: plugins: want a list`},
	} {
		_, err := render.Kong(kongPolicy(), c.opt)
		require.EqualError(t, err, c.want)
	}
	small := kongPolicy()
	small.Budgets = nil
	require.Contains(t, kongFiles(t, small, render.KongOptions{SharedData: 4 << 20})[render.KongConf], "nginx_wasm_shm_kv_sluice = 4m\n")
	_, err := render.Kong(small, render.KongOptions{SharedData: 1000})
	require.EqualError(t, err, "shared-data: 1000 bytes are less than the 1MiB that health and estimates want")
}

// What Kong cannot do is refused before anything is written.
func TestKongRefuses(t *testing.T) {
	var out bytes.Buffer
	err := render.KongDeclaration(&out, workedPolicy(), render.KongOptions{})
	var problems *policy.Problems
	require.ErrorAs(t, err, &problems)
	require.EqualError(t, err, "providers.address.endpoint: nginx holds a certificate against names alone; write the name that is in the certificate")
	require.Zero(t, out.Len())
}

// draft4 compiles a JSON Schema of the draft that Kong takes, and no other.
func draft4(t *testing.T, text string) *jsonschema.Schema {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	require.NoError(t, err)
	require.Equal(t, "http://json-schema.org/draft-04/schema#", document.(map[string]any)["$schema"])
	c := jsonschema.NewCompiler()
	require.NoError(t, c.AddResource("kong.json", document))
	schema, err := c.Compile("kong.json")
	require.NoError(t, err)
	return schema
}

func mustRead(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	return string(text)
}

// fromYAML is a file's content with JSON's types.
func fromYAML(t *testing.T, text string) any {
	t.Helper()
	var content any
	require.NoError(t, yaml.Unmarshal([]byte(text), &content))
	asJSON, err := json.Marshal(content)
	require.NoError(t, err)
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(asJSON))
	require.NoError(t, err)
	return value
}

// kongConfigs are the filters' configurations, by their service.
func kongConfigs(t *testing.T, text string) map[string]string {
	t.Helper()
	var document struct {
		Services []struct {
			Name   string
			Chains []struct {
				Filters []struct{ Name, Config string }
			} `yaml:"filter_chains"`
		}
	}
	require.NoError(t, yaml.Unmarshal([]byte(text), &document))
	found := map[string]string{}
	for _, s := range document.Services {
		require.Len(t, s.Chains, 1)
		require.Len(t, s.Chains[0].Filters, 1)
		found[s.Name] = s.Chains[0].Filters[0].Config
	}
	return found
}
