package strict

import (
	"strings"

	"github.com/sluice-gateway/sluice/policy"
)

// build copies a document that has passed every check into a Policy.
func build(root *node, programs programs) *policy.Policy {
	return &policy.Policy{
		Version:         int(root.at("version").num),
		Providers:       each(root.at("providers"), buildProvider),
		Models:          each(root.at("models"), buildModel),
		DefaultProvider: root.at("default_provider").text,
		Identity:        each(root.at("identity"), buildIdentityPart),
		Budgets:         each(root.at("budgets"), buildBudget),
		Budget:          buildBudgetSettings(root.at("budget")),
		Counting:        policy.Counting(root.at("counting").text),
		Companion:       buildCompanion(root.at("companion")),
		Cache:           optional(root.at("cache"), buildCache),
		Guards:          optional(root.at("guards"), func(n *node) policy.Guards { return buildGuards(n, programs) }),
		Prices:          each(root.at("prices"), buildPrice),
		Records: policy.Records{
			Companion: root.at("records").at("companion").yes(),
			AccessLog: root.at("records").at("access_log").yes(),
		},
		Limits: policy.Limits{
			RequestBody:  root.at("limits").at("request_body").num,
			ResponseBody: root.at("limits").at("response_body").num,
			Stream:       root.at("limits").at("stream").duration(),
		},
		HoldHeaders: root.at("hold_headers").yes(),
	}
}

func each[T any](n *node, element func(*node) T) []T {
	var list []T
	for i := range n.kids {
		list = append(list, element(&n.kids[i]))
	}
	return list
}

func optional[T any](n *node, section func(*node) T) *T {
	if !n.given {
		return nil
	}
	v := section(n)
	return &v
}

func buildProvider(n *node) policy.Provider {
	endpoint, _ := ParseEndpoint(n.at("endpoint").text)
	p := policy.Provider{
		Name:             n.key,
		Dialect:          policy.Dialect(n.at("dialect").text),
		Endpoint:         endpoint,
		DefaultMaxTokens: n.at("default_max_tokens").num,
	}
	if p.APIPath = n.at("api_path").text; p.APIPath == "/" {
		p.APIPath = ""
	}
	p.Query = parameters(n.at("query"))
	p.OldOutputCap = n.at("output_cap").text == "max_tokens"
	if credential := n.at("credential"); credential.given {
		p.CredentialEnv = credential.at("env").text
		p.CredentialHeader = strings.ToLower(credential.at("header").text)
		p.CredentialScheme = credential.at("scheme").text
		if p.CredentialHeader == "" {
			p.CredentialHeader = "authorization"
			if p.Dialect == policy.Anthropic {
				p.CredentialHeader = "x-api-key"
			}
		}
		if p.CredentialScheme == "" && p.CredentialHeader == "authorization" {
			p.CredentialScheme = "Bearer"
		}
	}
	return p
}

func parameters(n *node) []policy.Parameter {
	return each(n, func(n *node) policy.Parameter { return policy.Parameter{Name: n.key, Value: n.text} })
}

func buildModel(n *node) policy.Model {
	m := policy.Model{
		Name:     n.key,
		Strategy: policy.Strategy(n.at("strategy").text),
		Targets:  each(n.at("targets"), buildTarget),
		Affinity: n.at("affinity").duration(),
		Drop:     n.at("drop").texts(),
		Inline:   n.at("failover").text == "inline",
		Retry:    policy.Retry{Attempts: 1},
	}
	m.Rules = each(n.at("rules"), func(n *node) policy.Rule { return buildRule(n, m.Targets) })
	cooldown := n.at("cooldown")
	m.CoolDown = policy.CoolDown{After: int(cooldown.at("after").num), Base: cooldown.at("base").duration(), Max: cooldown.at("max").duration()}
	if retry := n.at("retry"); retry.given {
		m.Retry = buildRetry(retry)
	}
	return m
}

func buildRule(n *node, targets []policy.Target) policy.Rule {
	when := n.at("when")
	r := policy.Rule{Name: n.at("name").text, When: policy.Condition{
		InputOver:   -1,
		Tools:       choice(when.at("tools")),
		Images:      choice(when.at("images")),
		Headers:     parameters(when.at("header")),
		Identity:    parameters(when.at("identity")),
		Budget:      when.at("budget").text,
		BudgetBelow: when.at("budget_below").num,
	}}
	if over := when.at("input_over"); over.given {
		r.When.InputOver = over.num
	}
	for i := range r.When.Headers {
		r.When.Headers[i].Name = strings.ToLower(r.When.Headers[i].Name)
	}
	for _, name := range n.at("targets").texts() {
		for i := range targets {
			if targets[i].Name() == name {
				r.Targets = append(r.Targets, i)
			}
		}
	}
	return r
}

