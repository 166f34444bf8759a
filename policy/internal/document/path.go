package document

import "strconv"

// Join is the path of a field: names that need it are quoted, so that a path is one
// line and reads one way only.
func Join(parent, name string) string {
	plain := name != ""
	for i := 0; i < len(name); i++ {
		c := name[i]
		plain = plain && ('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_' || c == '-')
	}
	switch {
	case !plain:
		return parent + "[" + strconv.Quote(name) + "]"
	case parent == "":
		return name
	default:
		return parent + "." + name
	}
}

// Index is the path of a list's element.
func Index(parent string, i int) string { return parent + "[" + strconv.Itoa(i) + "]" }
