package language

// Bounds that several fields share.
const (
	second = 1000
	hour   = 3600 * second
	year   = 366 * 24 * hour

	kib = 1 << 10
	mib = 1 << 20

	// MaxAmount bounds a budget: 10^15 tokens or requests, or USD 10^9 in micro-dollars.
	// It leaves sums of limits and reservations far from overflow.
	MaxAmount = 1_000_000_000_000_000
)

// Policy is the whole document.
var Policy = Shape{Kind: Object, Fields: []Field{
	{Name: "version", Required: true, Shape: &Shape{Kind: Integer, Min: 1, Max: 1},
		Doc: "Version of the policy language: 1."},
	{Name: "providers", Required: true, Shape: &Shape{Kind: Map, Key: Name, Min: 1, Elem: &provider},
		Doc: "The upstreams that serve models, by name."},
	{Name: "models", Default: "{}", Shape: &Shape{Kind: Map, Key: Text, Elem: &model},
		Doc: "The names that clients may ask for; another name goes to default_provider or is refused."},
	{Name: "default_provider", Shape: &Shape{Kind: Name},
		Doc: "The provider of every model name and path that nothing else names."},
	{Name: "identity", Default: "{}", Shape: &Shape{Kind: Map, Key: Name, Elem: &identityPart},
		Doc: "The named parts of a caller's identity and where each comes from."},
	{Name: "budgets", Default: "[]", Shape: &Shape{Kind: List, Elem: &budget},
		Doc: "Token buckets and calendar quotas; all that match a request apply."},
	{Name: "budget", Default: "{}", Shape: &budgetSettings,
		Doc: "What holds for every budget."},
	{Name: "counting", Default: `"exact"`, Shape: &Shape{Kind: Word, Words: []string{"exact", "lazy"}},
		Doc: "exact counts every prompt with the model's tokenizer; lazy takes its bytes for its tokens where that fits every budget, and counts only near a limit."},
	{Name: "companion", Default: "{}", Shape: &companion,
		Doc: "The service that the cache and the decision records need; nothing is asked of it when neither is on."},
	{Name: "cache", Shape: &cache,
		Doc: "Answers given again to the same or an equivalent prompt."},
	{Name: "guards", Shape: &guards,
		Doc: "Rules on prompts and answers."},
	{Name: "prices", Default: "{}", Shape: &Shape{Kind: Map, Key: Text, Elem: &price},
		Doc: "US dollars per million tokens by model, over the shipped catalogue."},
	{Name: "records", Default: "{}", Shape: &records,
		Doc: "Where the decision records go."},
	{Name: "limits", Default: "{}", Shape: &limits,
		Doc: "Bounds on one request."},
	{Name: "hold_headers", Default: "true", Shape: &Shape{Kind: Bool},
		Doc: "Hold a request's headers until its body has been read, so that a refusal never reaches a provider."},
}}

const neverAKey = "write credential: {env: NAME} with the name of an environment variable; never write a key in the policy"

var provider = Shape{Kind: Object, Fields: []Field{
	{Name: "dialect", Required: true, Shape: &Shape{Kind: Word, Words: []string{"openai", "anthropic"}},
		Doc: "The provider's wire format."},
	{Name: "endpoint", Required: true, Shape: &Shape{Kind: Endpoint, Secret: true},
		Doc: "Base URL, http or https, with an optional path to which the request's path is appended."},
	{Name: "credential", Shape: &credential,
		Doc: "Where the provider's key comes from; without it the client's own credential passes."},
	{Name: "default_max_tokens", Shape: &Shape{Kind: Integer, Min: 1, Max: 10_000_000},
		Doc: "Output cap of a request that has none, where the dialect requires one."},
	{Name: "api_path", Default: `"/v1"`, Shape: &Shape{Kind: Path},
		Doc: "What stands in place of a call's /v1 there; {model} in it is the target's model."},
	{Name: "query", Default: "{}", Shape: &Shape{Kind: Map, Key: Text, Elem: &Shape{Kind: Text, Secret: true}},
		Doc: "Parameters added to the query of every call, such as Azure's api-version."},
	{Name: "output_cap", Default: `"max_completion_tokens"`, Shape: &Shape{Kind: Word, Words: []string{"max_completion_tokens", "max_tokens"}},
		Doc: "What the server calls the output cap of a chat completion; many compatible ones know only the older max_tokens."},
}}

