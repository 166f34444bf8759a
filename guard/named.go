package guard

import "github.com/sluice-gateway/sluice/guard/placeholder"

// longestNamed is the longest value that is looked at once more with its name, in bytes: what
// needs a name to be found is shorter.
const longestNamed = 256

// named looks for personal data in a value in which nothing was found, with the name of its
// member in front, as it stands in JSON: "password":"…". A name says what digits are, too.
func (r *reader) named(name, value []byte) {
	if r.scanner == nil || len(name) == 0 || len(r.finds) > 0 || len(name)+len(value) > longestNamed {
		return
	}
	r.member = append(append(append(r.member[:0], '"'), name...), `":"`...)
	from := len(r.member)
	r.member = append(append(r.member, value...), '"')
	r.scanner.Reset()
	found, _ := r.scanner.Scan(r.member, true)
	for i := range found {
		if f := &found[i]; f.Start >= from && f.End <= from+len(value) {
			r.add(find{placeholder.Span{Start: f.Start - from, End: f.End - from, Name: r.g.pii.names[f.Kind]}, f.Kind.String()})
		}
	}
}
