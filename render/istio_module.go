package render

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// module is where Istio's agent, beside each Envoy, gets the module from.
type module struct {
	url    string // with its scheme
	file   string // of a file:// URL: the path in the proxy's container
	sha256 string
}

var (
	digest = regexp.MustCompile(`^[a-f0-9]{64}$`)
	// image is a reference to one, as registries and runtimes of containers read it:
	// https://github.com/distribution/reference/blob/v0.6.0/reference.go. The host is optional.
	image = regexp.MustCompile(`^(?:(?:[A-Za-z0-9][A-Za-z0-9.-]*|\[[0-9a-fA-F:]+\])(?::[0-9]+)?/)?` +
		`[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*` +
		`(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?:@sha256:[a-f0-9]{64})?$`)
)

// module reads the module's URL. What comes over a network is pinned: a tag can be moved, and
// the module sees every prompt and every key.
func (o *IstioOptions) module() (*module, error) {
	if o.Module == "" {
		return nil, errors.New("module: name its URL, as in oci://registry.example/sluice:1.0, and with sha256 its digest")
	}
	text := o.Module
	if !strings.Contains(text, "://") {
		text = "oci://" + text
	}
	u, err := url.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("module: %w", err)
	}
	m := &module{url: text, sha256: o.SHA256}
	switch u.Scheme {
	case "file":
		if u.Host != "" || u.Path == "" {
			return nil, fmt.Errorf("module: %q: want a path in the proxy's container, as in file:///opt/sluice/sluice.wasm", o.Module)
		}
		if o.SHA256 != "" {
			return nil, errors.New("sha256: nobody checks it of a file; remove it")
		}
		m.file = u.Path
		return m, nil
	case "oci", "https", "http":
	default:
		return nil, fmt.Errorf("module: %q: there are oci://, https://, http:// and file://", o.Module)
	}
	switch {
	case u.Host == "":
		return nil, fmt.Errorf("module: %q has no host", o.Module)
	case u.Scheme == "oci" && !image.MatchString(strings.TrimPrefix(text, "oci://")):
		return nil, fmt.Errorf("module: %q: want the name of an image, as in oci://registry.example/sluice:1.0", o.Module)
	case strings.ContainsAny(text, " \t\n\""):
		return nil, fmt.Errorf("module: %q: a URL has no blanks and no quotes; write %%20", o.Module)
	}
	if _, named, ok := strings.Cut(u.Path, "@sha256:"); ok && u.Scheme == "oci" {
		if m.sha256 != "" && m.sha256 != named {
			return nil, fmt.Errorf("sha256: %s is another one than the URL's, %s", m.sha256, named)
		}
		m.sha256 = named
	}
	if !digest.MatchString(m.sha256) {
		return nil, fmt.Errorf("sha256: %q: want the 64 hexadecimal digits that \"make oci\" prints: of an image the digest of its manifest, of a module over HTTP its own. "+
			"A tag can be moved, and the module sees every prompt and every key", m.sha256)
	}
	return m, nil
}

// code is the module as Envoy's configuration has it. The agent reads it before Envoy does:
// it fetches what is remote, checks it, and puts the path of the file in its place.
func (m *module) code() *yaml.Node {
	if m.file != "" {
		return object(at("local", flow(object(at("filename", m.file)))))
	}
	return object(at("remote", object(
		at("http_uri", object(
			at("uri", m.url),
			at("timeout", 30*time.Second),
			at("cluster", "_"),
		)),
		at("sha256", m.sha256).
			why("Of an image it is the digest of its manifest. What has another one is not run."),
	)).why("Istio's agent, not Envoy, fetches this, keeps it, and gives Envoy the file: that is\nwhy there is no cluster, and why the filter is a resource of its own (ECDS)."))
}

// discovered is a filter whose configuration comes as a resource of its own: Istio's agent
// fetches modules for those alone.
func discovered(name string, types field, more ...field) *yaml.Node {
	return with(object(
		at("name", name),
		at("config_discovery", object(
			at("config_source", object(
				at("ads", flow(object())),
				at("resource_api_version", "V3"),
				at("initial_fetch_timeout", time.Duration(0)),
			)).why("As Istio asks for a WasmPlugin: nothing is served until the filter is there."),
			types,
		)),
	), more...)
}

const wasmType = "type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm"
