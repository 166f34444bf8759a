package strict

import (
	"slices"
	"strconv"
	"strings"

	"github.com/sluice-gateway/sluice/policy"
)

// modelRules holds one virtual model together: its targets are different and exist, its
// rules name them, and its attempts are ones that can be made.
func (c *checker) modelRules(model, providers, root *node) {
	if model.bad {
		return
	}
	targets := model.at("targets")
	for i := range targets.kids {
		c.targetRules(targets, i, providers)
	}
	c.distinctNames(model.at("rules"))
	for i := range model.at("rules").kids {
		if rule := &model.at("rules").kids[i]; !rule.bad {
			c.conditionRules(rule.at("when"), root)
			c.refersToTargets(rule.at("targets"), targets)
		}
	}
	drop := model.at("drop")
	for i := range drop.kids {
		if drop.kids[i].text == "*" && len(drop.kids) > 1 {
			c.reject(&drop.kids[i], "* is every field; remove it, or the others")
		}
	}
	if !model.at("cooldown").bad {
		c.notLonger(model.at("cooldown"), "base", "max")
	}
	c.retryRules(model)
}

func (c *checker) targetRules(targets *node, i int, providers *node) {
	target := &targets.kids[i]
	if target.bad {
		return
	}
	provider, name := target.at("provider"), target.at("model")
	c.refers(provider, providers, "provider")
	if !provider.ok() || !name.ok() {
		return
	}
	for j := range i {
		if targetName(&targets.kids[j]) == targetName(target) {
			c.reject(target, "the same target as "+targets.kids[j].path+"; remove it, or add up the weights")
			break
		}
	}
	// What is checked here is what is sent: no model steps out of the path that it stands in.
	if p := kid(providers, provider.text); p != nil && strings.Contains(p.at("api_path").text, modelInPath) &&
		(strings.IndexByte(name.text, '/') >= 0 || !isBasePath("/"+name.text)) {
		c.reject(name, "stands in the api_path of "+provider.text+" and must be one segment of a path, such as gpt-4o-mini")
	}
}

// targetName is Target.Name of a well-formed target, else "".
func targetName(target *node) string {
	if target.bad || !target.at("provider").ok() || !target.at("model").ok() {
		return ""
	}
	return target.at("provider").text + "/" + target.at("model").text
}

// conditionRules: what a rule asks of a request must be something that a request can be.
func (c *checker) conditionRules(when, root *node) {
	if !when.ok() {
		return
	}
	conditions := 0
	for i := range when.kids {
		if k := &when.kids[i]; k.given && (k.bad || k.shape.Elem == nil || len(k.kids) > 0) {
			conditions++
		}
	}
	if conditions == 0 && !when.odd {
		c.reject(when, "has no condition; write one, or remove the rule")
	}
	headers := when.at("header").kids
	for i := range headers {
		name := strings.ToLower(headers[i].key)
		switch {
		case carriesCredential(name):
			c.reject(&headers[i], "a credential does not belong in a policy; make it an identity part, and write its digest under identity")
		case strings.HasPrefix(name, "x-sluice-"):
			c.reject(&headers[i], "headers that begin with x-sluice- are removed from every request; name another")
		}
		for j := range i {
			if earlier := &headers[j]; earlier.key != headers[i].key && strings.ToLower(earlier.key) == name {
				c.reject(&headers[i], "the same header as "+earlier.path+"; keep one")
			}
		}
	}
	for i := range when.at("identity").kids {
		c.identityCondition(&when.at("identity").kids[i], root.at("identity"))
	}
	if below := when.at("budget_below"); below.given && !when.at("budget").given {
		c.reject(below, "belongs to budget; name one, or remove it")
	}
	c.refersToBudget(when.at("budget"), root.at("budgets"))
}

