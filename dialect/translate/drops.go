package translate

import (
	"slices"

	"github.com/sluice-gateway/sluice/dialect"
)

// drops decides about the fields of a request that have no equal on the other side.
type drops struct {
	may     func(field string) bool
	dropped []string
}

// maxNamed bounds the fields that a client is told of by name: with `drop: ["*"]` it can
// make up as many as it likes.
const maxNamed = 32

// nameable tells whether a field may be named to the client, in a header: what it made up
// itself may be anything.
func nameable(field string) bool {
	for i := range len(field) {
		if c := field[i]; c != '_' && c != '.' && (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') {
			return false
		}
	}
	return len(field) <= 64
}

// without leaves a field out, where that is allowed. at is its place as the client would
// look for it ("messages[3].content[0].input_audio"), field the same without places.
// why is what the other API lacks, in a few words.
func (d *drops) without(at, field, why string) error {
	if d.may == nil || !d.may(field) {
		return &dialect.FieldError{Field: at, Problem: why}
	}
	if !nameable(field) {
		field = "other"
	}
	if len(d.dropped) < maxNamed && !slices.Contains(d.dropped, field) {
		d.dropped = append(d.dropped, field)
	}
	return nil
}
