// Package policy is what sluice.yaml says, as types.
//
// A policy goes this way:
//
//	sluice.yaml --source--> canonical JSON --strict--> Policy --normal--> the plugin's configuration --normal--> Policy
//
// Package policy/source reads YAML or JSON as people write it. Package policy/strict
// holds it to the language (policy/internal/language) and its rules, and fills in the
// defaults. Both are native. Package policy/normal writes a Policy as `sluice render`
// puts it into the gateway's configuration, and reads it there, in the module: with
// everything spelt out, so that nothing is left to decide.
package policy

import "time"

// Policy is a decoded and validated policy. Every default is already filled in.
// Slices keep the order of the file; where the file has a map (providers, models,
// identity, prices) that order is the map's.
type Policy struct {
	Version         int // always 1
	Providers       []Provider
	Models          []Model
	DefaultProvider string // "" when there is none
	Identity        []IdentityPart
	Budgets         []Budget
	Zones           []Zone // those that the budgets name, but UTC
	Budget          BudgetSettings
	Counting        Counting
	Companion       Companion
	Cache           *Cache  // nil when the policy has no cache section
	Guards          *Guards // nil when the policy has no guards section
	Prices          []Price // over the shipped catalogue
	Records         Records
	Limits          Limits
	HoldHeaders     bool
}

// UsesCompanion: something that the policy asks for needs the companion.
func (p *Policy) UsesCompanion() bool {
	return p.Cache != nil && p.Cache.Enabled || p.Records.Companion || p.Guards != nil && len(p.Guards.External) > 0
}

// Dialect names a provider's wire format.
type Dialect string

// The dialects a provider may speak.
const (
	OpenAI    Dialect = "openai"
	Anthropic Dialect = "anthropic"
)

// Provider is one upstream that serves models.
type Provider struct {
	Name             string
	Dialect          Dialect
	Endpoint         Endpoint
	CredentialEnv    string // name of the environment variable with the key; "" = the client's own credential passes
	CredentialHeader string // request header with the key, in lower case; "" where there is no credential
	CredentialScheme string // word in front of the key; "" = none
	DefaultMaxTokens int64  // output cap put on a request that has none, where the dialect requires one; 0 = none
	APIPath          string // in place of a call's /v1; "" = nothing. {model} is the target's model
	Query            []Parameter
	OldOutputCap     bool // a chat completion's output cap is called max_tokens there
}

// Parameter is one parameter of a URL's query.
type Parameter struct{ Name, Value string }

// Endpoint is a provider's base URL, taken apart.
type Endpoint struct {
	TLS      bool
	Host     string // name or address, no brackets around an IPv6 address
	Port     int
	BasePath string // "" or "/v1beta/openai": begins with a slash, does not end with one
}

// Authority is the endpoint as a :authority header carries it: the port is left
// out where it is the scheme's own.
func (e Endpoint) Authority() string { return e.authority() }

// Strategy says how a virtual model's targets are ordered.
type Strategy string

// The strategies of `models.*.strategy`.
const (
	Ordered  Strategy = "ordered"
	Weighted Strategy = "weighted"
	Cost     Strategy = "cost"
	Latency  Strategy = "latency"
)

// Model is a name that clients may ask for and the targets that serve it.
type Model struct {
	Name     string
	Strategy Strategy
	Targets  []Target
	Rules    []Rule
	Affinity time.Duration // 0 = none
	Drop     []string      // request fields that a translation may leave out; "*" is every field
	Inline   bool          // failover: inline
	Retry    Retry         // without the section: one attempt
	CoolDown CoolDown
}

// Target is one (provider, model) pair.
type Target struct {
	Provider string
	Model    string // the name the provider knows it by
	Weight   int

	ContextWindow int64 // tokens; 0 = the catalogue's
}

// Name is how rules and records name a target: provider/model.
func (t Target) Name() string { return t.Provider + "/" + t.Model }

// Rule is one element of `models.*.rules`.
type Rule struct {
	Name    string
	When    Condition
	Targets []int // places in Model.Targets
}

// Condition is what a request must be like for a rule, all of it.
type Condition struct {
	InputOver   int64 // tokens; -1 = any prompt
	Tools       *bool // nil = whether or not
	Images      *bool
	Headers     []Parameter // names in lower case
	Identity    []Parameter
	Budget      string // "" = none
	BudgetBelow int64  // per cent
}

// The classes of failures, the words of `retry.on`.
const (
	RateLimited   = "rate_limited"
	Unavailable   = "unavailable"
	Timeout       = "timeout"
	Stalled       = "stalled"
	InvalidOutput = "invalid_output"
)

// Retry is `models.*.retry`.
type Retry struct {
	Attempts      int
	On            []string
	PerTry        time.Duration // 0 = no limit but the stream's
	FirstToken    time.Duration
	Total         time.Duration
	MaxCost       int64 // micro-dollars; -1 = no limit
	MaxRetryAfter time.Duration
	Classes       []RetryClass
}

