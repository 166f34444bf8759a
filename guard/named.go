package guard

import "github.com/sluice-gateway/sluice/guard/placeholder"

// longestNamed is the longest value that is looked at once more with its name, in bytes: what
// needs a name to be found is shorter.
const longestNamed = 256

// named looks for personal data in a value of JSON in which nothing was found, with the name of
// its member in front, as it stands there: "password":"…". A name says what digits are, too.
func (r *reader) named(name string) {
	if len(r.finds.finds)+len(r.owns.finds) > 0 || len(name)+len(r.text) > longestNamed {
		return
	}
	r.shown = 0 // nothing of JSON is handed on
	front := `"` + name + `":"`
	r.scanner.Reset()
	found, _ := r.scanner.Scan([]byte(front+string(r.text)+`"`), true)
	for i := range found {
		start, end := found[i].Start-len(front), found[i].End-len(front)
		if start >= 0 && end <= len(r.text) {
			kind := found[i].Kind
			r.finds.finds = append(r.finds.finds, find{placeholder.Span{Start: start, End: end, Name: r.g.pii.names[kind]}, kind.String()})
		}
	}
}
