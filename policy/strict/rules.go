package strict

import (
	"strings"

	"github.com/sluice-gateway/sluice/policy"
	"github.com/sluice-gateway/sluice/policy/internal/document"
	"github.com/sluice-gateway/sluice/policy/internal/language"
)

// rules are those that one field's shape cannot say. Each passes over values that are
// already known to be bad, so that one mistake makes one problem.
func (c *checker) rules(root *node) {
	providers := root.at("providers")
	for i := range providers.kids {
		c.providerRules(&providers.kids[i])
	}
	c.refers(root.at("default_provider"), providers, "provider")
	c.fallbackRule(root.at("default_provider"), providers)
	for i := range root.at("models").kids {
		c.modelRules(&root.at("models").kids[i], providers, root)
	}
	for i := range root.at("identity").kids {
		c.identityRules(&root.at("identity").kids[i])
	}
	c.distinctNames(root.at("budgets"))
	for i := range root.at("budgets").kids {
		c.budgetRules(&root.at("budgets").kids[i], root.at("identity"))
	}
	c.cacheRules(root)
	if guards := root.at("guards"); guards.ok() {
		c.decorateRules(guards.at("decorate"), root.at("identity"))
		c.guardNames(guards)
		c.wordsRules(guards)
		c.outputRules(guards.at("output"), root)
		c.meaningRules(guards, root.at("companion"))
		if external := guards.at("external"); len(external.kids) > 0 && !root.at("companion").given {
			c.reject(external, "the companion asks these services, and the policy has none; write companion: {endpoint: …}, as in companion: {endpoint: http://127.0.0.1:8090}")
		}
		for i := range guards.at("external").kids {
			c.externalGuardRules(&guards.at("external").kids[i])
		}
	}
	c.holdRule(root.at("budget").at("hold"), root.at("limits").at("stream"))
}

// refers checks that a name is one of a map's.
func (c *checker) refers(name, in *node, what string) {
	if !name.ok() || !in.given || in.bad {
		return
	}
	known := make([]string, len(in.kids))
	for i := range in.kids {
		if known[i] = in.kids[i].key; known[i] == name.text {
			return
		}
	}
	c.reject(name, "unknown "+what+" "+name.text+"; "+in.path+" has "+enumerate(known, "and"))
}

// notLonger checks one duration against another.
func (c *checker) notLonger(parent *node, short, long string) {
	a, b := parent.at(short), parent.at(long)
	if a.bad || b.bad || a.num <= b.num {
		return
	}
	c.reject(later(a, b), short+" ("+formatTime(a.duration())+") must not be longer than "+long+" ("+
		formatTime(b.duration())+"); lower "+short+" or raise "+long)
}

// later is the one of two values that a message about both should point to.
func later(a, b *node) *node {
	if b != nil && b.given && (!a.given || b.pos > a.pos) {
		return b
	}
	return a
}

func (c *checker) identityRules(part *node) {
	if part.key == policy.ModelPart {
		c.add(part.pos, part.path, "model is the model asked for and needs no identity part; choose another name")
	}
	if part.bad {
		return
	}
	header := part.at("header")
	name := strings.ToLower(header.text)
	if header.ok() && strings.HasPrefix(name, "x-sluice-") {
		c.reject(header, "headers that begin with x-sluice- are removed from every request; name another")
	}
	if header.ok() && name == "host" {
		c.reject(header, "host is the name that the client calls, and no more its caller's than any other; Envoy knows it as :authority, and refuses a route that would take it off: name another header")
	}
	if hash := part.at("hash"); header.ok() && hash.ok() && !hash.yes() && carriesCredential(name) {
		c.reject(hash, name+" carries a credential, which must not be kept in the clear; remove hash, or write hash: true")
	}
	if verified := part.at("verified"); verified.given && !header.given {
		c.reject(verified, "belongs to header: what a claim or a property holds comes from the gateway; remove it")
	}
}