var credential = Shape{Kind: Object, Secret: true, Hint: neverAKey, Fields: []Field{
	{Name: "env", Required: true, Shape: &Shape{Kind: Variable, Secret: true, Hint: "never write a key in the policy"},
		Doc: "Environment variable that the gateway's process reads at start."},
	{Name: "header", Shape: &Shape{Kind: Header},
		Doc: "Request header that carries the key; the default is the dialect's: authorization, or x-api-key."},
	{Name: "scheme", Shape: &Shape{Kind: Scheme, Secret: true, Hint: "never write a key in the policy"},
		Doc: "Word in front of the key in that header; the default is Bearer for authorization, else none."},
}}

var model = Shape{Kind: Object, Fields: []Field{
	{Name: "strategy", Default: `"ordered"`, Shape: &Shape{Kind: Word, Words: []string{"ordered", "weighted", "cost", "latency"}},
		Doc: "How the targets are ordered."},
	{Name: "targets", Required: true, Shape: &Shape{Kind: List, Min: 1, Elem: &target},
		Doc: "The provider and model pairs that serve this name."},
	{Name: "rules", Default: "[]", Shape: &Shape{Kind: List, Elem: &rule},
		Doc: "Which of the targets a request may go to; the first rule that matches decides, and without one all may."},
	{Name: "affinity", Shape: &Shape{Kind: Duration, Min: second, Max: 24 * hour},
		Doc: "For how long after its last request a conversation stays with the target that answered it, whose prompt cache is warm."},
	{Name: "drop", Default: "[]", Shape: &Shape{Kind: List, Unique: true, Elem: &Shape{Kind: Member}},
		Doc: "Request fields that may be left out where a target's dialect has nothing like them; * is every field."},
	{Name: "failover", Default: `"upstream"`, Shape: &Shape{Kind: Word, Words: []string{"upstream", "inline"}},
		Doc: "Who makes further attempts: the gateway's upstream filter chain, or, for requests that do not stream, the filter itself."},
	{Name: "retry", Shape: &retry,
		Doc: "When the next target is tried; without this section a request is tried once."},
	{Name: "cooldown", Default: "{}", Shape: &cooldown,
		Doc: "When a failing target is left alone."},
}}

var target = Shape{Kind: Object, Fields: []Field{
	{Name: "provider", Required: true, Shape: &Shape{Kind: Name},
		Doc: "A name under providers."},
	{Name: "model", Required: true, Shape: &Shape{Kind: Text},
		Doc: "The name the provider knows the model by."},
	{Name: "weight", Default: "1", Shape: &Shape{Kind: Integer, Min: 1, Max: 1_000_000},
		Doc: "Share of the requests with strategy weighted."},
	{Name: "context_window", Shape: &Shape{Kind: Integer, Min: 1, Max: 1_000_000_000},
		Doc: "Tokens of input and output that the model takes; of several targets the default is the catalogue's. A longer request does not go there."},
}}

var rule = Shape{Kind: Object, Fields: []Field{
	{Name: "name", Required: true, Shape: &Shape{Kind: Name},
		Doc: "Name in the answer's x-sluice-rule header, records and metrics."},
	{Name: "when", Required: true, Shape: &Shape{Kind: Object, Fields: []Field{
		{Name: "input_over", Shape: &Shape{Kind: Integer, Max: 1_000_000_000},
			Doc: "The prompt has more tokens than this."},
		{Name: "tools", Shape: &Shape{Kind: Bool},
			Doc: "The request offers tools, or offers none."},
		{Name: "images", Shape: &Shape{Kind: Bool},
			Doc: "The request has a picture, or has none."},
		{Name: "header", Default: "{}", Shape: &Shape{Kind: Map, Key: Header, Elem: &Shape{Kind: Text}},
			Doc: "Request headers with these values."},
		{Name: "identity", Default: "{}", Shape: &Shape{Kind: Map, Key: Name, Elem: &Shape{Kind: Text}},
			Doc: "Identity parts with these values; of a hashed part, the digest that records show."},
		{Name: "budget", Shape: &Shape{Kind: Name},
			Doc: "A budget of which less than budget_below is left."},
		{Name: "budget_below", Default: "20", Shape: &Shape{Kind: Integer, Min: 1, Max: 100},
			Doc: "Per cent of the limit of budget."},
	}}, Doc: "What a request must be like, all of it."},
	{Name: "targets", Required: true, Shape: &Shape{Kind: List, Min: 1, Unique: true, Elem: &Shape{Kind: Text}},
		Doc: "The targets it may go to, each as provider/model."},
}}

