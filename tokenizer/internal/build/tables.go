package build

// Tables returns the content of every table file of an encoding, by file name.
func Tables(name string) (map[string][]byte, error) {
	v, err := Read(name)
	if err != nil {
		return nil, err
	}
	splits, err := v.Splits()
	if err != nil {
		return nil, err
	}
	trie, err := Trie(v)
	if err != nil {
		return nil, err
	}
	pilots, slots, err := Pairs(v, splits)
	if err != nil {
		return nil, err
	}
	return map[string][]byte{
		name + ".trie":   trie,
		name + ".splits": SplitTable(splits),
		name + ".pilots": pilots,
		name + ".pairs":  slots,
	}, nil
}
