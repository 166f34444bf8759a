package gateway

import (
	"bytes"

	"github.com/sluice-gateway/sluice/budget"
)

// queue is a ring of decision records in the store, which all workers put theirs into and of
// whom one at a time sends. A record has a ticket, the next of all that there ever are, and
// stands in the place that the ticket says. One note knows where the queue begins and ends:
//
//	ring   | until, of the lead | head, the next ticket | tail, the first to be sent |
//	place  | ticket | record | line feed | zeros |
//
// numbers of 8 bytes each. All changes are compare-and-set. A lead and a new record change the
// first half of the ring, so that no torn reading is the value before with the version of the next.
//
// To add a record is to write it into the place of the head, and then to move the head on. A
// worker that ends in between leaves a record with the head's own ticket, and whoever adds the
// next finds it and moves the head on in its stead. So no ticket before the head waits for its
// record: one that has none was evicted.
//
// To send is to take the lead until a time, to read from the tail on, and to move the tail on
// when the records have arrived. Nothing is taken out before, so that a leader which ends
// leaves all to the next, once its lead is over. The companion then gets some records twice,
// which it knows by their id, as it does from a leader that is late and finds another leading.
//
// Places are of one size. Where that is not enough, or the ring is full, or the place somebody
// else's, the record is not for the queue. Kong before 3.7 writes a value that is longer than
// the one before over what is behind it: https://github.com/Kong/ngx_wasm_module/pull/520
type queue struct {
	notes     *notes
	companion string // whose records they are: others are not to get them
	which     uint   // of the rings

	ring                   // as it was last read, or as it is to be
	version budget.Version // Absent: there is none

	// What is on its way.
	lead    int64 // until when; 0 = nothing is
	to      int64 // the first ticket behind it
	missing int64 // records that were not there

	evicted int64 // records that this worker has found missing, since that was last told

	_ [0]func() // not compared: Go makes code for that
}

type ring struct{ until, head, tail int64 }

const (
	ringBits = 11
	ringSize = 1 << ringBits

	// A place with its checksum, its key and its head takes 2 KiB of nginx's memory.
	placeSize = 1912

	queueBatch = 1 << 20 // bytes in one call
	leadFor    = 20_000  // milliseconds, which is more than a call may take
	leadAfter  = 800     // milliseconds from one call to the next, so that records wait for others
	leadAgain  = 5000    // milliseconds from one that failed

	// How often a change is tried that others are faster with.
	queueTries = 16
)

// newQueue makes the queue of a companion's records. There are 128 rings; two companions in one
// are somebody else to each other.
func newQueue(n *notes, companion string) *queue {
	q := &queue{notes: n, companion: companion}
	for _, c := range []byte(companion) {
		q.which = q.which*31 + uint(c)
	}
	return q
}

// add puts a record behind the others, and tells whether it could.
func (q *queue) add(now int64, record []byte) bool {
	if q == nil || len(record) >= placeSize-8 {
		return false
	}
	added := int64(0)
	for range queueTries {
		if !q.look() || added > 0 && added < q.head {
			break
		}
		if q.version == budget.Absent {
			q.begin(now << ringBits)
			continue
		}
		if q.head-q.tail >= ringSize {
			break
		}
		_, version, ticket := q.read(q.head)
		if ticket > q.head {
			// The queue has gone on; or its ring was begun below the places' tickets, by a clock
			// that has gone back. Then, with all sent, it goes on above the highest there can be.
			if q.head == q.tail {
				q.begin(ticket + ringSize)
			}
			continue
		}
		if ticket < q.head && ticket != foreign {
			value := make([]byte, placeSize)
			appendNumber(value[:0], q.head)
			value[8+copy(value[8:], record)] = '\n'
			if q.notes.set(q.name(ofRecords, q.head), value, version) {
				continue
			}
			added = q.head
		}
		// Else it is a record that its worker has not counted, or somebody else's place.
		q.head++
		if !q.set() && added > 0 {
			break
		}
	}
	return added > 0
}

// begin makes a ring where there is none, in a new zone or where it was evicted, or where it has
// to have other tickets. They are new ones, whatever the old places hold.
func (q *queue) begin(first int64) {
	lost := q.head - q.tail
	q.ring = ring{head: first, tail: first}
	if !q.set() {
		q.evicted += lost
	}
}

// batch is what this worker is to send at now, one record a line; nil where nothing is, or
// another worker leads. It is on its way until sent, and no other is meanwhile.
func (q *queue) batch(now int64) (lines []byte) {
	if q == nil || q.lead > 0 || !q.look() || q.version == budget.Absent || q.head <= q.tail {
		return nil
	}
	if now < q.until && q.until <= now+leadFor {
		return nil // a lead that is longer is of a clock that has gone back
	}
	q.until = now + leadFor
	if q.set() {
		return nil
	}
	q.lead, q.missing = q.until, 0
	for q.to = q.tail; q.to < q.head && len(lines) < queueBatch; q.to++ {
		value, _, ticket := q.read(q.to)
		if ticket == q.to {
			lines = append(lines, value[8:9+bytes.IndexByte(value[8:], '\n')]...)
		} else if ticket != foreign {
			q.missing++
		}
	}
	if lines == nil {
		q.sent(now, true)
	}
	return lines
}

// sent tells whether the batch has arrived. If all tries are overtaken it is sent again.
func (q *queue) sent(now int64, arrived bool) {
	lead := q.lead
	q.lead = 0
	for range queueTries {
		if !q.look() || q.version == budget.Absent {
			break
		}
		if q.until == lead {
			q.until = now + leadAgain
			if arrived {
				q.until = now + leadAfter
			}
		}
		missing := int64(0)
		if arrived && q.tail < q.to && q.to <= q.head { // behind the head: of an evicted ring
			q.tail, missing = q.to, q.missing
		}
		if !q.set() {
			q.evicted += missing
			break
		}
	}
}

// look reads the ring, and tells whether it could.
func (q *queue) look() bool {
	value, version, ok := q.notes.get(q.name(ofRings, 0))
	if len(value) == 24 {
		q.ring = ring{numberAt(value), numberAt(value[8:]), numberAt(value[16:])}
	}
	q.version = version
	return ok
}

// set changes the ring, and tells whether another worker has been faster.
func (q *queue) set() (overtaken bool) {
	value := make([]byte, 24)
	appendNumber(appendNumber(appendNumber(value[:0], q.until), q.head), q.tail)
	return q.notes.set(q.name(ofRings, 0), value, q.version)
}

// read is what stands in a ticket's place, and the ticket of that.
func (q *queue) read(at int64) (value []byte, version budget.Version, ticket int64) {
	value, version, ok := q.notes.get(q.name(ofRecords, at))
	if !ok {
		ticket = foreign
	} else if len(value) == placeSize {
		ticket = numberAt(value)
	}
	return value, version, ticket
}

const foreign = -1

func (q *queue) name(kind byte, ticket int64) string {
	return budget.Place(kind, q.which<<ringBits|uint(ticket)&(ringSize-1)) + q.companion
}
