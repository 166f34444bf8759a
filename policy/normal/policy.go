package normal

import "github.com/sluice-gateway/sluice/policy"

// visit goes over a whole policy, in the order of its types.
func visit(c *codec, p *policy.Policy) {
	c.count("version", &p.Version)
	list(c, "providers", &p.Providers, provider)
	list(c, "models", &p.Models, model)
	c.text("default_provider", &p.DefaultProvider)
	list(c, "identity", &p.Identity, identityPart)
	list(c, "budgets", &p.Budgets, budget)
	list(c, "zones", &p.Zones, zone)
	budgetSettings(c, &p.Budget)
	c.text("counting", (*string)(&p.Counting))
	companion(c, &p.Companion)
	section(c, "cache", &p.Cache, cache)
	section(c, "guards", &p.Guards, guards)
	list(c, "prices", &p.Prices, price)
	records(c, &p.Records)
	limits(c, &p.Limits)
	c.flag("hold_headers", &p.HoldHeaders)
}

func provider(c *codec, p *policy.Provider) {
	c.text("name", &p.Name)
	c.text("dialect", (*string)(&p.Dialect))
	endpoint(c, &p.Endpoint)
	c.text("credential_env", &p.CredentialEnv)
	c.text("credential_header", &p.CredentialHeader)
	c.text("credential_scheme", &p.CredentialScheme)
	c.number("default_max_tokens", &p.DefaultMaxTokens)
	c.text("api_path", &p.APIPath)
	list(c, "query", &p.Query, parameter)
	c.flag("old_output_cap", &p.OldOutputCap)
}

func parameter(c *codec, p *policy.Parameter) {
	c.text("name", &p.Name)
	c.text("value", &p.Value)
}

func endpoint(c *codec, e *policy.Endpoint) {
	c.enter("endpoint")
	c.flag("tls", &e.TLS)
	c.text("host", &e.Host)
	c.count("port", &e.Port)
	c.text("base_path", &e.BasePath)
	c.leave()
}

func model(c *codec, m *policy.Model) {
	c.text("name", &m.Name)
	c.text("strategy", (*string)(&m.Strategy))
	list(c, "targets", &m.Targets, target)
	list(c, "rules", &m.Rules, func(c *codec, r *policy.Rule) {
		c.text("name", &r.Name)
		condition(c, &r.When)
		c.places("targets", &r.Targets, len(m.Targets))
	})
	c.milliseconds("affinity_ms", &m.Affinity)
	c.texts("drop", &m.Drop)
	c.flag("inline", &m.Inline)
	retry(c, &m.Retry)
	coolDown(c, &m.CoolDown)
}

func target(c *codec, t *policy.Target) {
	c.text("provider", &t.Provider)
	c.text("model", &t.Model)
	c.count("weight", &t.Weight)
	c.number("context_window", &t.ContextWindow)
}

func condition(c *codec, w *policy.Condition) {
	c.enter("when")
	c.number("input_over", &w.InputOver)
	c.choice("tools", &w.Tools)
	c.choice("images", &w.Images)
	list(c, "headers", &w.Headers, parameter)
	list(c, "identity", &w.Identity, parameter)
	c.text("budget", &w.Budget)
	c.number("budget_below_percent", &w.BudgetBelow)
	c.leave()
}

func retry(c *codec, r *policy.Retry) {
	c.enter("retry")
	c.count("attempts", &r.Attempts)
	c.texts("on", &r.On)
	c.milliseconds("per_try_ms", &r.PerTry)
	c.milliseconds("first_token_ms", &r.FirstToken)
	c.milliseconds("total_ms", &r.Total)
	c.number("max_cost_microusd", &r.MaxCost)
	c.milliseconds("max_retry_after_ms", &r.MaxRetryAfter)
	list(c, "classes", &r.Classes, func(c *codec, class *policy.RetryClass) {
		c.text("class", &class.Class)
		c.count("attempts", &class.Attempts)
		c.milliseconds("backoff_ms", &class.Backoff)
		c.milliseconds("max_backoff_ms", &class.MaxBackoff)
	})
	c.leave()
}

func coolDown(c *codec, d *policy.CoolDown) {
	c.enter("cooldown")
	c.count("after", &d.After)
	c.milliseconds("base_ms", &d.Base)
	c.milliseconds("max_ms", &d.Max)
	c.leave()
}

func identityPart(c *codec, i *policy.IdentityPart) {
	c.text("name", &i.Name)
	c.text("header", &i.Header)
	c.text("claim", &i.Claim)
	c.texts("property", &i.Property)
	c.flag("hash", &i.Hash)
	c.flag("verified", &i.Verified)
}

func budget(c *codec, b *policy.Budget) {
	c.text("name", &b.Name)
	c.texts("per", &b.Per)
	c.text("unit", (*string)(&b.Unit))
	c.number("limit", &b.Limit)
	c.milliseconds("every_ms", &b.Every)
	c.text("calendar", (*string)(&b.Calendar))
	c.text("zone", &b.Zone)
	c.flag("shadow", &b.Shadow)
}

func zone(c *codec, z *policy.Zone) {
	c.text("name", &z.Name)
	c.numbers("at_s", &z.At)
	c.numbers("offset_s", &z.Offset)
}

func budgetSettings(c *codec, b *policy.BudgetSettings) {
	c.enter("budget")
	c.flag("shared", &b.Shared)
	c.text("on_companion_error", (*string)(&b.OnCompanionError))
	c.text("on_unknown_price", (*string)(&b.OnUnknownPrice))
	c.text("on_store_error", (*string)(&b.OnStoreError))
	c.flag("clamp", &b.Clamp)
	c.flag("cutoff", &b.Cutoff)
	c.milliseconds("hold_ms", &b.Hold)
	c.text("settle_on_disconnect", (*string)(&b.SettleOnDisconnect))
	c.leave()
}

