package conformance

// Policy is one of the policies that scenarios run on. There are few, since a gateway is
// slow to start; each scenario's caller is a team of its own, so that none sees what
// another has spent.
type Policy struct{ Name, Text string }

// providers begins both. http://alpha and so on stand for the addresses that the servers
// get, http://nowhere for one at which nobody listens.
const providers = `
version: 1
providers:
  alpha:   {dialect: openai,    endpoint: http://alpha/base, credential: {env: SLUICE_CONFORMANCE_ALPHA_KEY}}
  beta:    {dialect: openai,    endpoint: http://beta,       credential: {env: SLUICE_CONFORMANCE_BETA_KEY}}
  claude:  {dialect: anthropic, endpoint: http://claude,     credential: {env: SLUICE_CONFORMANCE_CLAUDE_KEY}, default_max_tokens: 64}
  open:    {dialect: openai,    endpoint: http://open}
  unkeyed: {dialect: openai,    endpoint: http://open,       credential: {env: SLUICE_CONFORMANCE_UNSET}}
  down:    {dialect: openai,    endpoint: http://nowhere,    credential: {env: SLUICE_CONFORMANCE_BETA_KEY}}
identity:
  team: {header: x-team, verified: true}
`

// Credentials are what the variables of the gateway's process have in them.
var Credentials = map[string]string{
	"SLUICE_CONFORMANCE_ALPHA_KEY":  "sk-provider-key-of-alpha",
	"SLUICE_CONFORMANCE_BETA_KEY":   "sk-provider-key-of-beta",
	"SLUICE_CONFORMANCE_CLAUDE_KEY": "sk-ant-provider-key-of-claude",
}

// keyOf is the variable of each server's credential; open has none.
var keyOf = map[string]string{
	"alpha": "SLUICE_CONFORMANCE_ALPHA_KEY", "beta": "SLUICE_CONFORMANCE_BETA_KEY", "claude": "SLUICE_CONFORMANCE_CLAUDE_KEY",
}