var cooldown = Shape{Kind: Object, Fields: []Field{
	{Name: "after", Default: "3", Shape: &Shape{Kind: Integer, Min: 1, Max: 1000},
		Doc: "Failures in a row after which a target is left alone."},
	{Name: "base", Default: `"5s"`, Shape: &Shape{Kind: Duration, Min: 1, Max: 24 * hour},
		Doc: "For how long at first; each further failure doubles it."},
	{Name: "max", Default: `"2m"`, Shape: &Shape{Kind: Duration, Min: 1, Max: 24 * hour},
		Doc: "For how long at most, whatever the provider asks for."},
}}

var retry = Shape{Kind: Object, Fields: []Field{
	{Name: "attempts", Default: "3", Shape: &Shape{Kind: Integer, Min: 1, Max: 10},
		Doc: "Attempts on one request, the first included."},
	{Name: "on", Default: `["rate_limited","unavailable","timeout","stalled","invalid_output"]`,
		Shape: &Shape{Kind: List, Min: 1, Unique: true, Elem: &Shape{Kind: Word,
			Words: []string{"rate_limited", "unavailable", "timeout", "stalled", "invalid_output"}}},
		Doc: "The failures after which another attempt is made."},
	{Name: "per_try", Default: `"60s"`, Shape: &Shape{Kind: Duration, Min: 1, Max: 24 * hour},
		Doc: "The longest one attempt may take before its answer begins."},
	{Name: "first_token", Default: `"15s"`, Shape: &Shape{Kind: Duration, Min: 1, Max: 24 * hour},
		Doc: "The longest wait for the first content of a stream."},
	{Name: "total", Default: `"2m"`, Shape: &Shape{Kind: Duration, Min: 1, Max: 24 * hour},
		Doc: "No further attempt begins later than this after the first one."},
	{Name: "max_cost", Shape: &Shape{Kind: Money, Max: MaxAmount},
		Doc: "No further attempt begins when the failed ones have cost this many US dollars."},
	{Name: "max_retry_after", Default: `"10s"`, Shape: &Shape{Kind: Duration, Max: hour},
		Doc: "The longest wait for a provider that says when to come back; asked for longer, it is not tried again."},
	{Name: "classes", Default: "{}", Shape: &Shape{Kind: Object, Fields: []Field{
		{Name: "rate_limited", Default: "{}", Shape: &retryClass, Doc: "After a 429."},
		{Name: "unavailable", Default: "{}", Shape: &retryClass, Doc: "After a 5xx, an error event, or a connection that fails or breaks."},
		{Name: "timeout", Default: "{}", Shape: &retryClass, Doc: "After per_try without an answer, a 408 or a 504."},
		{Name: "stalled", Default: "{}", Shape: &retryClass, Doc: "After first_token without content."},
		{Name: "invalid_output", Default: "{}", Shape: &retryClass, Doc: "After an answer that is empty, truncated, not of the asked schema, or in breach of a rule of guards.answers whose action is retry."},
	}}, Doc: "What differs by the class of the failure."},
}}

var retryClass = Shape{Kind: Object, Fields: []Field{
	{Name: "attempts", Shape: &Shape{Kind: Integer, Min: 1, Max: 10},
		Doc: "Attempts that may fail in this way, the first included; the default is retry.attempts."},
	{Name: "backoff", Default: `"100ms"`, Shape: &Shape{Kind: Duration, Max: hour},
		Doc: "Wait before a target is tried a second time, doubled at each further time, shortened by up to half at random."},
	{Name: "max_backoff", Default: `"2s"`, Shape: &Shape{Kind: Duration, Max: hour},
		Doc: "The longest such wait."},
}}

