package match

import (
	"encoding/base64"
	"hash/fnv"
)

// Work is the steps that a Matcher has made since Reset: states of automata, and slots of the lists.
func Work(m *Matcher) int { return m.read + m.window.read + m.words.looked }

// Body is what a program carries, and Sealed the program that carries body.
func Body(program string) []byte {
	r, _ := open(program[len(prefix):])
	return r.rest
}

func Sealed(body []byte) string {
	sum := fnv.New32a()
	sum.Write(body)
	return prefix + base64.RawURLEncoding.EncodeToString(sum.Sum(body[:len(body):len(body)]))
}