// choice is a Bool that may be left out.
func choice(n *node) *bool {
	if !n.given {
		return nil
	}
	yes := n.yes()
	return &yes
}

func buildRetry(n *node) policy.Retry {
	r := policy.Retry{
		Attempts:      int(n.at("attempts").num),
		On:            n.at("on").texts(),
		PerTry:        n.at("per_try").duration(),
		FirstToken:    n.at("first_token").duration(),
		Total:         n.at("total").duration(),
		MaxCost:       -1,
		MaxRetryAfter: n.at("max_retry_after").duration(),
	}
	if most := n.at("max_cost"); most.given {
		r.MaxCost = most.num
	}
	classes := n.at("classes")
	for i := range classes.kids {
		c := &classes.kids[i]
		class := policy.RetryClass{Class: classes.shape.Fields[i].Name, Attempts: r.Attempts,
			Backoff: c.at("backoff").duration(), MaxBackoff: c.at("max_backoff").duration()}
		if attempts := c.at("attempts"); attempts.given {
			class.Attempts = int(attempts.num)
		}
		r.Classes = append(r.Classes, class)
	}
	return r
}

func buildTarget(n *node) policy.Target {
	return policy.Target{
		Provider: n.at("provider").text,
		Model:    n.at("model").text,
		Weight:   int(n.at("weight").num),

		ContextWindow: n.at("context_window").num,
	}
}

func buildIdentityPart(n *node) policy.IdentityPart {
	part := policy.IdentityPart{
		Name:     n.key,
		Header:   strings.ToLower(n.at("header").text),
		Claim:    n.at("claim").text,
		Verified: n.at("verified").yes(),
	}
	if property := n.at("property"); property.given {
		part.Property, _ = parseProperty(property.text)
	}
	part.Hash = isHashed(n)
	return part
}

// isHashed: a header that carries a credential is, unless somebody says otherwise.
func isHashed(part *node) bool {
	if hash := part.at("hash"); hash.given {
		return hash.yes()
	}
	return carriesCredential(strings.ToLower(part.at("header").text))
}

func buildBudget(n *node) policy.Budget {
	unit := policy.Unit(n.at("unit").text)
	limit, _ := amount(n.at("limit"), unit)
	return policy.Budget{
		Name:     n.at("name").text,
		Per:      n.at("per").texts(),
		Unit:     unit,
		Limit:    limit,
		Every:    n.at("every").duration(),
		Calendar: policy.Period(n.at("calendar").text),
		Zone:     n.at("zone").text,
		Shadow:   n.at("mode").text == "shadow",
	}
}

func buildBudgetSettings(n *node) policy.BudgetSettings {
	return policy.BudgetSettings{
		Shared:             n.at("shared").yes(),
		OnCompanionError:   policy.OnFailure(n.at("on_companion_error").text),
		OnUnknownPrice:     policy.OnFailure(n.at("on_unknown_price").text),
		OnStoreError:       policy.OnFailure(n.at("on_store_error").text),
		Clamp:              n.at("clamp").yes(),
		Cutoff:             n.at("cutoff").yes(),
		Hold:               n.at("hold").duration(),
		SettleOnDisconnect: policy.OnDisconnect(n.at("settle_on_disconnect").text),
	}
}

func buildCompanion(n *node) policy.Companion {
	endpoint, _ := ParseEndpoint(n.at("endpoint").text)
	c := policy.Companion{Endpoint: endpoint, Circuit: policy.Circuit{
		After: int(n.at("circuit").at("after").num),
		For:   n.at("circuit").at("for").duration(),
	}}
	if credential := n.at("credential"); credential.given {
		c.CredentialEnv = credential.at("env").text
	}
	return c
}

func buildCache(n *node) policy.Cache {
	return policy.Cache{
		Enabled:        n.at("enabled").yes(),
		Exact:          n.at("exact").yes(),
		Semantic:       n.at("semantic").yes(),
		Threshold:      float64(n.at("threshold").num) / 1e6,
		TTL:            n.at("ttl").duration(),
		Scope:          n.at("scope").texts(),
		MaxTemperature: float64(n.at("max_temperature").num) / 1e6,
		LookupTimeout:  n.at("lookup_timeout").duration(),
		Wait:           n.at("wait").duration(),
		MaxRequest:     n.at("max_request").num,
		MaxAnswer:      n.at("max_answer").num,
		Judge: optional(n.at("judge"), func(n *node) policy.Judge {
			return policy.Judge{Model: n.at("model").text, Timeout: n.at("timeout").duration()}
		}),
	}
}

