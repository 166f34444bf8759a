package compare

import "slices"

// echoed puts what is asked for first, where a sentence ends with it: an egg contains how much
// protein.
func echoed(in []token) []token {
	if len(in) < 4 || in[0].kind != word || questions[in[0].text] || helpers[in[0].text] {
		return in
	}
	for k := 2; k+1 < len(in); k++ {
		before, t, next := &in[k-1], &in[k], &in[k+1]
		if before.ends != none {
			return in
		}
		if t.text != "how" || next.text != "many" && next.text != "much" || !(set{"has", "have", "contains", "contain", "is", "are", "costs", "cost", "weighs", "takes", "needs"}).has(before.text) {
			continue
		}
		for i := k; i < len(in)-1; i++ {
			if in[i].ends != none {
				return in
			}
		}
		out := slices.Concat(in[k:], in[:k])
		out[len(in)-k-1].ends, out[len(out)-1].ends = none, in[len(in)-1].ends
		return out
	}
	return in
}