// RetryClass is one member of `models.*.retry.classes`.
type RetryClass struct {
	Class      string
	Attempts   int
	Backoff    time.Duration
	MaxBackoff time.Duration
}

// CoolDown is `models.*.cooldown`.
type CoolDown struct {
	After     int
	Base, Max time.Duration
}

// IdentityPart is one named part of a caller's identity. Exactly one of Header,
// Claim and Property is set.
type IdentityPart struct {
	Name     string
	Header   string // lower case
	Claim    string
	Property []string // path, as `metadata.filter_metadata.x` split at the dots
	Hash     bool
	Verified bool // the policy's word that the gateway's authentication sets this header
}

// Unit is what a budget counts.
type Unit string

// The units of `budgets[].unit`.
const (
	Tokens   Unit = "tokens"
	Requests Unit = "requests"
	USD      Unit = "usd" // held as micro-dollars
)

// Period is a calendar quota's length.
type Period string

// The periods of `budgets[].calendar`.
const (
	Hour  Period = "hour"
	Day   Period = "day"
	Week  Period = "week" // begins on Monday
	Month Period = "month"
)

// ModelPart is the one element of Budget.Per that is no identity part: the model asked for.
const ModelPart = "model"

// Budget is one element of `budgets`. Exactly one of Every and Calendar is set.
type Budget struct {
	Name     string
	Per      []string // identity parts or ModelPart; empty = one budget for everybody
	Unit     Unit
	Limit    int64 // tokens, requests or micro-dollars
	Every    time.Duration
	Calendar Period
	Zone     string // IANA name; "UTC" by default
	Shadow   bool   // mode: shadow
}

// Zone is a time zone as a table: from At[i] on, its clocks are Offset[i] ahead of UTC.
type Zone struct {
	Name   string
	At     []int64 // seconds since the Unix epoch, ascending
	Offset []int64 // seconds; as many as At, and at least one
}

// OnDisconnect says what a request costs whose answer the client or the upstream broke off.
type OnDisconnect string

// The rules of `budget.settle_on_disconnect`.
const (
	SettleCounted  OnDisconnect = "counted"
	SettleReserved OnDisconnect = "reserved"
)

// OnFailure is what happens to a request when something it needs has failed.
type OnFailure string

// The answers to a failure.
const (
	Deny  OnFailure = "deny"
	Allow OnFailure = "allow"
	Local OnFailure = "local"
)

// BudgetSettings is the `budget` section.
type BudgetSettings struct {
	Shared             bool
	OnCompanionError   OnFailure // Deny or Local
	OnUnknownPrice     OnFailure // Deny or Allow: a usd budget meets a model without a price
	OnStoreError       OnFailure // Deny or Allow: the budget's state cannot be read or written
	Clamp              bool
	Cutoff             bool
	Hold               time.Duration
	SettleOnDisconnect OnDisconnect
}

// Counting is the `counting` field.
type Counting string

// The ways to count a request's input.
const (
	CountExact Counting = "exact"
	CountLazy  Counting = "lazy"
)

// Companion is the `companion` section.
type Companion struct {
	Endpoint      Endpoint
	CredentialEnv string // environment variable with the token, sent as authorization: Bearer; "" = none is sent
	Circuit       Circuit
}

// Circuit is `companion.circuit`: After failures in a row nothing is asked, For so long.
type Circuit struct {
	After int
	For   time.Duration
}

// Cache is the `cache` section.
type Cache struct {
	Enabled, Exact, Semantic bool
	Threshold                float64
	TTL                      time.Duration
	Scope                    []string
	MaxTemperature           float64
	LookupTimeout            time.Duration
	Wait                     time.Duration // for an identical request in flight; 0 = does not wait
	MaxRequest               int64         // bytes of a body
	MaxAnswer                int64         // bytes of a body
	Judge                    *Judge        // nil = none
}

// Judge is `cache.judge`.
type Judge struct {
	Model   string // as a client would ask for it
	Timeout time.Duration
}

// Guards is the `guards` section.
type Guards struct {
	PII       *PII
	Requests  RequestLimits
	Decorate  Decoration
	Prompts   Speech
	Injection *Injection
	Answers   Speech
	External  []ExternalGuard
	Output    *OutputRule
}

// HoldPrompts tells whether any guard may change or block what a prompt says.
func (g *Guards) HoldPrompts() bool {
	held := g.PII != nil && holds(g.PII.Action, g.PII.Shadow) ||
		g.Injection != nil && holds(g.Injection.Action, g.Injection.Shadow)
	for i := range g.Prompts.Rules {
		held = held || holds(g.Prompts.Rules[i].Action, g.Prompts.Rules[i].Shadow)
	}
	for i := range g.External {
		held = held || holds(g.External[i].Action, g.External[i].Shadow)
	}
	return held
}

//go:noinline
func holds(action GuardAction, shadow bool) bool { return action != GuardFlag && !shadow }

// Speech is rules about what texts say. What they look for is compiled into one program, for
// package guard/match: its entries are those of the first rule, then those of the next.
type Speech struct {
	Rules   []SpeechRule
	Program string
}