var identityPart = Shape{Kind: Object, OneOf: []string{"header", "claim", "property"}, Fields: []Field{
	{Name: "header", Shape: &Shape{Kind: Header},
		Doc: "Request header with the value."},
	{Name: "claim", Shape: &Shape{Kind: Text},
		Doc: "Claim of a token that the gateway's own authentication has verified."},
	{Name: "property", Shape: &Shape{Kind: Property},
		Doc: "Property of the gateway (Envoy metadata, Kong consumer); a step with a dot in it is written [\"a.b\"]."},
	{Name: "hash", Shape: &Shape{Kind: Bool},
		Doc: "Keep only a hash of the value; the default is true for headers that carry credentials, else false."},
	{Name: "verified", Default: "false", Shape: &Shape{Kind: Bool},
		Doc: "Your word that the gateway's authentication sets this header, so that a client cannot."},
}}

var budget = Shape{Kind: Object, OneOf: []string{"every", "calendar"}, Fields: []Field{
	{Name: "name", Required: true, Shape: &Shape{Kind: Name},
		Doc: "Name in refusals, records and metrics."},
	{Name: "per", Default: "[]", Shape: &Shape{Kind: List, Unique: true, Elem: &Shape{Kind: Name}},
		Doc: "Identity parts, or model: each combination of values has a budget of its own. Empty: one budget for everybody."},
	{Name: "unit", Required: true, Shape: &Shape{Kind: Word, Words: []string{"tokens", "requests", "usd"}},
		Doc: "What is counted."},
	{Name: "limit", Required: true, Shape: &Shape{Kind: Amount, Min: 1, Max: MaxAmount},
		Doc: "The most that may be used: a whole number of tokens or requests, or US dollars."},
	{Name: "every", Shape: &Shape{Kind: Duration, Min: 1, Max: year},
		Doc: "Token bucket: the time in which an empty one fills up to limit."},
	{Name: "calendar", Shape: &Shape{Kind: Word, Words: []string{"hour", "day", "week", "month"}},
		Doc: "Quota: the period after which it begins anew; weeks begin on Monday."},
	{Name: "zone", Default: `"UTC"`, Shape: &Shape{Kind: Zone},
		Doc: "Time zone of calendar."},
	{Name: "mode", Default: `"enforce"`, Shape: &Shape{Kind: Word, Words: []string{"enforce", "shadow"}},
		Doc: "shadow counts and reports but refuses nothing."},
}}

var budgetSettings = Shape{Kind: Object, Fields: []Field{
	{Name: "shared", Default: "false", Shape: &Shape{Kind: Bool},
		Doc: "One ledger for all replicas of the gateway."},
	{Name: "on_companion_error", Default: `"deny"`, Shape: &Shape{Kind: Word, Words: []string{"deny", "local"}},
		Doc: "When the shared ledger cannot be reached: refuse, or go on with this node's own."},
	{Name: "on_unknown_price", Default: `"deny"`, Shape: &Shape{Kind: Word, Words: []string{"deny", "allow"}},
		Doc: "When a usd budget meets a model without a price."},
	{Name: "on_store_error", Default: `"deny"`, Shape: &Shape{Kind: Word, Words: []string{"deny", "allow"}},
		Doc: "When a budget's state cannot be read or written."},
	{Name: "clamp", Default: "true", Shape: &Shape{Kind: Bool},
		Doc: "Put an output cap that fits what is left on a request that has none; a client's own cap is never changed."},
	{Name: "cutoff", Default: "true", Shape: &Shape{Kind: Bool},
		Doc: "End a stream, in its dialect, when the budget is used up."},
	{Name: "hold", Default: `"20m"`, Shape: &Shape{Kind: Duration, Min: second, Max: 48 * hour},
		Doc: "How long a reservation that nobody settles counts as spent; longer than limits.stream."},
	{Name: "settle_on_disconnect", Default: `"counted"`, Shape: &Shape{Kind: Word, Words: []string{"counted", "reserved"}},
		Doc: "What a broken-off answer costs: the tokens counted so far, or the whole reservation."},
}}

