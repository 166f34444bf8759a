package gateway

// idle keeps what requests have worked with for those to come, a few of a kind at most:
// most requests come one after the other, and to make a reader anew costs more than what
// it reads. Who takes one makes it ready, whatever state it was given back in.
type idle[T any] []*T

const maxIdle = 4

func (i *idle[T]) take() *T {
	last := len(*i) - 1
	if last < 0 {
		return new(T)
	}
	one := (*i)[last]
	*i = (*i)[:last]
	return one
}

// put takes one back from *from, which has it no more: no two requests may share one.
func (i *idle[T]) put(from **T) {
	if *from != nil && len(*i) < maxIdle {
		*i = append(*i, *from)
	}
	*from = nil
}
