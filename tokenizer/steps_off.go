//go:build !steps

package tokenizer

// step is called once for each bounded piece of work: a step in the trie, a pair looked up, a character looked at. It is
// compiled to nothing, but in the test that counts the steps; see steps_on.go.
func step() {}
