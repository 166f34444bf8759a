package guard

import "github.com/sluice-gateway/sluice/guard/placeholder"

// longestNamed is the longest value that is looked at once more with its name, in bytes: what
// needs a name to be found is shorter.
const longestNamed = 256

// named looks for personal data in a value in which nothing was found, with the name of its
// member in front, as it stands in JSON: "password":"…". A name says what digits are, too.
func (r *reader) named(name string, value []byte) {
	if r.scanner == nil || name == "" || len(r.finds) > 0 || len(name)+len(value) > longestNamed {
		return
	}
	front := `"` + name + `":"`
	r.scanner.Reset()
	found, _ := r.scanner.Scan([]byte(front+string(value)+`"`), true)
	for i := range found {
		start, end := found[i].Start-len(front), found[i].End-len(front)
		if start >= 0 && end <= len(value) {
			kind := found[i].Kind
			r.add(find{placeholder.Span{Start: start, End: end, Name: r.g.pii.names[kind]}, kind.String()})
		}
	}
}
