package cacheclient

// Outbox holds decision records until they are sent to the companion, many in one call.
// Its size is bounded: while the companion does not take them the oldest are dropped, and
// counted. (The access log has them all.)
type Outbox struct {
	records [][]byte
	bytes   int
	since   int64 // when the first of them came
	sending int   // how many of them are on their way
	retryAt int64
	dropped int64
}

// The bounds of an outbox.
const (
	maxOutbox = 512 << 10 // bytes that are held
	maxBatch  = 128 << 10 // bytes in one call, unless one record has more
	fullBatch = 64 << 10  // bytes that do not wait for more
	longest   = 1000      // milliseconds that a record waits for others
	pause     = 5000      // milliseconds until a failed call is tried again
)

// Add puts a record behind the others.
func (o *Outbox) Add(now int64, record []byte) {
	if len(o.records) == 0 {
		o.since = now
	}
	o.records = append(o.records, record)
	o.bytes += len(record) + 1
	for o.bytes > maxOutbox && len(o.records) > o.sending+1 {
		o.bytes -= len(o.records[o.sending]) + 1
		o.records = append(o.records[:o.sending], o.records[o.sending+1:]...)
		o.dropped++
	}
}

// Waits tells whether there are records that are not on their way.
func (o *Outbox) Waits() bool { return len(o.records) > o.sending }

// Batch is what is to be sent at now, one record a line; nil where nothing is. It is on its
// way until Sent, and no other is meanwhile.
func (o *Outbox) Batch(now int64) []byte {
	due := o.since + longest
	if o.bytes >= fullBatch {
		due = o.since
	}
	// By a clock that has gone back nothing would be due for who knows how long.
	if back := now < o.since; o.sending > 0 || len(o.records) == 0 || now < max(due, o.retryAt) && !back {
		return nil
	}
	var batch []byte
	for _, record := range o.records {
		if len(batch) > 0 && len(batch)+len(record)+1 > maxBatch {
			break
		}
		batch = append(append(batch, record...), '\n')
		o.sending++
	}
	return batch
}

// Sent tells whether the companion has taken the batch.
func (o *Outbox) Sent(now int64, taken bool) {
	n := o.sending
	o.sending = 0
	if !taken {
		o.retryAt = now + pause
		return
	}
	for _, record := range o.records[:n] {
		o.bytes -= len(record) + 1
	}
	o.records = append([][]byte(nil), o.records[n:]...) // so that what was sent can be freed
	o.since, o.retryAt = now, 0
}

// Dropped is how many records were dropped since it was last asked.
func (o *Outbox) Dropped() int64 {
	n := o.dropped
	o.dropped = 0
	return n
}
