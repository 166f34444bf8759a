package match

// Work is the steps that a Matcher has made since Reset: states of automata, and slots of the lists.
func Work(m *Matcher) int { return m.read + m.window.read + m.words.looked }