var companion = Shape{Kind: Object, Fields: []Field{
	{Name: "endpoint", Default: `"http://127.0.0.1:8090"`, Shape: &Shape{Kind: Endpoint, Secret: true},
		Doc: "Base URL, http or https; sluice render --companion says another."},
	{Name: "credential", Doc: "Where the token comes from that the companion asks for; it goes out as authorization: Bearer.",
		Shape: &Shape{Kind: Object, Secret: true, Hint: neverAKey, Fields: []Field{
			{Name: "env", Required: true, Shape: &Shape{Kind: Variable, Secret: true, Hint: "never write a key in the policy"},
				Doc: "Environment variable that the gateway's process reads at start."},
		}}},
	{Name: "circuit", Default: "{}", Doc: "When a companion that fails is left alone.",
		Shape: &Shape{Kind: Object, Fields: []Field{
			{Name: "after", Default: "5", Shape: &Shape{Kind: Integer, Min: 1, Max: 1000},
				Doc: "Failures in a row after which it is not asked."},
			{Name: "for", Default: `"10s"`, Shape: &Shape{Kind: Duration, Min: 1, Max: hour},
				Doc: "For how long; then one request tries it again."},
		}}},
}}

var cache = Shape{Kind: Object, Fields: []Field{
	{Name: "enabled", Default: "true", Shape: &Shape{Kind: Bool},
		Doc: "Whether the cache is used."},
	{Name: "threshold", Default: "0.75", Shape: &Shape{Kind: Decimal, Max: 1_000_000},
		Doc: "Least similarity (the embedder's cosine) of two prompts; necessary, never sufficient."},
	{Name: "ttl", Default: `"24h"`, Shape: &Shape{Kind: Duration, Min: second, Max: year},
		Doc: "How long an answer is kept."},
	{Name: "scope", Default: "[]", Shape: &Shape{Kind: List, Unique: true, Elem: &Shape{Kind: Name}},
		Doc: "Identity parts whose values never share an answer. The model always separates."},
	{Name: "exact", Default: "true", Shape: &Shape{Kind: Bool},
		Doc: "Answer equal prompts."},
	{Name: "semantic", Default: "true", Shape: &Shape{Kind: Bool},
		Doc: "Answer prompts that mean the same."},
	{Name: "max_temperature", Default: "1", Shape: &Shape{Kind: Decimal, Max: 2_000_000},
		Doc: "Requests with a higher temperature are not cached."},
	{Name: "lookup_timeout", Default: `"50ms"`, Shape: &Shape{Kind: Duration, Min: 1, Max: 10 * second},
		Doc: "The longest that a request waits for the companion to look it up; then it goes on without."},
	{Name: "wait", Default: `"10s"`, Shape: &Shape{Kind: Duration, Max: 300 * second},
		Doc: "The longest that a request waits for the answer to an identical one that is in flight; 0s does not wait."},
	{Name: "max_request", Default: `"256KiB"`, Shape: &Shape{Kind: Size, Min: kib, Max: 8 * mib},
		Doc: "The longest request body that is looked up."},
	{Name: "max_answer", Default: `"1MiB"`, Shape: &Shape{Kind: Size, Min: kib, Max: 8 * mib},
		Doc: "The longest answer that is kept."},
	{Name: "judge", Doc: "Asks a model whether two prompts mean the same that the comparison could not explain.",
		Shape: &Shape{Kind: Object, Fields: []Field{
			{Name: "model", Required: true, Shape: &Shape{Kind: Text},
				Doc: "A model that this policy serves."},
			{Name: "timeout", Default: `"5s"`, Shape: &Shape{Kind: Duration, Min: 1, Max: 60 * second},
				Doc: "The longest wait for its word; without one the prompts are different."},
		}}},
}}

