package render

import (
	"bytes"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/sluice-gateway/sluice/gateway"
	"github.com/sluice-gateway/sluice/policy"
	"github.com/sluice-gateway/sluice/policy/host"
	"github.com/sluice-gateway/sluice/policy/normal"
	"github.com/sluice-gateway/sluice/policy/strict"
)

// KongOptions is what the policy does not say of a Kong. The zero value is a Kong 3.9 for
// the local machine.
type KongOptions struct {
	// Minor is the version: 4 for Kong 3.4, to 9; 0 = 9.
	Minor int
	// Listen is where clients connect, Admin where the Admin API listens, both as
	// address:port; "" = 127.0.0.1:8000 and 127.0.0.1:8001.
	Listen, Admin string
	// Wasm is the path of the module on the gateway's machine; "" =
	// /etc/kong/sluice/sluice.wasm. Its name is the filter's, and the other files are
	// beside it.
	Wasm string
	// CAFile is as in Options.
	CAFile string
	// SharedData is the size of the zone for budgets, health and the rest, in bytes;
	// 0 = as much as they can ever take.
	SharedData int64
	// Own is YAML with entities of your own: under plugins those that run in front of the
	// filter on each of its services, above all the one that authenticates callers, and
	// whatever they need, such as consumers.
	Own []byte
}

// File is one file of several.
type File struct {
	Name    string
	Content []byte
}

// The files for Kong, by name. KongMeta stands beside the module and has its name.
const (
	KongDeclarative = "kong.yml"          // services, routes and filter chains
	KongConf        = "kong.conf"         // what Kong's own configuration needs
	KongMain        = "sluice-main.conf"  // for nginx's main context
	KongProxy       = "sluice-proxy.conf" // for the server that takes requests
)

// Kong writes what a Kong needs, the declarative configuration first. A policy that Kong
// cannot serve is an error, *policy.Problems.
func Kong(p *policy.Policy, opt KongOptions) ([]File, error) {
	k, err := newKong(p, opt)
	if err != nil {
		return nil, err
	}
	files := []File{{Name: KongDeclarative}, {Name: KongConf}}
	var declarative bytes.Buffer
	if err := write(&declarative, k.banner(), k.declarative()); err != nil {
		return nil, err
	}
	files[0].Content = declarative.Bytes()
	files[1].Content = k.conf()
	if len(k.credentials) > 0 {
		files = append(files, File{KongMain, k.main()}, File{KongProxy, k.proxy()})
	}
	if k.minor >= metaSince {
		files = append(files, File{k.filter + ".meta.json", k.meta()})
	}
	return files, nil
}

// KongDeclaration writes the declarative configuration alone.
func KongDeclaration(w io.Writer, p *policy.Policy, opt KongOptions) error {
	files, err := Kong(p, opt)
	if err != nil {
		return err
	}
	_, err = w.Write(files[0].Content)
	return err
}

// kong is what the files are made from.
type kong struct {
	policy      *policy.Policy
	rendered    []byte
	minor       int
	listen      address
	adminAt     address
	directory   string // of the files, on the gateway's machine
	filter      string
	caFile      string
	shared      int64
	credentials []string // names of variables
	own         kongOwn
}

// What changed in Kong, by minor version.
const (
	metaSince    = 5 // a filter's .meta.json is read
	namesOff     = 7 // here alone Kong's resolver is not asked for the names that a filter calls: Kong/kong#12825, #13424
	shmKVSince   = 6 // zones are nginx_wasm_shm_kv_NAME, before nginx_wasm_shm_NAME
	metricsSince = 8 // filters have metrics
)

// zone is the namespace in front of the keys of all shared data: "sluice/b1/0000".
const zone = "sluice"

// KongSharedData bounds what the zone may hold: 16,384 pages of 3,840 bytes for budgets,
// each in one or two of nginx's with its key, 4,096 places of conversations, what was learned
// of models, the health of targets, and 2,048 decision records of 2 KiB. A smaller zone evicts,
// and what is evicted of a budget is forgotten.
const KongSharedData = 160 << 20

func newKong(p *policy.Policy, opt KongOptions) (*kong, error) {
	if refusals, _ := host.Check(p, host.Host{Name: host.Kong, Minor: opt.Minor}); len(refusals) > 0 {
		problems := policy.Problems(refusals)
		return nil, &problems
	}
	k := &kong{policy: p, rendered: normal.Append(nil, p), minor: opt.Minor, caFile: opt.CAFile, shared: opt.SharedData}
	_, err := normal.Read(k.rendered)
	if err != nil { // it has more values than the filter takes
		return nil, err
	}
	if k.minor == 0 {
		k.minor = host.NewestKong
	}
	if k.caFile == "" {
		k.caFile = caFiles[0]
	}
	if k.listen, err = parseAddress("listen", orElse(opt.Listen, "127.0.0.1:8000")); err != nil {
		return nil, err
	}
	if k.adminAt, err = parseAddress("admin", orElse(opt.Admin, "127.0.0.1:8001")); err != nil {
		return nil, err
	}
	if k.listen.meets(k.adminAt) {
		return nil, fmt.Errorf("admin: %s is where clients connect too (listen %s): Kong does not start with both at one port, and clients would reach its Admin API; choose another port", k.adminAt, k.listen)
	}
	wasm := orElse(opt.Wasm, "/etc/kong/sluice/sluice.wasm")
	name, isModule := strings.CutSuffix(path.Base(wasm), ".wasm")
	if !path.IsAbs(wasm) || !isModule || name == "" {
		return nil, fmt.Errorf("wasm: %q: Kong wants the path of a file that ends in .wasm, from the root of the gateway's machine, as in /etc/kong/sluice/sluice.wasm", wasm)
	}
	if len(name) > gateway.LongestFilterName && k.minor >= metricsSince {
		return nil, fmt.Errorf("wasm: %q: Kong ends a filter whose metrics have too long a name, of which the file's is a part: take one of at most %d bytes before .wasm, and give each release a directory", wasm, gateway.LongestFilterName)
	}
	k.directory, k.filter = path.Dir(wasm), name
	for _, text := range []string{wasm, k.caFile} {
		if strings.ContainsAny(text, " \t\n'\"\\;{}$#") {
			return nil, fmt.Errorf("%q: nginx reads a path with blanks, quotes or any of ;{}$#\\ otherwise; choose another", text)
		}
	}
	switch {
	case k.shared == 0:
		k.shared = KongSharedData
	case k.shared < KongSharedData && len(p.Budgets) > 0:
		return nil, fmt.Errorf("shared-data: %s is less than the %s that budgets can take: Kong would evict some, which begin anew then", strict.FormatSize(k.shared), strict.FormatSize(KongSharedData))
	case k.shared < 1<<20:
		return nil, fmt.Errorf("shared-data: %d bytes are less than the 1MiB that health and estimates want", k.shared)
	}
	k.credentials = credentialVariables(p)
	k.own, err = parseKongOwn(opt.Own)
	return k, err
}