func buildGuards(n *node, programs programs) policy.Guards {
	return policy.Guards{
		PII: optional(n.at("pii"), func(n *node) policy.PII {
			return policy.PII{
				Action:   policy.GuardAction(n.at("action").text),
				Kinds:    n.at("kinds").texts(),
				MinScore: float64(n.at("min_score").num) / 1e6,
				Restore:  n.at("restore").yes(),
				Shadow:   n.at("mode").text == "shadow",
				Custom: each(n.at("custom"), func(n *node) policy.CustomKind {
					return policy.CustomKind{Name: n.at("name").text, Entries: entries(n, "patterns", "words")}
				}),
				Program: programs.custom,
			}
		}),
		Requests: buildRequestLimits(n.at("requests")),
		Decorate: policy.Decoration{
			Prepend: each(n.at("decorate").at("prepend"), buildMessage),
			Append:  each(n.at("decorate").at("append"), buildMessage),
		},
		Prompts: policy.Speech{Rules: buildSpeechRules(n.at("prompts")), Program: programs.prompts},
		Injection: optional(n.at("injection"), func(n *node) policy.Injection {
			return policy.Injection{
				Action:    policy.GuardAction(n.at("action").text),
				Threshold: float64(n.at("threshold").num) / 1e6,
				Roles:     n.at("roles").texts(),
				Shadow:    n.at("mode").text == "shadow",
			}
		}),
		Answers:  policy.Speech{Rules: buildSpeechRules(n.at("answers")), Program: programs.answers},
		External: append(each(n.at("external"), buildExternalGuard), buildMeaning(n.at("prompts"), programs)...),
		Output: optional(n.at("output"), func(n *node) policy.OutputRule {
			o := policy.OutputRule{
				Models:    n.at("models").texts(),
				OnInvalid: policy.GuardAction(n.at("on_invalid").text),
				Shadow:    n.at("mode").text == "shadow",
			}
			if schema := n.at("json_schema").text; schema != requestSchema {
				o.Schema = schema
			}
			return o
		}),
	}
}

func buildRequestLimits(n *node) policy.RequestLimits {
	most := func(name string) int64 {
		if limit := n.at(name); limit.given {
			return limit.num
		}
		return -1
	}
	return policy.RequestLimits{
		MaxInputTokens: most("max_input_tokens"),
		MaxMessages:    most("max_messages"),
		MaxTools:       most("max_tools"),
		MaxImages:      most("max_images"),
		System:         policy.SystemRule(n.at("system").text),
		Action:         policy.GuardAction(n.at("action").text),
		Shadow:         n.at("mode").text == "shadow",
	}
}

func buildMessage(n *node) policy.Message {
	content, _ := parseTemplate(n.at("content").text)
	return policy.Message{Role: n.at("role").text, Content: content}
}

// buildSpeechRules leaves out those that are by meaning alone.
func buildSpeechRules(n *node) []policy.SpeechRule {
	var rules []policy.SpeechRule
	for i := range n.kids {
		if r := buildSpeechRule(&n.kids[i]); r.Deny+r.Allow > 0 {
			rules = append(rules, r)
		}
	}
	return rules
}

func buildSpeechRule(n *node) policy.SpeechRule {
	r := policy.SpeechRule{
		Name:   n.at("name").text,
		Deny:   entries(n, "deny", "deny_words"),
		Allow:  entries(n, "allow", "allow_words"),
		Action: policy.GuardAction(n.at("action").text),
		Shadow: n.at("mode").text == "shadow",
	}
	if allowsByMeaning(n) {
		r.Allow = 0 // see buildMeaning
	}
	if n.has("roles") {
		r.Roles = n.at("roles").texts()
	} else {
		r.Window = n.at("window").num
	}
	return r
}

func buildExternalGuard(n *node) policy.ExternalGuard {
	endpoint, _ := ParseEndpoint(n.at("endpoint").text)
	e := policy.ExternalGuard{
		Name:    n.at("name").text,
		Action:  policy.GuardAction(n.at("action").text),
		Roles:   n.at("roles").texts(),
		Timeout: n.at("timeout").duration(),
		OnError: policy.ErrorAction(n.at("on_error").text),
		Shadow:  n.at("mode").text == "shadow",
		Service: policy.Service{
			Type:       policy.ExternalType(n.at("type").text),
			Endpoint:   endpoint,
			Entities:   n.at("entities").texts(),
			Language:   n.at("language").text,
			MinScore:   float64(n.at("min_score").num) / 1e6,
			Model:      n.at("model").text,
			Categories: n.at("categories").texts(),
		},
	}
	if credential := n.at("credential"); credential.given {
		e.Service.CredentialEnv = credential.at("env").text
	}
	switch {
	case e.Action != "":
	case e.Service.Type == policy.Presidio:
		e.Action = policy.GuardRedact
	default:
		e.Action = policy.GuardBlock
	}
	return e
}

func buildPrice(n *node) policy.Price {
	p := policy.Price{Model: n.key, Input: n.at("input").num, Output: n.at("output").num, CachedInput: n.at("input").num}
	if cached := n.at("cached_input"); cached.given {
		p.CachedInput = cached.num
	}
	return p
}