// providerRules: what a provider's fields may say of requests and keys.
func (c *checker) providerRules(provider *node) {
	if provider.bad {
		return
	}
	if name := provider.at("output_cap"); name.given && !name.bad && provider.at("dialect").text == string(policy.Anthropic) {
		c.reject(name, "belongs to dialect openai; remove it: a Messages request has max_tokens alone")
	}
	for i := range provider.at("query").kids {
		if p := &provider.at("query").kids[i]; looksSecret(p.key) {
			c.reject(p, "looks like a credential, which does not belong in a policy; "+
				"write credential: {env: NAME, header: …} with the header that the provider takes it in")
		}
	}
	credential := provider.at("credential")
	if !credential.ok() {
		return
	}
	header := credential.at("header")
	switch name := strings.ToLower(header.text); {
	case !header.ok():
	case strings.HasPrefix(name, "x-sluice-"):
		c.reject(header, "headers that begin with x-sluice- are the gateway's own; name the one in which the provider takes its key")
	case framesMessage(name):
		c.reject(header, name+" belongs to the message itself; name the one in which the provider takes its key")
	}
}

// framesMessage names the headers without which a request is another one, or none.
func framesMessage(header string) bool {
	switch header {
	case "host", "content-length", "content-type", "content-encoding", "transfer-encoding", "connection", "te", "upgrade", "accept":
		return true
	}
	return false
}

// fallbackRule: the default provider is sent what clients write as model. In a path that
// would be another path.
func (c *checker) fallbackRule(name, providers *node) {
	if !name.ok() {
		return
	}
	if p := kid(providers, name.text); p != nil && strings.Contains(p.at("api_path").text, modelInPath) {
		c.reject(name, "the api_path of "+name.text+" has {model}, where any text that a client sends would stand; name another, or none, and list the models under models")
	}
}

// kid is a Map's well-formed element of that name.
func kid(in *node, name string) *node {
	for i := range in.kids {
		if in.kids[i].key == name && in.kids[i].ok() {
			return &in.kids[i]
		}
	}
	return nil
}

// carriesCredential names the headers whose value is a secret in use: it is hashed
// before anything keeps it.
func carriesCredential(header string) bool {
	switch header {
	case "authorization", "proxy-authorization", "x-api-key", "api-key", "cookie":
		return true
	}
	return false
}

func (c *checker) distinctNames(list *node) {
	for i := range list.kids {
		name := namedBy(&list.kids[i])
		for j := 0; name != nil && j < i; j++ {
			if earlier := namedBy(&list.kids[j]); earlier != nil && earlier.text == name.text {
				c.reject(name, "the name "+name.text+" is taken by "+list.kids[j].path+"; rename one of them")
				break
			}
		}
	}
}

// guardNames has each guard be told by a name of its own: refusals, records, metrics and the
// companion know it by nothing else.
func (c *checker) guardNames(guards *node) {
	taken := map[string]string{"token_ids": "the gateway itself"}
	for _, ours := range [...]string{"injection", "output"} {
		if n := guards.at(ours); n.given {
			taken[ours] = n.path
		}
	}
	lists := []*node{guards.at("prompts"), guards.at("answers"), guards.at("external")}
	if pii := guards.at("pii"); pii.ok() {
		for i := range pii.at("kinds").kids {
			kind := &pii.at("kinds").kids[i]
			taken[kind.text] = kind.path
		}
		lists = append([]*node{pii.at("custom")}, lists...)
	}
	for _, list := range lists {
		for i := range list.kids {
			name := namedBy(&list.kids[i])
			if name == nil {
				continue
			}
			if by, is := taken[name.text]; is {
				c.reject(name, "the name "+name.text+" is taken by "+by+"; rename one of them")
				continue
			}
			taken[name.text] = list.kids[i].path
		}
	}
}

func namedBy(n *node) *node {
	if n.bad || !n.at("name").ok() {
		return nil
	}
	return n.at("name")
}

func (c *checker) budgetRules(budget, identity *node) {
	if budget.bad {
		return
	}
	if zone := budget.at("zone"); zone.given && !budget.at("calendar").given {
		c.reject(zone, "belongs to calendar; remove it")
	}
	unit, limit := budget.at("unit"), budget.at("limit")
	if unit.ok() && limit.ok() {
		if _, ok := amount(limit, policy.Unit(unit.text)); !ok {
			c.reject(limit, wantAmount(policy.Unit(unit.text))+", not "+describe(&document.Node{Kind: limit.kind, Text: limit.text}))
		}
	}
	if per := budget.at("per"); !per.bad {
		for i := range per.kids {
			if part := &per.kids[i]; part.text != policy.ModelPart {
				c.refersToIdentity(part, part.text, identity)
			}
		}
	}
}

// amount is a budget's limit in its unit.
func amount(limit *node, unit policy.Unit) (int64, bool) {
	var v int64
	var ok bool
	if unit == policy.USD {
		v, ok = parseMillionths(limit.text)
	} else if limit.kind == document.Number {
		v, ok = parseDigits(limit.text)
	}
	return v, ok && limit.shape.Min <= v && v <= limit.shape.Max
}