func orElse(text, other string) string {
	if text == "" {
		return other
	}
	return text
}

func (k *kong) version() string { return "3." + strconv.Itoa(k.minor) }

func (k *kong) banner() string {
	keys := `No key is in this file, and the policy names none: callers' own go on to the providers.`
	if len(k.credentials) > 0 {
		keys = `No key is in this file: the filter has them from the environment of Kong's process, by
the two files for nginx (render --out).`
	}
	return `Written by "sluice render" from a policy for Kong ` + k.version() + ": change the policy and render again.\n" + keys
}

func (k *kong) at(file string) string { return path.Join(k.directory, file) }

// milliseconds are Kong's timeouts, which have 31 bits.
func milliseconds(n int64) int64 { return min(max(n, 1), 1<<31-2) }

// declarative is the file of entities.
func (k *kong) declarative() *yaml.Node {
	services := list()
	for _, v := range k.policy.Providers {
		services.Content = append(services.Content, k.service(v))
	}
	root := object(
		at("_format_version", "3.0"),
		at("services", services),
	)
	return with(root, k.own.entities...)
}

// service is a provider, with the filter in front of it.
func (k *kong) service(v policy.Provider) *yaml.Node {
	name := "sluice-" + v.Name
	service := object(at("name", name))
	if v.Endpoint.TLS {
		with(service, at("protocol", "https"))
	} else {
		with(service, at("protocol", "http"))
	}
	with(service,
		at("host", bracketed(v.Endpoint.Host)),
		at("port", int64(v.Endpoint.Port)),
	)
	if v.Endpoint.TLS {
		with(service,
			at("tls_verify", true).why("By default Kong takes any certificate. The roots are those of kong.conf's\nproxy_ssl_trusted_certificate."),
			at("tls_verify_depth", int64(4)).why("By default nginx follows one certificate between the server's and the root's."),
		)
	}
	with(service,
		at("retries", int64(0)).why("By default Kong tries five times, behind the budgets' back."),
		at("connect_timeout", int64(5000)),
		at("write_timeout", milliseconds(k.policy.Limits.Stream.Milliseconds())),
		at("read_timeout", milliseconds(k.policy.Limits.Stream.Milliseconds())).
			why("The policy's limits.stream: how long a stream may be silent."),
		at("routes", k.routes(name, v)),
	)
	if plugins := k.own.plugins(); plugins != nil {
		with(service, at("plugins", plugins).why("Yours. They run before the filter."))
	}
	return with(service, at("filter_chains", list(object(
		at("name", name),
		at("filters", list(object(
			at("name", k.filter).why("The file's name in wasm_filters_path, without .wasm."),
			at("config", block(k.config(v))).
				why("The provider that this service is, and the policy with its defaults filled in: durations\nin ms, money in micro-dollars. A string: a mapping would lose its empty lists in Lua."),
		))),
	))))
}

// config is the filter's configuration on the way to a provider.
func (k *kong) config(v policy.Provider) string {
	return `{"role":"edge","provider":"` + v.Name + `","policy":` + string(k.rendered) + `}`
}

// routes lead to a provider: by its name, and to the default one by all other paths. The
// second one's name has a dot, which no provider's has: two entities of one name Kong refuses.
func (k *kong) routes(name string, v policy.Provider) *yaml.Node {
	routes := list(k.route(name, "/"+v.Name+"/", true))
	if v.Name == k.policy.DefaultProvider {
		routes.Content = append(routes.Content, k.route(name+".default", "/", false))
	}
	return routes
}

func (k *kong) route(name, prefix string, strip bool) *yaml.Node {
	return object(
		at("name", name),
		at("protocols", flow(texts("http", "https"))),
		at("paths", flow(texts(prefix))),
		at("strip_path", strip),
		at("preserve_host", false).why("The provider gets its own name as the host, and not the gateway's."),
		at("request_buffering", true).why("The filter sees a body only if nginx has read all of it."),
		at("response_buffering", false).why("Streams stream."),
	)
}

func bracketed(host string) string {
	if strings.Contains(host, ":") {
		return "[" + host + "]"
	}
	return host
}

// credentialVariables are the names of the variables with the providers' keys and the
// companion's token, each once.
func credentialVariables(p *policy.Policy) []string {
	return (&envoy{policy: p}).credentials()
}
