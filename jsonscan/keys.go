package jsonscan

import "math/bits"

// A keySet holds the names in all objects that are open, and finds the name
// that an object has already. Objects open and close like brackets, so names
// are kept on one stack, and closing an object takes its names off the top.
//
// The names of one object are the leaves of a binary tree whose forks each test
// one bit, the first one in which the names on their two sides differ (a
// crit-bit tree). Going down to where a name belongs takes at most one step for
// each bit of that name, for any set of names: unlike in a hash table there is
// no bad luck that a sender could prepare.
type keySet struct {
	text  []byte // of all names, one after the other
	keys  []key
	forks []fork

	began            int // where in text the name being read begins
	maxKeys, maxText int
}

type key struct {
	at   int64 // of the opening quote in the JSON text
	text int32 // where in keySet.text the name begins; it ends where the next begins
}

// A fork tests bit `bit` of symbol `at` of a name. Symbol i of a name is its
// byte i with bit 8 set, and 0 behind its end, so that a name differs from its
// own beginning.
type fork struct {
	at   int32
	bit  uint16
	key  int32    // some leaf below, to stand for all that they have in common
	side [2]int32 // for the bit being 0 and 1: index of a fork, or ^index of a key
}

// A nameSet is one object's part of the keySet.
type nameSet struct {
	keys, forks int32 // where on the stacks the object's own begin
	root        int32 // like fork.side
}

const noNames = -1 << 31

func (k *keySet) open() nameSet {
	return nameSet{keys: int32(len(k.keys)), forks: int32(len(k.forks)), root: noNames}
}

func (k *keySet) close(n nameSet) {
	if int(n.keys) < len(k.keys) {
		k.text = k.text[:k.keys[n.keys].text]
	}
	k.keys = k.keys[:n.keys]
	k.forks = k.forks[:n.forks]
}

// begin, append and end take in the next name of the innermost object. begin
// is called when its quote opens; append is false when there are more bytes of
// names than allowed; abandon is for a name that goes wrong on the way.
func (k *keySet) begin() { k.began = len(k.text) }

func (k *keySet) abandon() { k.text = k.text[:k.began] }

func (k *keySet) append(p []byte) bool {
	if len(k.text)+len(p) > k.maxText {
		return false
	}
	k.text = append(k.text, p...)
	return true
}

type keyResult uint8

const (
	keyAdded keyResult = iota
	keyTwice
	keyTooMany
)

// end puts the name into n. At keyTwice, first is where the same name has been.
func (k *keySet) end(n *nameSet, at int64) (result keyResult, first int64) {
	if len(k.keys) >= k.maxKeys {
		return keyTooMany, 0
	}
	name := k.text[k.began:]
	leaf := ^int32(len(k.keys))
	k.keys = append(k.keys, key{at: at, text: int32(k.began)})
	if n.root == noNames {
		n.root = leaf
		return keyAdded, 0
	}
	like := k.nearest(n.root, name)
	other := k.name(like)
	differ := 0
	for differ < len(name) && differ < len(other) && name[differ] == other[differ] {
		differ++
	}
	difference := symbol(name, differ) ^ symbol(other, differ)
	if difference == 0 {
		return keyTwice, k.keys[like].at
	}
	bit := uint16(1) << (bits.Len16(difference) - 1)

	// The new fork goes above the first that tests a later bit. Up to there the
	// name agrees with all that is below.
	k.forks = append(k.forks, fork{at: int32(differ), bit: bit, key: ^leaf})
	added := int32(len(k.forks) - 1)
	edge := &n.root
	for *edge >= 0 {
		f := &k.forks[*edge]
		if int(f.at) > differ || int(f.at) == differ && f.bit < bit {
			break
		}
		edge = &f.side[f.turn(name)]
	}
	turn := k.forks[added].turn(name)
	k.forks[added].side[turn] = leaf
	k.forks[added].side[1-turn] = *edge
	*edge = added
	return keyAdded, 0
}

// nearest is the key below root which shares the longest beginning with name:
// if name is there, it is that.
func (k *keySet) nearest(root int32, name []byte) int32 {
	for root >= 0 {
		f := &k.forks[root]
		if int(f.at) > len(name) { // all below agree with each other up to f.at
			return f.key
		}
		root = f.side[f.turn(name)]
	}
	return ^root
}

func (f *fork) turn(name []byte) int {
	if symbol(name, int(f.at))&f.bit != 0 {
		return 1
	}
	return 0
}

func symbol(name []byte, i int) uint16 {
	if i < len(name) {
		return 0x100 | uint16(name[i])
	}
	return 0
}

func (k *keySet) name(i int32) []byte {
	end := len(k.text)
	if int(i)+1 < len(k.keys) {
		end = int(k.keys[i+1].text)
	}
	return k.text[k.keys[i].text:end:end]
}

// last is the newest name and where it stands, which is the name of the member
// being read while the innermost open value is an object.
func (k *keySet) last() (name []byte, at int64) {
	i := int32(len(k.keys) - 1)
	return k.name(i), k.keys[i].at
}

// before is the name of the member in which the object or array with the names
// n was opened.
func (k *keySet) before(n nameSet) []byte { return k.name(n.keys - 1) }

// reset forgets all names, and memory above what a usual text needs.
func (k *keySet) reset() {
	const usual = 1 << 10
	k.text, k.keys, k.forks = k.text[:0], k.keys[:0], k.forks[:0]
	if cap(k.keys) > usual || cap(k.text) > 16*usual {
		k.text, k.keys, k.forks = nil, nil, nil
	}
	if k.text == nil {
		k.text = make([]byte, 0, 64) // so that an empty name is not nil either
	}
}