// SpeechRule is one element of `guards.prompts` or `guards.answers`.
type SpeechRule struct {
	Name   string
	Deny   int64 // entries of the program that no text may have
	Allow  int64 // entries behind these of which each text must have one; 0 = it need not
	Roles  []string
	Window int64 // bytes of a stream that are held back
	Action GuardAction
	Shadow bool
}

// Injection is `guards.injection`.
type Injection struct {
	Action    GuardAction
	Threshold float64
	Roles     []string
	Shadow    bool
}

// PII is `guards.pii`.
type PII struct {
	Action   GuardAction
	Kinds    []string // in the words of package guard/pii
	MinScore float64
	Restore  bool
	Shadow   bool

	// Custom are the policy's own kinds. What they look like is compiled into Program, of
	// which each has so many entries.
	Custom  []CustomKind
	Program string
}

// CustomKind is one element of `guards.pii.custom`.
type CustomKind struct {
	Name    string
	Entries int64
}

// GuardAction is what a guard does about what it finds.
type GuardAction string

// The actions.
const (
	GuardRedact GuardAction = "redact" // a placeholder leaves in its place
	GuardBlock  GuardAction = "block"
	GuardRetry  GuardAction = "retry" // of answers: as retry.on: [invalid_output]; blocked where nothing is left to try
	GuardFlag   GuardAction = "flag"  // counted and recorded, no more
)

// Told is the action in the words of metrics: in shadow it is what would have been done.
func (a GuardAction) Told(shadow bool) string {
	if shadow {
		return "shadow_" + string(a)
	}
	return string(a)
}

// RequestLimits is `guards.requests`.
type RequestLimits struct {
	MaxInputTokens int64 // -1 = any number, as of the others
	MaxMessages    int64
	MaxTools       int64
	MaxImages      int64
	System         SystemRule
	Action         GuardAction // GuardBlock or GuardFlag
	Shadow         bool
}

// SystemRule says whether a client's request has a system prompt of its own.
type SystemRule string

// The rules.
const (
	SystemAny       SystemRule = "any"
	SystemRequired  SystemRule = "required"
	SystemForbidden SystemRule = "forbidden"
)

// Decoration is `guards.decorate`.
type Decoration struct {
	Prepend, Append []Message
}

// Message is what is put into a conversation.
type Message struct {
	Role string // system, user or assistant
	// Content is a text, then the name of a variable, a text, and so on: the texts, which may
	// be empty, have even places. A variable is ModelPart, or IdentityPrefix and the name of
	// an identity part.
	Content []string
}

// IdentityPrefix begins the variables that are parts of the caller's identity.
const IdentityPrefix = "identity."

// ExternalGuard is one element of `guards.external`: a service that the companion asks. The
// part of a rule of `guards.prompts` that is by meaning is one too, behind those.
type ExternalGuard struct {
	Name    string
	Action  GuardAction
	Roles   []string // whose texts it is shown: system, user, assistant, tool
	Timeout time.Duration
	OnError ErrorAction
	Shadow  bool
	Service Service
}

// Service is what an external guard is and how the companion asks it.
type Service struct {
	Type          ExternalType
	Endpoint      Endpoint
	CredentialEnv string   // of the companion's process; "" = it wants none
	Entities      []string // presidio
	Language      string   // presidio
	MinScore      float64  // presidio, moderation, meaning
	Model         string   // moderation, chat
	Categories    []string // moderation, chat; empty = all

	// Of meaning. MinScore is the similarity from which a text is like an example.
	DenyLike     []string // examples
	AllowLike    []string // examples
	AllowProgram string   // for package guard/match: what allows a text beside AllowLike; "" = nothing
}

// ExternalType is what kind of service an external guard is.
type ExternalType string

// The types.
const (
	Presidio   ExternalType = "presidio"
	Moderation ExternalType = "moderation"
	Chat       ExternalType = "chat"
	Webhook    ExternalType = "webhook"
	Meaning    ExternalType = "meaning" // a rule of guards.prompts with examples: the companion itself
)

// ErrorAction is what becomes of a request when a guard gives no word.
type ErrorAction string

// The two.
const (
	AllowOnError ErrorAction = "allow"
	DenyOnError  ErrorAction = "deny"
)

// OutputRule is `guards.output`.
type OutputRule struct {
	Schema    string   // the policy's own, as JSON; "" = there is only what a request names
	Models    []string // whose answers are looked at, by the names that clients ask for; empty = all
	OnInvalid GuardAction
	Shadow    bool
}

// Price is one element of `prices`: micro-dollars per million tokens, so that
// USD 0.15 is 150000.
type Price struct {
	Model       string
	Input       int64
	Output      int64
	CachedInput int64 // equals Input when the policy does not say
}

// Records is the `records` section.
type Records struct {
	Companion bool
	AccessLog bool
}

// Limits is the `limits` section.
type Limits struct {
	RequestBody  int64 // bytes
	ResponseBody int64 // bytes
	Stream       time.Duration
}