var guards = Shape{Kind: Object, Fields: []Field{
	{Name: "pii", Doc: "Personal data and secrets in prompts.",
		Shape: &Shape{Kind: Object, Fields: []Field{
			{Name: "action", Default: `"redact"`, Shape: &Shape{Kind: Word, Words: []string{"redact", "block", "flag"}},
				Doc: "What is done about it: placeholders leave in its place, the request is refused, or it is only counted and recorded."},
			{Name: "kinds", Default: `["email","phone","card","ssn","iban","ip","secret"]`,
				Shape: &Shape{Kind: List, Min: 1, Unique: true, Elem: &Shape{Kind: Word,
					Words: []string{"email", "phone", "card", "ssn", "iban", "ip", "mac", "birth_date", "passport", "national_id", "crypto", "secret"}}},
				Doc: "What is looked for."},
			{Name: "min_score", Default: "0.5", Shape: &Shape{Kind: Decimal, Max: 1_000_000},
				Doc: "How sure a find must be, from 0 to 1."},
			{Name: "restore", Default: "true", Shape: &Shape{Kind: Bool},
				Doc: "Put the redacted values back into the answer."},
			{Name: "mode", Default: `"enforce"`, Shape: &mode, Doc: "shadow only counts and records what would have been done."},
			{Name: "custom", Default: "[]", Doc: "Kinds of your own.",
				Shape: &Shape{Kind: List, Elem: &Shape{Kind: Object, Fields: []Field{
					{Name: "name", Required: true, Shape: &Shape{Kind: Name},
						Doc: "Name in placeholders, records and metrics."},
					{Name: "patterns", Shape: &Shape{Kind: List, Min: 1, Unique: true, Elem: &Shape{Kind: Text}},
						Doc: "Regular expressions (RE2), read without regard to case."},
					{Name: "words", Shape: &Shape{Kind: List, Min: 1, Unique: true, Elem: &Shape{Kind: Text}},
						Doc: "Words and phrases, as many as you like."},
				}}}},
		}}},
	{Name: "requests", Default: "{}", Doc: "What a request may be made of, as the client sends it.",
		Shape: &Shape{Kind: Object, Fields: []Field{
			{Name: "max_input_tokens", Shape: &Shape{Kind: Integer, Min: 1, Max: 1_000_000_000},
				Doc: "The most input tokens, as budgets count them; decorate's are among them."},
			{Name: "max_messages", Shape: &Shape{Kind: Integer, Min: 1, Max: 1_000_000},
				Doc: "The most messages, or items of a response's input."},
			{Name: "max_tools", Shape: &Shape{Kind: Integer, Max: 1_000_000},
				Doc: "The most tools that the model is offered."},
			{Name: "max_images", Shape: &Shape{Kind: Integer, Max: 1_000_000},
				Doc: "The most pictures."},
			{Name: "system", Default: `"any"`, Shape: &Shape{Kind: Word, Words: []string{"any", "required", "forbidden"}},
				Doc: "Whether a chat has a system prompt, or instructions, of the client's."},
			{Name: "action", Default: `"block"`, Shape: &Shape{Kind: Word, Words: []string{"block", "flag"}},
				Doc: "What is done about a request that is over a limit: it is refused, or only counted and recorded."},
			{Name: "mode", Default: `"enforce"`, Shape: &mode, Doc: "shadow only counts and records what would have been done."},
		}}},
	{Name: "decorate", Default: "{}", Doc: "Messages of the policy's own in each chat.",
		Shape: &Shape{Kind: Object, Fields: []Field{
			{Name: "prepend", Default: "[]", Shape: &Shape{Kind: List, Elem: &message},
				Doc: "Put in front of the conversation."},
			{Name: "append", Default: "[]", Shape: &Shape{Kind: List, Elem: &message},
				Doc: "Put behind the conversation."},
		}}},
	{Name: "prompts", Default: "[]", Doc: "What prompts must not say, or must.",
		Shape: &Shape{Kind: List, Elem: &Shape{Kind: Object, Fields: append(speechRule("prompt", "block", "flag"),
			Field{Name: "roles", Default: `["user"]`, Shape: &roles, Doc: "Whose texts are looked at."},
			Field{Name: "deny_like", Shape: &examples, Doc: "Sentences that no prompt may be like in meaning, by the companion's embedder."},
			Field{Name: "allow_like", Shape: &examples, Doc: "Sentences of which each part of a prompt must be like one in meaning."},
			Field{Name: "similarity", Default: "0.4", Shape: &Shape{Kind: Decimal, Min: 10_000, Max: 1_000_000},
				Doc: "deny_like, allow_like: the cosine of two vectors from which a text is like an example, up to 1."},
			Field{Name: "timeout", Default: `"2s"`, Shape: &Shape{Kind: Duration, Min: 1, Max: 30 * second},
				Doc: "deny_like, allow_like: the longest wait for the companion's word."},
			Field{Name: "on_error", Default: `"deny"`, Shape: &Shape{Kind: Word, Words: []string{"allow", "deny"}},
				Doc: "deny_like, allow_like: what becomes of a request when the companion gives no word in time."})}}},
	{Name: "injection", Doc: "Published heuristics for prompt injection and jailbreaks.",
		Shape: &Shape{Kind: Object, Fields: []Field{
			{Name: "action", Default: `"flag"`, Shape: &Shape{Kind: Word, Words: []string{"block", "flag"}},
				Doc: "What is done about a text that looks like an attack."},
			{Name: "threshold", Default: "0.5", Shape: &Shape{Kind: Decimal, Min: 10_000, Max: 1_000_000},
				Doc: "The score from which a text looks like one, up to 1."},
			{Name: "roles", Default: `["user","tool"]`, Shape: &roles, Doc: "Whose texts are looked at."},
			{Name: "mode", Default: `"enforce"`, Shape: &mode, Doc: "shadow only counts and records what would have been done."},
		}}},
	{Name: "answers", Default: "[]", Doc: "What answers must not say.",
		Shape: &Shape{Kind: List, Elem: &Shape{Kind: Object, Fields: append(speechRule("answer", "block", "retry", "flag"),
			Field{Name: "window", Default: `"256"`, Shape: &Shape{Kind: Size, Min: 0, Max: 64 * kib},
				Doc: "How much of a stream is held back, so that what must not be said is seen before it is."})}}},
	{Name: "external", Default: "[]", Doc: "Guards that are services of their own, asked through the companion.",
		Shape: &Shape{Kind: List, Elem: &externalGuard}},
	{Name: "output", Doc: "Validation of answers.",
		Shape: &Shape{Kind: Object, Fields: []Field{
			{Name: "json_schema", Default: `"request"`, Shape: &Shape{Kind: Schema},
				Doc: "Which schema an answer must fit: request, the one that its request names, if it does; or a JSON Schema, which each answer must fit, and the request's too."},
			{Name: "models", Default: "[]", Shape: &Shape{Kind: List, Unique: true, Elem: &Shape{Kind: Text}},
				Doc: "The models, by the names that clients ask for, whose answers are looked at; none named = all."},
			{Name: "on_invalid", Default: `"retry"`, Shape: &Shape{Kind: Word, Words: []string{"retry", "block", "flag"}},
				Doc: "What is done about an answer that does not fit."},
			{Name: "mode", Default: `"enforce"`, Shape: &mode, Doc: "shadow only counts and records what would have been done."},
		}}},
}}