func wantAmount(unit policy.Unit) string {
	if unit == policy.USD {
		return want(&language.Shape{Kind: language.Money, Min: 1, Max: language.MaxAmount})
	}
	return "must be " + string(unit) + ": " + want(&language.Shape{Kind: language.Integer, Min: 1, Max: language.MaxAmount})[len("must be "):]
}

// cacheRules: what the cache rests on is there, and it has something to do.
func (c *checker) cacheRules(root *node) {
	cache, identity := root.at("cache"), root.at("identity")
	if !cache.ok() {
		return
	}
	exact, semantic := cache.at("exact"), cache.at("semantic")
	if !semantic.bad && !semantic.yes() {
		if !exact.bad && !exact.yes() && cache.at("enabled").yes() {
			c.reject(later(exact, semantic), "with exact and semantic both false the cache answers nothing; write true in one of them, or enabled: false")
		}
		for _, name := range [...]string{"threshold", "judge"} {
			if field := cache.at(name); field.given {
				c.reject(field, "belongs to semantic, which is false; remove it, or write semantic: true")
			}
		}
	}
	c.judgeRule(cache.at("judge"), root)
	scope := cache.at("scope")
	for i := range scope.kids {
		if part := &scope.kids[i]; part.text == policy.ModelPart {
			c.reject(part, "models never share answers; remove it")
		} else {
			c.refersToIdentity(part, part.text, identity)
		}
	}
}

// judgeRule: the model that judges is asked as any client's is.
func (c *checker) judgeRule(judge, root *node) {
	if judge.ok() {
		c.served(judge.at("model"), root)
	}
}

// served: clients can ask for a model of that name.
func (c *checker) served(name, root *node) {
	models := root.at("models")
	if !name.ok() || models.bad || root.at("default_provider").given {
		return
	}
	known := make([]string, len(models.kids))
	for i := range models.kids {
		if known[i] = models.kids[i].key; known[i] == name.text {
			return
		}
	}
	message := "nothing serves a model " + name.text + ": there are no models and no default_provider"
	if len(known) > 0 {
		message = "nothing serves a model " + name.text + "; models has " + enumerate(known, "and") + ", and there is no default_provider"
	}
	c.reject(name, message)
}

// refersToIdentity checks the name of an identity part, which stands at a node.
func (c *checker) refersToIdentity(at *node, name string, identity *node) {
	if !at.ok() || identity.bad {
		return
	}
	message := "unknown identity part " + name + "; "
	for i := range identity.kids {
		if identity.kids[i].key == name {
			return
		}
		if i == 0 {
			message += "write one that identity has (" + identity.kids[i].key
		} else {
			message += ", " + identity.kids[i].key
		}
	}
	if len(identity.kids) > 0 {
		message += "), or "
	}
	c.reject(at, message+"add it, such as identity: {"+name+": {header: x-"+name+"}}")
}

// holdRule: a reservation that expires while its stream still runs would let the
// same tokens be spent twice.
func (c *checker) holdRule(hold, stream *node) {
	if hold.bad || stream.bad || hold.num > stream.num {
		return
	}
	c.reject(later(hold, stream), "budget.hold ("+formatTime(hold.duration())+") must be longer than limits.stream ("+
		formatTime(stream.duration())+"), or a stream outlives its reservation; raise budget.hold or lower limits.stream")
}

// externalGuardRules: each type has fields of its own, and only Presidio says where in a
// text something is.
func (c *checker) externalGuardRules(g *node) {
	kind := g.at("type")
	if g.bad || !kind.ok() {
		return
	}
	for _, field := range [...]struct{ name, types string }{
		{"entities", "presidio"}, {"language", "presidio"}, {"min_score", "presidio moderation"},
		{"model", "moderation chat"}, {"categories", "moderation chat"},
	} {
		if n := g.at(field.name); n.given && !strings.Contains(field.types, kind.text) {
			c.reject(n, "has no meaning for type "+kind.text+"; remove it")
		}
	}
	if model := g.at("model"); kind.text == "chat" && !model.given {
		c.add(g.pos, model.path, "missing; type chat asks a model, which must be named")
	}
	if action := g.at("action"); action.given && action.text == "redact" && kind.text != "presidio" {
		c.reject(action, "type "+kind.text+" does not say where in a text something is; write block or flag")
	}
}
