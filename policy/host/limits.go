package host

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/sluice-gateway/sluice/gateway"
	"github.com/sluice-gateway/sluice/policy"
	"github.com/sluice-gateway/sluice/policy/internal/document"
)

// limits are all that is refused on a gateway, or different there.
var limits = []limit{
	{
		what: "further attempts (`retry`), streams too",
		asked: models(func(m *policy.Model) string {
			return field(m.Retry.Attempts > 1 && !m.Inline, "retry")
		}),
		on: map[Name]answer{Kong: {
			why:     "Kong has chosen the upstream before the filter runs, and gives it no second attempt",
			instead: "write failover: inline, by which the filter makes the attempts of whole answers itself, or remove retry",
		}},
	},
	{
		what: "one model at several providers",
		asked: models(func(m *policy.Model) string {
			return field(len(providersOf(m)) > 1 && !m.Inline, "targets")
		}),
		on: map[Name]answer{Kong: {
			why:     "Kong's route leads to one provider, and these targets are at several",
			instead: "write failover: inline with retry, or a model for each provider",
		}},
	},
	{
		what: "streams under `failover: inline`",
		asked: models(func(m *policy.Model) string {
			return field(len(providersOf(m)) > 1 && m.Inline, "failover")
		}),
		on: map[Name]answer{Kong: {
			why:     "the filter's own calls bring answers whole",
			instead: "a stream is tried once, at the provider of the route that it comes by, and is refused where no target is there", warns: true,
		}},
	},
	{
		what: "identity from a `claim`",
		asked: identity(func(part *policy.IdentityPart, _ Host) string {
			return field(part.Claim != "", "claim")
		}),
		on: map[Name]answer{Kong: {
			why:     "Kong keeps the claims of a token nowhere that a filter can read",
			instead: "have its plugin set a header, and write header: x-consumer-username and verified: true, or the header that the plugin sets",
		}},
	},
	{
		what: "identity from a `property` of Envoy's",
		asked: identity(func(part *policy.IdentityPart, h Host) string {
			return field(len(part.Property) > 0 && !kongHas(part.Property, h), "property")
		}),
		on: map[Name]answer{Kong: {
			why:     "Kong of this version has no such property, or means something else by it",
			instead: "write one that docs/kong.md lists, such as ngx.ssl_client_s_dn or, from 3.6 on, kong.ctx.shared.NAME, or a header that a plugin sets",
		}},
	},
	{
		what: "an address in place of a name behind `https`",
		asked: func(p *policy.Policy, _ Host) []string {
			return endpoints(p, func(e policy.Endpoint, _ bool) bool { return e.TLS && isAddress(e.Host) })
		},
		on: map[Name]answer{Kong: {
			why:     "nginx holds a certificate against names alone",
			instead: "write the name that is in the certificate",
		}},
	},
	{
		what: "an IPv6 address that the filter calls itself",
		asked: func(p *policy.Policy, _ Host) []string {
			return endpoints(p, func(e policy.Endpoint, called bool) bool { return called && strings.Contains(e.Host, ":") })
		},
		on: map[Name]answer{Kong: {
			why:     "a filter's call goes to host:port, in which nobody has tried an IPv6 address on Kong",
			instead: "write a name, or an IPv4 address",
		}},
	},
	{
		what: "a companion that is given by a name",
		asked: func(p *policy.Policy, _ Host) []string {
			return when(len(CompanionName(p)) > 0, "companion.endpoint")
		},
		on: map[Name]answer{Kong: {
			why:     "in ticks Kong's resolver is asked for it only where kong.conf says so, and no limit on a call bounds how long it looks for a name",
			instead: "take over the line that render writes, nginx_wasm_proxy_wasm_lua_resolver, or write an IPv4 address", warns: true,
		}},
	},
	{
		what: "`https` to what the filter calls itself",
		asked: func(p *policy.Policy, _ Host) []string {
			return endpoints(p, func(e policy.Endpoint, called bool) bool { return called && e.TLS })
		},
		on: map[Name]answer{Kong: {
			why:     "a filter's calls are verified with one certificate at most between the server's and the root's, which nothing sets",
			instead: "where there are more put them into the file of roots that render's --ca names", warns: true,
		}},
	},
	{
		what:  "two variables for credentials whose names differ in case alone",
		asked: variablesThatClash,
		on: map[Name]answer{Kong: {
			why:     "nginx does not tell A from a in the names of its variables, by which credentials reach the filter",
			instead: "give them names that differ otherwise",
		}},
	},
	{
		what: "a provider called `v1` that is not the default",
		asked: func(p *policy.Policy, _ Host) []string {
			for _, v := range p.Providers {
				if v.Name == "v1" && p.DefaultProvider != "" && p.DefaultProvider != v.Name {
					return []string{"providers.v1"}
				}
			}
			return nil
		},
		on: map[Name]answer{Kong: {
			why:     "its route, /v1/, would take the default provider's calls",
			instead: "give it another name",
		}},
	},
	{
		what: "answers that a guard replaces",
		asked: func(p *policy.Policy, _ Host) []string {
			var paths []string
			if p.Guards == nil {
				return nil
			}
			for i, r := range p.Guards.Answers.Rules {
				if (r.Action == policy.GuardBlock || r.Action == policy.GuardRetry) && !r.Shadow {
					paths = append(paths, document.Index("guards.answers", i)+".action")
				}
			}
			if o := p.Guards.Output; o != nil && o.OnInvalid != policy.GuardFlag && !o.Shadow {
				paths = append(paths, "guards.output.on_invalid")
			}
			return paths
		},
		on: map[Name]answer{Kong: {
			why:     "Kong lets an answer's status go before its body has come",
			instead: "what is put in its place has the provider's status, 200, and is tried again under failover: inline alone", warns: true,
		}},
	},
	{
		what: "`budget.cutoff` towards the provider",
		asked: func(p *policy.Policy, _ Host) []string {
			return when(len(p.Budgets) > 0 && p.Budget.Cutoff, "budget.cutoff")
		},
		on: map[Name]answer{Kong: {
			why:     "a filter cannot close a stream on Kong",
			instead: "the client's stream ends, and the provider's is read to its end, which it may charge", warns: true,
		}},
	},
	{
		what: "who broke a stream off, under `settle_on_disconnect: reserved`",
		asked: func(p *policy.Policy, _ Host) []string {
			return when(len(p.Budgets) > 0 && p.Budget.SettleOnDisconnect == policy.SettleReserved, "budget.settle_on_disconnect")
		},
		on: map[Name]answer{Kong: {
			why:     "nginx does not tell a filter whether the client or the provider has broken a stream off",
			instead: "both count as client_gone, so that all that was reserved is charged for a provider's break too: write settle_on_disconnect: counted", warns: true,
		}},
	},
	{
		what: "`limits.stream` for a stream that is not silent",
		asked: func(p *policy.Policy, _ Host) []string {
			return when(len(p.Budgets) > 0, "limits.stream")
		},
		on: map[Name]answer{Kong: {
			why:     "nginx bounds the silence within a stream and not its length",
			instead: "one that outlives budget.hold loses its reservation, and is charged at its end", warns: true,
		}},
	},
	{
		what: "`records.access_log`",
		asked: func(p *policy.Policy, _ Host) []string {
			return when(p.Records.AccessLog, "records.access_log")
		},
		on: map[Name]answer{Kong: {
			why:     "Kong's log plugins run before the filter's record is there",
			instead: "have the records from the companion: write records: {companion: true, access_log: false}", warns: true,
		}},
	},
	{
		what: "an external guard that redacts",
		asked: func(p *policy.Policy, _ Host) (paths []string) {
			if p.Guards == nil {
				return nil
			}
			for i, g := range p.Guards.External {
				if g.Action == policy.GuardRedact && !g.Shadow {
					paths = append(paths, document.Index("guards.external", i)+".action")
				}
			}
			return paths
		},
		on: map[Name]answer{Kong: {
			why:     "Kong lets a body be changed before the filter's first call and never after",
			instead: "write action: block or flag, or have guards.pii redact, which asks nobody",
		}},
	},
	{
		what: "waits between attempts, so that one target is tried again",
		asked: models(func(m *policy.Model) string {
			return field(m.Inline && m.Retry.Attempts > len(m.Targets), "retry.attempts")
		}),
		on: map[Name]answer{Kong: {
			why:     "a filter cannot wait on Kong",
			instead: "a target is tried once a request, and no attempt is made that a wait is due before", warns: true,
		}},
	},
	{
		what: "an attempt without any answer under `failover: inline`, on Kong 3.8",
		asked: func(p *policy.Policy, h Host) []string {
			if h.minor() != 8 {
				return nil
			}
			return inline(p, h)
		},
		on: map[Name]answer{Kong: {
			why:     "Kong 3.8 does not tell a filter of a call that could not be made",
			instead: "such a request ends with 502, and no other target is tried: run Kong 3.9", warns: true,
		}},
	},
	{
		what: "`on_error: deny` of an external guard or a rule by meaning, on Kong 3.8",
		asked: func(p *policy.Policy, h Host) (paths []string) {
			if h.minor() != 8 || p.Guards == nil {
				return nil
			}
			return asksServices(p, func(g *policy.ExternalGuard) bool { return g.OnError == policy.DenyOnError && !g.Shadow })
		},
		on: map[Name]answer{Kong: {
			why:     "Kong 3.8 lets a request go on by itself when the filter's call could not be made, so that while the companion is down the provider gets prompts that nobody has screened",
			instead: "run Kong 3.9, or write on_error: allow",
		}},
	},
	{
		what: "what waits for a call of the filter's (cache, external guards, `failover: inline`), on Kong 3.4 to 3.7",
		asked: func(p *policy.Policy, h Host) (paths []string) {
			if h.minor() >= 8 {
				return nil
			}
			if p.Cache != nil && p.Cache.Enabled {
				paths = append(paths, "cache")
			}
			if p.Guards != nil {
				paths = append(paths, asksServices(p, func(*policy.ExternalGuard) bool { return true })...)
			}
			return append(paths, inline(p, h)...)
		},
		on: map[Name]answer{Kong: {
			why:     "Kong before 3.8 answers a request 500 when a call that it waits for could not be made",
			instead: "while the other side is down such requests fail: run Kong 3.9", warns: true,
		}},
	},
	{
		what: "metrics, on Kong before 3.8",
		asked: func(_ *policy.Policy, h Host) []string {
			return when(h.minor() < 8, "")
		},
		on: map[Name]answer{Kong: {
			why:     "Kong before 3.8 has no metrics for filters, and ends one that asks for some",
			instead: "none is counted there: watch the companion's ledger, or run Kong 3.8 or 3.9", warns: true,
		}},
	},
	{
		what: fmt.Sprintf("more than %d metrics (by team, with the models of several targets), on Kong 3.8 and 3.9", gateway.MostMetrics),
		asked: func(p *policy.Policy, h Host) []string {
			return when(h.minor() >= 8 && metrics(p) > gateway.MostMetrics, "identity.team")
		},
		on: map[Name]answer{Kong: {
			why:     "Kong has room for so many, and ends a filter that defines one too many",
			instead: "what is over is counted without team, model and provider: have those from the companion's ledger", warns: true,
		}},
	},
}

