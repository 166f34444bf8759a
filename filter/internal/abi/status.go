//go:build wasip1

package abi

import "strconv"

// Status is what a host call returns. The zero value is success.
type Status uint32

// The statuses that both Envoy and Kong return; see proxy-wasm/spec, abi-versions/v0.2.1.
const (
	OK              Status = 0
	NotFound        Status = 1 // no such header, property, key or buffer
	BadArgument     Status = 2 // also: not allowed in this callback; a call to an unknown cluster
	Empty           Status = 7 // nothing in the queue
	CasMismatch     Status = 8 // shared data has changed since it was read
	InternalFailure Status = 10
	Unimplemented   Status = 12
)

// Error makes a Status other than OK an error; nothing is allocated for those above.
func (s Status) Error() string {
	switch s {
	case OK:
		return "host: ok"
	case NotFound:
		return "host: not found"
	case BadArgument:
		return "host: bad argument, or not allowed in this callback"
	case Empty:
		return "host: empty"
	case CasMismatch:
		return "host: changed since it was read"
	case InternalFailure:
		return "host: internal failure"
	case Unimplemented:
		return "host: unimplemented"
	}
	return "host: status " + strconv.Itoa(int(s))
}

// Err is s as an error, nil for OK.
func (s Status) Err() error {
	if s == OK {
		return nil
	}
	return s
}