var message = Shape{Kind: Object, Fields: []Field{
	{Name: "role", Required: true, Shape: &Shape{Kind: Word, Words: []string{"system", "user", "assistant"}},
		Doc: "Whose message it is; a system message goes where the caller's API has the system prompt."},
	{Name: "content", Required: true, Shape: &Shape{Kind: Template},
		Doc: "Its text; {{model}} is the model asked for and {{identity.NAME}} a part of the caller's identity, empty where there is none."},
}}

var externalGuard = Shape{Kind: Object, Fields: []Field{
	{Name: "name", Required: true, Shape: &Shape{Kind: Name},
		Doc: "Name in refusals, records and metrics."},
	{Name: "type", Required: true, Shape: &Shape{Kind: Word, Words: []string{"presidio", "moderation", "chat", "webhook"}},
		Doc: "Microsoft Presidio's analyzer; an OpenAI-compatible /v1/moderations; a chat model that classifies, as Llama Guard does; or a service of your own."},
	{Name: "endpoint", Required: true, Shape: &Shape{Kind: Endpoint},
		Doc: "Its base URL, which the companion calls."},
	{Name: "credential", Doc: "The key that the companion puts on the call.",
		Shape: &Shape{Kind: Object, Fields: []Field{
			{Name: "env", Required: true, Shape: &Shape{Kind: Variable},
				Doc: "The variable of the companion's process that has it."},
		}}},
	{Name: "action", Shape: &Shape{Kind: Word, Words: []string{"redact", "block", "flag"}},
		Doc: "What is done about what it finds; the default is redact for presidio and block for the others, which cannot redact."},
	{Name: "roles", Default: `["user"]`, Shape: &roles, Doc: "Whose texts it is shown."},
	{Name: "timeout", Default: `"500ms"`, Shape: &Shape{Kind: Duration, Min: 1, Max: 30 * second},
		Doc: "The longest wait for its word."},
	{Name: "on_error", Default: `"deny"`, Shape: &Shape{Kind: Word, Words: []string{"allow", "deny"}},
		Doc: "What becomes of a request when it, or the companion, gives no word in time."},
	{Name: "mode", Default: `"enforce"`, Shape: &mode, Doc: "shadow only counts and records what would have been done."},
	{Name: "entities", Default: `["PERSON","LOCATION"]`, Shape: &Shape{Kind: List, Min: 1, Unique: true, Elem: &Shape{Kind: Text}},
		Doc: "presidio: what it looks for, in its own words."},
	{Name: "language", Default: `"en"`, Shape: &Shape{Kind: Text},
		Doc: "presidio: the language of the texts."},
	{Name: "min_score", Default: "0.5", Shape: &Shape{Kind: Decimal, Max: 1_000_000},
		Doc: "presidio, moderation: how sure it must be, from 0 to 1."},
	{Name: "model", Shape: &Shape{Kind: Text},
		Doc: "moderation, chat: the model that it is asked for."},
	{Name: "categories", Default: "[]", Shape: &Shape{Kind: List, Unique: true, Elem: &Shape{Kind: Text}},
		Doc: "moderation, chat: the categories that count; none named = all."},
}}

