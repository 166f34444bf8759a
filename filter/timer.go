//go:build wasip1

package main

import (
	"github.com/tetratelabs/proxy-wasm-go-sdk/proxywasm"

	"github.com/sluice-gateway/sluice/filter/internal/abi"
	"github.com/sluice-gateway/sluice/gateway"
)

// timer is what a plugin's tick is for.
type timer struct {
	period int64 // of the tick, in milliseconds; 0 = there is none
	ticked int64 // when it last came
	looked int64 // when a tick last looked for streams that wait in vain

	// unread are the streams that have more of their body to read. Each tick reads a
	// slice of the first.
	unread []*edge

	// untold are the calls to be made that no stream waits for.
	untold []*gateway.Call

	// calling is how many of them have no answer yet.
	calling int

	// telling are such calls that were made and may never be answered.
	telling []telling

	// sleeping are the streams that something is done for when it is time, in the order
	// of that.
	sleeping []sleeper
}

// sleeper is a stream that something is done for when it is time.
type sleeper struct {
	due     int64
	context uint32
	do      func()
}

// slowTick is how often, in milliseconds, the edge role looks for streams that wait in
// vain. Nothing else needs a tick without having asked for one.
const slowTick = 5000

// recordsTick is how often, in milliseconds, it is looked whether records are to be sent,
// while there are any.
const recordsTick = 1000

// OnTick wakes who is to be woken and reads on.
func (p *plugin) OnTick() {
	now := clock()
	p.look(now)
	p.tell(now)
	p.read()
	p.wake(now)
	p.timer.ticked = now
	p.pace(now)
}

// look ends the streams that wait in vain.
func (p *plugin) look(now int64) {
	t := &p.timer
	if p.gateway == nil || now-t.looked < slowTick && now >= t.looked {
		return
	}
	t.looked = now
	for _, s := range streams {
		if s, ok := s.(*edge); ok && s.plugin == p && s.waitsInVain(now) {
			abi.Resume(s.context, func() { s.overdue(now) })
		}
	}
}

// read gives the first stream that has more to read its turn.
func (p *plugin) read() {
	t := &p.timer
	if len(t.unread) == 0 {
		return
	}
	s := t.unread[0]
	if t.unread = t.unread[1:]; len(t.unread) == 0 {
		t.unread = nil
	}
	if streams[s.context] == s {
		abi.Resume(s.context, s.resume)
	}
}

// wake does what is due, and forgets what was for streams that are gone. What is done may
// put a stream to sleep again, so that the list is whole before anything is.
func (p *plugin) wake(now int64) {
	t := &p.timer
	back := now < t.ticked // by a clock that has gone back nothing is due for who knows how long
	var due, later []sleeper
	for _, s := range t.sleeping {
		switch {
		case streams[s.context] == nil:
		case s.due <= now || back:
			due = append(due, s)
		default:
			later = append(later, s)
		}
	}
	t.sleeping = later
	for _, s := range due {
		if streams[s.context] != nil {
			abi.Resume(s.context, s.do)
		}
	}
}

// wakeLater has something done for a stream when it is time.
func (p *plugin) wakeLater(now, due int64, context uint32, do func()) {
	t := &p.timer
	t.sleeping = append(t.sleeping, sleeper{due, context, do})
	for i := len(t.sleeping) - 1; i > 0 && t.sleeping[i-1].due > due; i-- {
		t.sleeping[i-1], t.sleeping[i] = t.sleeping[i], t.sleeping[i-1]
	}
	p.pace(now)
}

// readLater puts a stream behind those that have more of their body to read already.
func (p *plugin) readLater(now int64, s *edge) {
	p.timer.unread = append(p.timer.unread, s)
	p.pace(now)
}

// pace has the tick come when there is next something to do. A host begins to count anew
// when it is told a period, and goes on with it after a tick.
func (p *plugin) pace(now int64) {
	t := &p.timer
	next := int64(0)
	if p.gateway != nil {
		next = slowTick
	}
	if p.gateway != nil && p.gateway.HasRecords() {
		next = recordsTick
	}
	if len(t.sleeping) > 0 {
		if wait := max(1, t.sleeping[0].due-now); next == 0 || wait < next {
			next = wait
		}
	}
	if len(t.unread) > 0 || len(t.untold) > 0 {
		next = 1
	}
	if next == t.period || !p.host.known || p.host.fixedTick {
		return // before it is known which host this is, it may be one that traps
	}
	t.period = next
	must("tick", proxywasm.SetTickPeriodMilliSeconds(uint32(next)))
}
