package compare

import "slices"

// possessed is what has what: the places of the two in a text.
type possessed struct{ owner, owned int }

// possessions reads "the assistant's email" and "the email of the assistant", and what has the
// assistant in turn.
func possessions(in []token) []possessed {
	var out []possessed
	for i := range in {
		if in[i].owner {
			if next := head(in, i+1); next >= 0 {
				out = append(out, possessed{i, next})
			}
		}
		if in[i].mark != "of" || i == 0 || in[i-1].ends != none {
			continue
		}
		for owner := head(in, i); owner >= 0; owner = head(in, owner+1) {
			if !in[owner].owner {
				out = append(out, possessed{owner, i - 1})
				break
			}
		}
	}
	return out
}

// head is the last word of the thing that begins at the i-th: of the spare key, the key.
func head(in []token, i int) int {
	if i >= len(in) {
		return -1
	}
	for i+1 < len(in) && !in[i].owner && in[i].ends == none && in[i+1].part == in[i].part &&
		(in[i+1].mark == "" || in[i+1].mark == "'s") && !in[i+1].joined && !in[i+1].article && !in[i+1].helped && !in[i+1].after {
		i++
	}
	return i
}

// otherOwner finds two things of which the first has the second in one text, and the second the
// first in the other: the assistant's boss, the boss's assistant.
func (p *pairing) otherOwner() (x, y *token, found bool) {
	ofA, ofB := possessions(p.a), possessions(p.b)
	for _, a := range ofA {
		for _, b := range ofB {
			if p.to[a.owner] < 0 || p.to[a.owned] < 0 {
				continue
			}
			if p.to[a.owner] == b.owned && p.to[a.owned] == b.owner {
				return &p.a[a.owner], &p.a[a.owned], true
			}
			// Tom's father or his friend, Tom or his father's friend
			owned := func(o possessed) bool { return o.owned == a.owner }
			if p.to[a.owner] == b.owned && sourceOf(p, b.owner) >= 0 && !slices.ContainsFunc(ofA, owned) && !slices.Contains(ofB, possessed{p.to[a.owner], p.to[a.owned]}) {
				return &p.a[a.owner], &p.a[a.owned], true
			}
		}
	}
	return nil, nil, false
}