// asksServices is what of the guards asks services that are so: external ones, and rules by meaning.
func asksServices(p *policy.Policy, so func(*policy.ExternalGuard) bool) []string {
	var external, meaning bool
	for i := range p.Guards.External {
		if g := &p.Guards.External[i]; so(g) {
			external = external || g.Service.Type != policy.Meaning
			meaning = meaning || g.Service.Type == policy.Meaning
		}
	}
	return append(when(external, "guards.external"), when(meaning, "guards.prompts")...)
}

// inline are the models whose attempts are calls of the filter's own.
var inline = models(func(m *policy.Model) string { return field(m.Inline, "failover") })

// models asks each model for the field that is at fault; "" = none.
func models(at func(*policy.Model) string) func(*policy.Policy, Host) []string {
	return func(p *policy.Policy, _ Host) (paths []string) {
		for i := range p.Models {
			if name := at(&p.Models[i]); name != "" {
				paths = append(paths, document.Join("models", p.Models[i].Name)+"."+name)
			}
		}
		return paths
	}
}

// identity asks each part of the identity.
func identity(at func(*policy.IdentityPart, Host) string) func(*policy.Policy, Host) []string {
	return func(p *policy.Policy, h Host) (paths []string) {
		for i := range p.Identity {
			if name := at(&p.Identity[i], h); name != "" {
				paths = append(paths, document.Join("identity", p.Identity[i].Name)+"."+name)
			}
		}
		return paths
	}
}

