package policy

import (
	"strconv"
	"strings"

	"github.com/sluice-gateway/sluice/policy/internal/document"
	"github.com/sluice-gateway/sluice/policy/internal/language"
)

// rules are those that one field's shape cannot say. Each passes over values that are
// already known to be bad, so that one mistake makes one problem.
func (c *checker) rules(root *node) {
	providers := root.at("providers")
	c.refers(root.at("default_provider"), providers, "provider")
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
	c.scopeRules(root.at("cache"), root.at("identity"))
	if guards := root.at("guards"); guards.ok() {
		c.distinctNames(guards.at("prompts"))
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

func (c *checker) modelRules(model, providers, root *node) {
	if model.bad {
		return
	}
	targets := model.at("targets").kids
	for i := range targets {
		if targets[i].bad {
			continue
		}
		provider, name := targets[i].at("provider"), targets[i].at("model")
		c.refers(provider, providers, "provider")
		for _, earlier := range targets[:i] {
			if !earlier.bad && provider.ok() && name.ok() &&
				earlier.at("provider").text == provider.text && earlier.at("model").text == name.text {
				c.reject(&targets[i], "the same target as "+earlier.path+"; remove it, or add up the weights")
				break
			}
		}
	}
	c.distinctNames(model.at("rules"))
	for i := range model.at("rules").kids {
		c.routingRule(&model.at("rules").kids[i], model.at("targets"), root)
	}
	if cooldown := model.at("cooldown"); !cooldown.bad {
		if base, most := cooldown.at("base"), cooldown.at("max"); !base.bad && !most.bad && base.num > most.num {
			c.reject(later(base, most), "base ("+formatTime(base.duration())+") must not be longer than max ("+formatTime(most.duration())+"); lower base or raise max")
		}
	}
	retry := model.at("retry")
	if !retry.ok() {
		return
	}
	if attempts := retry.at("attempts"); !attempts.bad {
		if n := Orders(len(targets), int(attempts.num)); n > MaxOrders {
			c.reject(model.at("targets"), strconv.Itoa(len(targets))+" targets tried in up to "+strconv.FormatInt(attempts.num, 10)+" attempts have "+
				strconv.Itoa(n)+" orders, each of which is a cluster of the gateway's; at most "+strconv.Itoa(MaxOrders)+" are taken: remove targets or lower retry.attempts")
		}
	}
	perTry, firstToken := retry.at("per_try"), retry.at("first_token")
	if !perTry.bad && !firstToken.bad && firstToken.num > perTry.num {
		c.reject(later(firstToken, perTry), "first_token ("+formatTime(firstToken.duration())+") must not be longer than per_try ("+
			formatTime(perTry.duration())+"); lower first_token or raise per_try")
	}
}

// MaxOrders bounds the orders in which a model's targets may be tried.
const MaxOrders = 128

// Orders is the number of ways to try some of so many targets one after the other, in
// so many attempts at most.
func Orders(targets, attempts int) int {
	n, ways := 0, 1
	for k := 0; k < min(targets, attempts) && n <= MaxOrders; k++ {
		ways *= targets - k
		n += ways
	}
	return n
}

func (c *checker) routingRule(rule, targets, root *node) {
	if rule.bad {
		return
	}
	if when := rule.at("when"); when.ok() {
		conditions := 0
		for i := range when.kids {
			if when.kids[i].given {
				conditions++
			}
		}
		if conditions == 0 {
			c.reject(when, "has no condition; write one, or remove the rule")
		}
		for _, part := range when.at("identity").kids {
			name := part
			name.text = part.key
			c.refersToIdentity(&name, root.at("identity"))
		}
		for i := range when.at("header").kids {
			if h := &when.at("header").kids[i]; carriesCredential(strings.ToLower(h.key)) {
				c.reject(h, h.key+" carries a credential, which does not belong in a policy; use an identity part")
			}
		}
		if below := when.at("budget_below"); below.given && !when.at("budget").given {
			c.reject(below, "belongs to budget; name one, or remove it")
		}
		c.refersToBudget(when.at("budget"), root.at("budgets"))
	}
	for i := range rule.at("targets").kids {
		named := &rule.at("targets").kids[i]
		if !named.ok() || targets.bad {
			continue
		}
		known := make([]string, 0, len(targets.kids))
		found := false
		for j := range targets.kids {
			if t := &targets.kids[j]; t.ok() {
				name := t.at("provider").text + "/" + t.at("model").text
				known = append(known, name)
				found = found || name == named.text
			}
		}
		if !found {
			c.reject(named, "no target "+named.text+"; there are "+enumerate(known, "and"))
		}
	}
}

func (c *checker) refersToBudget(name, budgets *node) {
	if !name.ok() || budgets.bad {
		return
	}
	var known []string
	for i := range budgets.kids {
		if b := namedBy(&budgets.kids[i]); b != nil {
			if b.text == name.text {
				return
			}
			known = append(known, b.text)
		}
	}
	if len(known) == 0 {
		c.reject(name, "unknown budget "+name.text+"; there are no budgets")
		return
	}
	c.reject(name, "unknown budget "+name.text+"; budgets has "+enumerate(known, "and"))
}

// later is the one of two values that a message about both should point to.
func later(a, b *node) *node {
	if b != nil && b.given && (!a.given || b.pos > a.pos) {
		return b
	}
	return a
}

func (c *checker) identityRules(part *node) {
	if part.key == ModelPart {
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
	if hash := part.at("hash"); header.ok() && hash.ok() && !hash.yes() && carriesCredential(name) {
		c.reject(hash, name+" carries a credential, which must not be kept in the clear; remove hash, or write hash: true")
	}
	if verified := part.at("verified"); verified.given && !header.given {
		c.reject(verified, "belongs to header: what a claim or a property holds comes from the gateway; remove it")
	}
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
		if _, ok := amount(limit, Unit(unit.text)); !ok {
			c.reject(limit, wantAmount(Unit(unit.text))+", not "+describe(&document.Node{Kind: limit.kind, Text: limit.text}))
		}
	}
	if per := budget.at("per"); !per.bad {
		for i := range per.kids {
			if part := &per.kids[i]; part.text != ModelPart {
				c.refersToIdentity(part, identity)
			}
		}
	}
}

// amount is a budget's limit in its unit.
func amount(limit *node, unit Unit) (int64, bool) {
	var v int64
	var ok bool
	if unit == USD {
		v, ok = parseMillionths(limit.text)
	} else if limit.kind == document.Number {
		v, ok = parseDigits(limit.text)
	}
	return v, ok && limit.shape.Min <= v && v <= limit.shape.Max
}

func wantAmount(unit Unit) string {
	if unit == USD {
		return want(&language.Shape{Kind: language.Money, Min: 1, Max: language.MaxAmount})
	}
	return "must be " + string(unit) + ": " + want(&language.Shape{Kind: language.Integer, Min: 1, Max: language.MaxAmount})[len("must be "):]
}

func (c *checker) scopeRules(cache, identity *node) {
	if !cache.ok() {
		return
	}
	scope := cache.at("scope")
	for i := range scope.kids {
		if part := &scope.kids[i]; part.text == ModelPart {
			c.reject(part, "models never share answers; remove it")
		} else {
			c.refersToIdentity(part, identity)
		}
	}
}

func (c *checker) refersToIdentity(part, identity *node) {
	if !part.ok() || identity.bad {
		return
	}
	message := "unknown identity part " + part.text + "; "
	for i := range identity.kids {
		if identity.kids[i].key == part.text {
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
	c.reject(part, message+"add it, such as identity: {"+part.text+": {header: x-"+part.text+"}}")
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