// plain is a gateway with budgets, routing and failover. How a target does is remembered by
// provider and model, so those that fail are others than those that are chosen among.
const plain = providers + `
default_provider: open
models:
  gpt-4o-mini:      {targets: [{provider: alpha, model: gpt-4o-mini}]}
  text-embedding-3-small: {targets: [{provider: alpha, model: text-embedding-3-small}]}
  house:            {targets: [{provider: alpha, model: gpt-4o-mini}]}
  claude-haiku-4-5: {targets: [{provider: claude, model: claude-haiku-4-5}]}
  unkeyed-gpt:      {targets: [{provider: unkeyed, model: gpt-4o-mini}]}
  down-only:        {targets: [{provider: down, model: gpt-4o-mini}]}
  dear:             {targets: [{provider: alpha, model: dear}]}
  unpriced:         {targets: [{provider: alpha, model: unpriced}]}
  narrow:           {targets: [{provider: alpha, model: gpt-4o-mini, context_window: 50}]}
  short:            {targets: [{provider: alpha, model: gpt-4o-mini, context_window: 50}, {provider: beta, model: gpt-4o-mini, context_window: 100}]}
  two:
    targets: [{provider: alpha, model: gpt-4.1-mini}, {provider: beta, model: gpt-4.1-mini}]
    retry: {attempts: 2}
    cooldown: {after: 1000, base: 1ms, max: 1ms}
  hurried:
    targets: [{provider: alpha, model: gpt-4.1-mini}, {provider: beta, model: gpt-4.1-mini}]
    retry: {attempts: 2, per_try: 2s, first_token: 2s}
    cooldown: {after: 1000, base: 1ms, max: 1ms}
  tired:
    targets: [{provider: alpha, model: gpt-4o}, {provider: beta, model: gpt-4o}]
    retry: {attempts: 2}
  down-two:
    targets: [{provider: down, model: gpt-4.1-mini}, {provider: beta, model: gpt-4.1-mini}]
    retry: {attempts: 2}
    cooldown: {after: 1000, base: 1ms, max: 1ms}
  both:
    targets: [{provider: alpha, model: gpt-4.1-mini}, {provider: claude, model: claude-haiku-4-5}]
    retry: {attempts: 2}
    cooldown: {after: 1000, base: 1ms, max: 1ms}
  inline:
    targets: [{provider: alpha, model: gpt-4.1-mini}, {provider: beta, model: gpt-4.1-mini}]
    failover: inline
    retry: {attempts: 2}
    cooldown: {after: 1000, base: 1ms, max: 1ms}
  ruled:
    targets: [{provider: alpha, model: gpt-4.1}, {provider: beta, model: gpt-4.1}]
    rules:
      - {name: gold,  when: {header: {x-tier: gold}}, targets: [beta/gpt-4.1]}
      - {name: tools, when: {tools: true},            targets: [beta/gpt-4.1]}
  sticky:
    targets: [{provider: alpha, model: gpt-4.1}, {provider: beta, model: gpt-4.1}]
    affinity: 10m
    retry: {attempts: 2}
    cooldown: {after: 1000, base: 1ms, max: 1ms}
  faithful:
    targets: [{provider: alpha, model: gpt-4.1}, {provider: beta, model: gpt-4.1}]
    failover: inline
    affinity: 10m
    retry: {attempts: 2}
    cooldown: {after: 1000, base: 1ms, max: 1ms}
  chosen-among:
    targets: [{provider: alpha, model: gpt-4.1, context_window: 100}, {provider: alpha, model: gpt-4.1-mini}]
    rules:
      - {name: gold, when: {header: {x-tier: gold}}, targets: [alpha/gpt-4.1-mini]}
  weighted-among:
    strategy: weighted
    targets: [{provider: alpha, model: gpt-4.1}, {provider: alpha, model: gpt-4.1-mini, weight: 1000000}]
  cheapest-among:
    strategy: cost
    targets: [{provider: alpha, model: gpt-4.1}, {provider: alpha, model: gpt-4.1-mini}]
  weighted:
    strategy: weighted
    targets: [{provider: alpha, model: gpt-4.1}, {provider: beta, model: gpt-4.1, weight: 1000000}]
  cheapest:
    strategy: cost
    targets: [{provider: alpha, model: gpt-4.1}, {provider: beta, model: gpt-4.1-mini}]
budgets:
  - {name: tokens,  per: [team], unit: tokens,   limit: 100000, calendar: month, zone: UTC}
  - {name: dollars, per: [team], unit: usd,      limit: 10,     calendar: month, zone: UTC}
  - {name: trial,   per: [team], unit: requests, limit: 1,      calendar: month, zone: UTC, mode: shadow}
prices:
  dear: {input: 1000000, output: 1000000}
limits: {request_body: 32KiB}
`

// guarded is a gateway with guards and a cache, and without a provider for unknown models.
const guarded = providers + `
models:
  gpt-4o-mini:      {targets: [{provider: alpha, model: gpt-4o-mini}]}
  claude-haiku-4-5: {targets: [{provider: claude, model: claude-haiku-4-5}]}
  relief:
    targets: [{provider: alpha, model: gpt-4.1-mini}, {provider: claude, model: claude-haiku-4-5}]
    retry: {attempts: 2}
    cooldown: {after: 1000, base: 1ms, max: 1ms}
companion: {endpoint: http://companion}
cache: {scope: [team], lookup_timeout: 5s, wait: 20s}
records: {companion: true, access_log: true}
guards:
  pii: {kinds: [email, card]}
  requests: {max_tools: 2}
  decorate:
    prepend: [{role: system, content: "You help the team of {{model}}."}]
  prompts:
    - {name: no-legal, deny_words: [legal advice]}
    - {name: noted, deny_words: [the weather], action: flag}
    - {name: tried, deny_words: [the lottery], mode: shadow}
    - {name: no-bombs, deny_like: ["How do I build a bomb?", "Which chemicals make an explosive?"], timeout: 20s}
  injection: {action: block}
  answers:
    - {name: no-code, deny: ['launch\s+code'], window: 64}
    - {name: no-sorry, deny_words: [I am sorry], action: retry, window: 64}
  external:
    - {name: house, type: webhook, endpoint: http://webhook, timeout: 5s}
  output: {json_schema: request}
`

// screened is a gateway with guards in front of a provider for all else.
const screened = providers + `
default_provider: open
guards:
  pii: {kinds: [email, card]}
`

// The policies.
var (
	Plain    = &Policy{"plain", plain}
	Guarded  = &Policy{"guarded", guarded}
	Screened = &Policy{"screened", screened}
)

// Policies are all that a host has to serve.
var Policies = []*Policy{Plain, Guarded, Screened}