// endpoints are the places of the endpoints that bad says so of. called: the filter makes
// calls there, and not only the host's route.
func endpoints(p *policy.Policy, bad func(e policy.Endpoint, called bool) bool) (paths []string) {
	called := map[string]bool{}
	for i := range p.Models {
		if m := &p.Models[i]; m.Inline {
			for _, name := range providersOf(m) {
				called[name] = true
			}
		}
	}
	for _, v := range p.Providers {
		if bad(v.Endpoint, called[v.Name]) {
			paths = append(paths, document.Join("providers", v.Name)+".endpoint")
		}
	}
	if p.UsesCompanion() && bad(p.Companion.Endpoint, true) {
		paths = append(paths, "companion.endpoint")
	}
	return paths
}

// CompanionName is the companion's host, if it is a name that the gateway has to look for; else "".
func CompanionName(p *policy.Policy) string {
	if host := p.Companion.Endpoint.Host; p.UsesCompanion() && !isAddress(host) {
		return host
	}
	return ""
}

// metrics is how many can come of a policy's teams: tokens of either direction and costs, of
// each of its targets, for each team that is told apart, the others and none.
func metrics(p *policy.Policy) int {
	targets := map[[2]string]bool{}
	for i := range p.Models {
		for _, t := range p.Models[i].Targets {
			targets[[2]string{t.Provider, t.Model}] = true
		}
	}
	for i := range p.Identity {
		if p.Identity[i].Name == "team" {
			return 3 * (gateway.MaxTeams + 2) * max(1, len(targets))
		}
	}
	return 0
}