func (c *checker) identityCondition(value, identity *node) {
	if value.key == policy.ModelPart {
		c.reject(value, "the rules of a model see no other; remove it")
		return
	}
	c.refersToIdentity(value, value.key, identity)
	if part := kid(identity, value.key); part != nil && value.ok() && isHashed(part) && (len(value.text) != 32 || !all(value.text, isHexByte)) {
		// The message does not repeat what may be the secret itself.
		c.reject(value, value.key+" is hashed: write the 32 hexadecimal digits that records show for it")
	}
}

func isHexByte(c byte) bool { return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' }

func (c *checker) refersToTargets(names, targets *node) {
	known := make([]string, len(targets.kids))
	for i := range targets.kids {
		if known[i] = targetName(&targets.kids[i]); known[i] == "" {
			return // it may be the one that is meant
		}
	}
	if targets.bad {
		return
	}
	for i := range names.kids {
		if name := &names.kids[i]; name.ok() && !slices.Contains(known, name.text) {
			c.reject(name, "no target "+name.text+"; there are "+enumerate(known, "and"))
		}
	}
}

func (c *checker) refersToBudget(name, budgets *node) {
	if !name.ok() || budgets.bad {
		return
	}
	known := make([]string, 0, len(budgets.kids))
	for i := range budgets.kids {
		b := namedBy(&budgets.kids[i])
		if b == nil || b.text == name.text {
			return
		}
		known = append(known, b.text)
	}
	if len(known) == 0 {
		c.reject(name, "unknown budget "+name.text+"; there are no budgets")
		return
	}
	c.reject(name, "unknown budget "+name.text+"; budgets has "+enumerate(known, "and"))
}

func (c *checker) retryRules(model *node) {
	retry, failover := model.at("retry"), model.at("failover")
	attempts := int64(1)
	var limit *node // what says how many attempts there are
	if retry.ok() {
		limit = retry.at("attempts")
		attempts = limit.num
		c.notLonger(retry, "first_token", "per_try")
		c.classRules(retry)
	}
	if retry.bad || limit != nil && limit.bad {
		return
	}
	inline := failover.text == "inline"
	if inline && attempts == 1 {
		c.reject(failover, "inline makes further attempts, and there are none; write retry: {} or raise retry.attempts, or remove failover")
	}
	targets := model.at("targets")
	if n := len(targets.kids); !inline && Orders(n, int(attempts)) > MaxOrders { // the filter itself needs no clusters
		most := int(attempts)
		for most > 0 && Orders(n, most) > MaxOrders {
			most--
		}
		remedy := "remove targets"
		if most > 0 {
			remedy += ", or write retry.attempts: " + strconv.Itoa(most)
		}
		c.reject(later(targets, limit), strconv.Itoa(n)+" targets can be tried in more than "+strconv.Itoa(MaxOrders)+
			" orders (retry.attempts: "+strconv.FormatInt(attempts, 10)+"), each of which is a cluster of the gateway's; "+remedy)
	}
}

// classRules: what is said of a class must be able to come about.
func (c *checker) classRules(retry *node) {
	classes, on, attempts := retry.at("classes"), retry.at("on"), retry.at("attempts")
	for i := range classes.kids {
		class := &classes.kids[i]
		if class.bad {
			continue
		}
		if class.given && !on.bad && !slices.Contains(on.texts(), classes.shape.Fields[i].Name) {
			c.reject(class, "not in retry.on, so that nothing follows it; add it there, or remove it here")
		}
		c.notLonger(class, "backoff", "max_backoff")
		if most := class.at("attempts"); most.ok() && !attempts.bad && most.num > attempts.num {
			c.reject(most, "must not be more than retry.attempts ("+strconv.FormatInt(attempts.num, 10)+"); lower it or raise retry.attempts")
		}
	}
}

// MaxOrders bounds the orders in which a model's targets may be tried.
const MaxOrders = 128

// Orders is the number of ways to try some of so many targets one after the other, in
// so many attempts at most. It stops counting above MaxOrders.
func Orders(targets, attempts int) int {
	n, ways := 0, 1
	for k := 0; k < min(targets, attempts) && n <= MaxOrders; k++ {
		ways *= targets - k
		n += ways
	}
	return n
}