// speechRule has the fields of a rule about what a text says.
func speechRule(text string, actions ...string) []Field {
	patterns := Shape{Kind: List, Min: 1, Unique: true, Elem: &Shape{Kind: Text}}
	return []Field{
		{Name: "name", Required: true, Shape: &Shape{Kind: Name},
			Doc: "Name in refusals, records and metrics."},
		{Name: "deny", Shape: &patterns, Doc: "Regular expressions (RE2) that no " + text + " may match, read without regard to case."},
		{Name: "deny_words", Shape: &patterns, Doc: "Words and phrases that no " + text + " may have."},
		{Name: "allow", Shape: &patterns, Doc: "Regular expressions of which each " + text + " must match one."},
		{Name: "allow_words", Shape: &patterns, Doc: "Words and phrases of which each " + text + " must have one."},
		{Name: "action", Default: `"block"`, Shape: &Shape{Kind: Word, Words: actions},
			Doc: "What is done about a breach."},
		{Name: "mode", Default: `"enforce"`, Shape: &mode, Doc: "shadow only counts and records what would have been done."},
	}
}

// examples are sentences: what each means is one vector.
var examples = Shape{Kind: List, Min: 1, Unique: true, Elem: &Shape{Kind: Text}}

var roles = Shape{Kind: List, Min: 1, Unique: true, Elem: &Shape{Kind: Word, Words: []string{"system", "user", "assistant", "tool"}}}

var mode = Shape{Kind: Word, Words: []string{"enforce", "shadow"}}

var price = Shape{Kind: Object, Fields: []Field{
	{Name: "input", Required: true, Shape: &dollars,
		Doc: "Price of a million input tokens."},
	{Name: "output", Required: true, Shape: &dollars,
		Doc: "Price of a million output tokens."},
	{Name: "cached_input", Shape: &dollars,
		Doc: "Price of a million input tokens that the provider had cached; the default is input's."},
}}

var dollars = Shape{Kind: Money, Max: 1_000_000_000_000}

var records = Shape{Kind: Object, Fields: []Field{
	{Name: "companion", Default: "false", Shape: &Shape{Kind: Bool},
		Doc: "Send each decision record to the companion."},
	{Name: "access_log", Default: "true", Shape: &Shape{Kind: Bool},
		Doc: "Write each decision record to the gateway's access log."},
}}

var limits = Shape{Kind: Object, Fields: []Field{
	{Name: "request_body", Default: `"8MiB"`, Shape: &Shape{Kind: Size, Min: kib, Max: 256 * mib},
		Doc: "The longest request body."},
	{Name: "response_body", Default: `"8MiB"`, Shape: &Shape{Kind: Size, Min: kib, Max: 256 * mib},
		Doc: "The longest response body that is not a stream."},
	{Name: "stream", Default: `"15m"`, Shape: &Shape{Kind: Duration, Min: second, Max: 24 * hour},
		Doc: "The longest a stream may last."},
}}
