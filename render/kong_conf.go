package render

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/sluice-gateway/sluice/jsontree"
	"github.com/sluice-gateway/sluice/policy"
	"github.com/sluice-gateway/sluice/policy/host"
	"github.com/sluice-gateway/sluice/policy/normal"
)

// conf is what Kong's own configuration needs, in the form of kong.conf. Each line may as
// well be an environment variable: KONG_ and its name in capitals.
func (k *kong) conf() []byte {
	var b strings.Builder
	say := func(comment string) {
		for line := range strings.SplitSeq(comment, "\n") {
			b.WriteString(strings.TrimRight("# "+line, " ") + "\n")
		}
	}
	set := func(name, value, why string) {
		if why != "" {
			b.WriteString("\n")
			say(why)
		}
		fmt.Fprintf(&b, "%s = %s\n", name, value)
	}
	say(`Written by "sluice render" for Kong ` + k.version() + `. What the filter needs of Kong comes first: put it into
the kong.conf that you have. The last part is for a Kong that does nothing else.`)

	set("wasm", "on", "")
	set("wasm_filters_path", k.directory, "Every .wasm file in there is compiled by every worker: keep it to the filter.")
	zoneName := "nginx_wasm_shm_kv_" + zone
	if k.minor < shmKVSince {
		zoneName = "nginx_wasm_shm_" + zone
	}
	set(zoneName, nginxSize(k.shared, "m"), "The budgets and all else that workers share. As much as it can ever hold: what does not\nfit is evicted, and a budget that is evicted begins anew. Without the zone requests fail.")
	set("nginx_http_client_body_buffer_size", nginxSize(k.policy.Limits.RequestBody+bodyHeadroom, "k"),
		"The policy's limits.request_body and a little: the filter cannot read a body that nginx\nhas put into a file, and refuses it. nginx keeps as much in memory of an upload without a\nlength, and of one over HTTP/2.")
	set("nginx_proxy_proxy_ssl_trusted_certificate", k.caFile, "The roots that providers are verified with, and those that the filter's own calls are.")
	set("nginx_wasm_tls_trusted_certificate", k.caFile, "")
	set("nginx_wasm_tls_verify_cert", "on", "")
	set("nginx_wasm_tls_verify_host", "on", "")
	if name := host.CompanionName(k.policy); name != "" {
		set("nginx_wasm_proxy_wasm_lua_resolver", "on", "Kong's resolver for "+name+" in the filter's ticks too, which would ask 8.8.8.8.")
	}
	if k.minor == namesOff {
		set("nginx_http_proxy_wasm_lua_resolver", "on", "Kong's resolver for the names that the filter calls, which this version has off.")
	}
	if len(k.credentials) > 0 {
		set("nginx_main_include", k.at(KongMain), "How the providers' keys get from the environment of Kong's process to the filter, which\nhas none of its own here: nginx hands the variables to its workers, and these to the filter.")
		set("nginx_proxy_include", k.at(KongProxy), "")
	}

	set("database", "off", "For a Kong that does nothing else.")
	set("declarative_config", k.at(KongDeclarative), "")
	set("proxy_listen", k.listen.String(), "")
	set("admin_listen", k.adminAt.String(), "")
	return []byte(b.String())
}

// bodyHeadroom is what nginx keeps of a body beyond the policy's limit, so that it is the
// filter that refuses one, in the client's dialect.
const bodyHeadroom = 64 << 10

// nginxSize is a size in nginx's units, k or m, rounded up.
func nginxSize(bytes int64, unit string) string {
	shift := map[string]int{"k": 10, "m": 20}[unit]
	return strconv.FormatInt((bytes+1<<shift-1)>>shift, 10) + unit
}

func (a address) String() string {
	return netip.AddrPortFrom(netip.MustParseAddr(a.host), uint16(a.port)).String()
}

const nginxBanner = `# Written by "sluice render". There is no key in here: only the names of variables.
`

// WrittenForNginx tells whether a text is one of the files for nginx, of this rendering or another.
func WrittenForNginx(text []byte) bool { return bytes.HasPrefix(text, []byte(nginxBanner)) }

// main hands variables of the environment to nginx's workers, which clear it otherwise.
func (k *kong) main() []byte {
	text := nginxBanner
	for _, name := range k.credentials {
		text += "env " + name + ";\n"
	}
	return []byte(text)
}

// variablePrefix begins the nginx variables in which the filter finds the environment.
const variablePrefix = "sluice_env_"

// proxy has them in variables of each request, where a filter can see them. No access log
// shows a variable that its format does not name.
func (k *kong) proxy() []byte {
	text := nginxBanner
	for _, name := range k.credentials {
		text += "set_by_lua_block $" + variablePrefix + strings.ToLower(name) + ` { return os.getenv("` + name + `") or "" }` + "\n"
	}
	return []byte(text)
}

// meta is what Kong reads beside the module: a JSON Schema (draft 4) that each filter's
// configuration is held to when it is written, and not when it is used; and how its
// Prometheus plugin finds the labels in the names of metrics, of which a filter can give
// nothing but a name: see Labels.
func (k *kong) meta() []byte {
	type pattern struct {
		Label   string `json:"label"`
		Pattern string `json:"pattern"` // Lua's; the second group is the value
	}
	type metrics struct {
		LabelPatterns []pattern `json:"label_patterns"`
	}
	meta := struct {
		ConfigSchema any      `json:"config_schema"`
		Metrics      *metrics `json:"metrics,omitempty"`
	}{ConfigSchema: map[string]any{
		"$schema":     "http://json-schema.org/draft-04/schema#",
		"title":       "Sluice",
		"description": `What "sluice render --for kong" writes for a service: the provider that it is, and the policy.`,
		"type":        "string",
		"allOf":       patterns(),
		"not":         map[string]any{"pattern": `[\x00-\x1f]`},
	}}
	if k.minor >= metricsSince {
		meta.Metrics = &metrics{}
		for _, label := range Labels {
			meta.Metrics.LabelPatterns = append(meta.Metrics.LabelPatterns, pattern{label, "(;" + label + "=([^;]*))"})
		}
	}
	text, err := json.MarshalIndent(meta, "", "  ")
	if err != nil {
		panic(err) // it is made of texts
	}
	return append(text, '\n')
}

// patterns are what is known of each configuration's text: how it begins and ends, the
// number of the policy's format, and all members that every policy has. Draft 4 has nothing
// else to say of a string, and a string it has to be: see service. That the rest is JSON no
// pattern tells that Kong could match in a text of any length: PCRE gives up where a group
// repeats some thousand times, and Kong takes that for no match. The module reads all of it,
// and refuses what is not as it should be.
func patterns() []any {
	const name = `[a-z0-9_-]{1,64}`
	all := []string{
		`^\{"role":"edge","provider":"` + name + `","policy":\{"format":` + strconv.Itoa(normal.Format) + `,"version":1,"providers":\[\{"name":"` + name + `","dialect":"(openai|anthropic)","endpoint":\{"tls":(true|false),"host":"`,
		`,"hold_headers":(true|false)\}\}$`,
	}
	form, err := jsontree.Parse(normal.Append(nil, &policy.Policy{}))
	if err != nil {
		panic(err) // it is our own text
	}
	for _, member := range form.Elements()[2:] {
		all = append(all, `,"`+member.Name()+`":([\[{"0-9]|true|false|null)`)
	}
	var schemas []any
	for _, p := range all {
		schemas = append(schemas, map[string]any{"pattern": p})
	}
	return schemas
}