func companion(c *codec, s *policy.Companion) {
	c.enter("companion")
	endpoint(c, &s.Endpoint)
	c.text("credential_env", &s.CredentialEnv)
	c.enter("circuit")
	c.count("after", &s.Circuit.After)
	c.milliseconds("for_ms", &s.Circuit.For)
	c.leave()
	c.leave()
}

func cache(c *codec, s *policy.Cache) {
	c.flag("enabled", &s.Enabled)
	c.flag("exact", &s.Exact)
	c.flag("semantic", &s.Semantic)
	c.millionths("threshold_millionths", &s.Threshold)
	c.milliseconds("ttl_ms", &s.TTL)
	c.texts("scope", &s.Scope)
	c.millionths("max_temperature_millionths", &s.MaxTemperature)
	c.milliseconds("lookup_timeout_ms", &s.LookupTimeout)
	c.milliseconds("wait_ms", &s.Wait)
	c.number("max_request_bytes", &s.MaxRequest)
	c.number("max_answer_bytes", &s.MaxAnswer)
	section(c, "judge", &s.Judge, func(c *codec, j *policy.Judge) {
		c.text("model", &j.Model)
		c.milliseconds("timeout_ms", &j.Timeout)
	})
}

func guards(c *codec, g *policy.Guards) {
	section(c, "pii", &g.PII, func(c *codec, p *policy.PII) {
		c.text("action", (*string)(&p.Action))
		c.texts("kinds", &p.Kinds)
		c.millionths("min_score_millionths", &p.MinScore)
		c.flag("restore", &p.Restore)
		c.flag("shadow", &p.Shadow)
		list(c, "custom", &p.Custom, func(c *codec, k *policy.CustomKind) {
			c.text("name", &k.Name)
			c.number("entries", &k.Entries)
		})
		c.text("program", &p.Program)
	})
	requests(c, &g.Requests)
	c.enter("decorate")
	list(c, "prepend", &g.Decorate.Prepend, message)
	list(c, "append", &g.Decorate.Append, message)
	c.leave()
	speech(c, "prompts", &g.Prompts)
	section(c, "injection", &g.Injection, func(c *codec, i *policy.Injection) {
		c.text("action", (*string)(&i.Action))
		c.millionths("threshold_millionths", &i.Threshold)
		c.texts("roles", &i.Roles)
		c.flag("shadow", &i.Shadow)
	})
	speech(c, "answers", &g.Answers)
	list(c, "external", &g.External, func(c *codec, e *policy.ExternalGuard) {
		c.text("name", &e.Name)
		c.text("action", (*string)(&e.Action))
		c.texts("roles", &e.Roles)
		c.milliseconds("timeout_ms", &e.Timeout)
		c.text("on_error", (*string)(&e.OnError))
		c.flag("shadow", &e.Shadow)
		s := &e.Service
		c.text("type", (*string)(&s.Type))
		endpoint(c, &s.Endpoint)
		c.text("credential_env", &s.CredentialEnv)
		c.texts("entities", &s.Entities)
		c.text("language", &s.Language)
		c.millionths("min_score_millionths", &s.MinScore)
		c.text("model", &s.Model)
		c.texts("categories", &s.Categories)
		c.texts("deny_like", &s.DenyLike)
		c.texts("allow_like", &s.AllowLike)
		c.text("allow_program", &s.AllowProgram)
	})
	section(c, "output", &g.Output, func(c *codec, o *policy.OutputRule) {
		c.text("schema", &o.Schema)
		c.texts("models", &o.Models)
		c.text("on_invalid", (*string)(&o.OnInvalid))
		c.flag("shadow", &o.Shadow)
	})
}

func requests(c *codec, r *policy.RequestLimits) {
	c.enter("requests")
	c.number("max_input_tokens", &r.MaxInputTokens)
	c.number("max_messages", &r.MaxMessages)
	c.number("max_tools", &r.MaxTools)
	c.number("max_images", &r.MaxImages)
	c.text("system", (*string)(&r.System))
	c.text("action", (*string)(&r.Action))
	c.flag("shadow", &r.Shadow)
	c.leave()
}

func message(c *codec, m *policy.Message) {
	c.text("role", &m.Role)
	c.texts("content", &m.Content)
}

func speech(c *codec, name string, s *policy.Speech) {
	c.enter(name)
	list(c, "rules", &s.Rules, func(c *codec, r *policy.SpeechRule) {
		c.text("name", &r.Name)
		c.number("deny", &r.Deny)
		c.number("allow", &r.Allow)
		c.texts("roles", &r.Roles)
		c.number("window_bytes", &r.Window)
		c.text("action", (*string)(&r.Action))
		c.flag("shadow", &r.Shadow)
	})
	c.text("program", &s.Program)
	c.leave()
}

func price(c *codec, p *policy.Price) {
	c.text("model", &p.Model)
	c.number("input_microusd", &p.Input)
	c.number("output_microusd", &p.Output)
	c.number("cached_input_microusd", &p.CachedInput)
}

func records(c *codec, r *policy.Records) {
	c.enter("records")
	c.flag("companion", &r.Companion)
	c.flag("access_log", &r.AccessLog)
	c.leave()
}

func limits(c *codec, l *policy.Limits) {
	c.enter("limits")
	c.number("request_body_bytes", &l.RequestBody)
	c.number("response_body_bytes", &l.ResponseBody)
	c.milliseconds("stream_ms", &l.Stream)
	c.leave()
}