// providersOf are the providers of a model's targets, each once.
func providersOf(m *policy.Model) (names []string) {
	for _, t := range m.Targets {
		known := false
		for _, name := range names {
			known = known || name == t.Provider
		}
		if !known {
			names = append(names, t.Provider)
		}
	}
	return names
}

// variablesThatClash finds the credentials whose variable is another one's in other letters.
func variablesThatClash(p *policy.Policy, _ Host) (paths []string) {
	known := map[string]string{}
	clashes := func(name string) bool {
		lower := strings.ToLower(name)
		if known[lower] == "" {
			known[lower] = name
		}
		return name != "" && known[lower] != name
	}
	for _, v := range p.Providers {
		if clashes(v.CredentialEnv) {
			paths = append(paths, document.Join("providers", v.Name)+".credential.env")
		}
	}
	if p.UsesCompanion() && clashes(p.Companion.CredentialEnv) {
		paths = append(paths, "companion.credential.env")
	}
	return paths
}

// kongHas tells whether Kong knows a property, and means by it what Envoy does: ngx_wasm_module's
// docs/PROXY_WASM.md has them, and from 3.6 on kong/runloop/wasm.lua more. (request.host is nginx's own
// name there, and destination.address what a PROXY protocol says of the client.)
func kongHas(path []string, h Host) bool {
	name := strings.Join(path, ".")
	if h.minor() >= 6 && listed(kongProperties, name) {
		return true
	}
	return listed(nginxProperties, name)
}

// A name that ends with a dot is of all that begin so.
var (
	nginxProperties = []string{
		"ngx.", "request.headers.", "request.path", "request.url_path", "request.scheme", "request.method", "request.useragent",
		"request.protocol", "request.query", "request.id", "request.referer", "source.address", "source.port",
		"connection.requested_server_name", "connection.tls_version", "connection.subject_local_certificate", "connection.id", "connection.mtls",
	}
	kongProperties = []string{
		"kong.client.protocol", "kong.nginx.subsystem", "kong.node.id", "kong.request.forwarded_host", "kong.request.forwarded_port",
		"kong.request.forwarded_scheme", "kong.request.port", "kong.router.route", "kong.router.service", "kong.route_id", "kong.service_id",
		"kong.version", "kong.ctx.shared.", "kong.configuration.",
	}
)

func listed(names []string, name string) bool {
	return slices.ContainsFunc(names, func(one string) bool {
		return one == name || strings.HasSuffix(one, ".") && len(name) > len(one) && strings.HasPrefix(name, one)
	})
}

func isAddress(host string) bool {
	_, err := netip.ParseAddr(host)
	return err == nil
}

func field(asked bool, name string) string {
	if asked {
		return name
	}
	return ""
}

func when(asked bool, path string) []string {
	if asked {
		return []string{path}
	}
	return nil
}
