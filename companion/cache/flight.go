package cache

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"sync"
	"time"

	"github.com/sluice-gateway/sluice/companion/store"
)

// flights are the questions that are being asked right now: the first miss of a key leads,
// the same question after it waits, so that a model is asked once. A flight also stands for
// the miss itself, so that the store is not asked again and again for what is not there yet.
//
//	join ──▶ leads ──▶ store call ──▶ landed: all who wait look again
//	     │         ├─▶ found by meaning ──▶ all who wait get what was found
//	     │         ├─▶ abandon, limit ──▶ the first who waits leads, the others go on waiting
//	     │         ├─▶ its caller never learnt of it, and says so by the look-up's id ──▶ the same
//	     │         └─▶ not to be kept ──▶ all who wait go on alone, and for a while all who come
//	     └──▶ waits, up to a limit of its own
type flights struct {
	mu      sync.Mutex
	by      map[store.Key]*flight
	asked   map[string]store.Key // of which key's flight a look-up leads, by its id
	waiting int
	alone   map[store.Key]time.Time // whose answers are not kept: until when nobody waits for one
	closed  bool                    // nobody may wait any longer

	limit      time.Duration // how long one may lead
	maxFlights int
	maxWaiting int
}

type flight struct {
	lead    string
	id      string    // of the look-up that leads; "" = it has none, or a judge has its lead
	until   time.Time // of the lead
	asked   time.Time // when the store was last asked for the key
	waiters []waiter
}

// waiter is a look-up that waits.
type waiter struct {
	id    string
	lands chan landing
}

// landing is what one who waited is told.
type landing struct {
	lead  string // it leads now, under this name; "" = it does not
	found *found // what the leader found by meaning; nil = look again
	alone bool   // the answer is not kept: ask on one's own
}

func newFlights(l *Limits) *flights {
	return &flights{by: map[store.Key]*flight{}, asked: map[string]store.Key{}, alone: map[store.Key]time.Time{}, limit: l.Lead, maxFlights: l.Flights, maxWaiting: l.Waiting}
}

// newLead is the name of one that leads. It travels in its ticket, and no other replica has
// the same.
func newLead() string {
	var b [8]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

// flying tells whether a question is under way.
func (f *flights) flying(key store.Key, now time.Time) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	fl := f.by[key]
	return fl != nil && now.Before(fl.until)
}

// place is one's place in a flight.
type place struct {
	lead  string       // "" = another leads
	lands chan landing // where one waits; nil = one does not
	full  bool         // there is no room: ask on one's own
	alone bool         // the answer would not be kept: ask on one's own
}

// join takes a place in the flight of a key for the look-up with an id, and makes the flight
// where there is none.
func (f *flights) join(key store.Key, id string, wait bool, now time.Time) place {
	f.mu.Lock()
	defer f.mu.Unlock()
	if now.Before(f.alone[key]) {
		return place{alone: true}
	}
	fl := f.by[key]
	if fl == nil {
		if len(f.by) >= f.maxFlights {
			return place{full: true}
		}
		fl = &flight{}
		f.by[key] = fl
	}
	if len(fl.waiters) == 0 && !now.Before(fl.until) { // nobody leads, or no longer
		fl.asked = now
		f.leads(key, fl, id, now)
		return place{lead: fl.lead}
	}
	if !wait {
		return place{}
	}
	if f.waiting >= f.maxWaiting || f.closed {
		return place{full: true}
	}
	f.waiting++
	p := place{lands: make(chan landing, 1)}
	fl.waiters = append(fl.waiters, waiter{id, p.lands})
	f.expire(key, fl, now)
	return p
}

// leads gives the lead to the look-up with an id.
func (f *flights) leads(key store.Key, fl *flight, id string, now time.Time) {
	f.forget(key, fl)
	fl.lead, fl.until, fl.id = newLead(), now.Add(f.limit), id
	if id != "" {
		f.asked[id] = key
	}
}

// forget has nobody give up the lead by the id of a look-up any more.
func (f *flights) forget(key store.Key, fl *flight) {
	if f.asked[fl.id] == key {
		delete(f.asked, fl.id)
	}
	fl.id = ""
}

// end takes a flight away, and with it all that wait. They are told how it ended.
func (f *flights) end(key store.Key, fl *flight, how landing) {
	f.forget(key, fl)
	delete(f.by, key)
	f.waiting -= len(fl.waiters)
	for _, w := range fl.waiters {
		w.lands <- how
	}
}

// leave is for one who waits no longer. What it was told in the meantime is passed on: a
// lead must not be lost with it.
func (f *flights) leave(key store.Key, p place, now time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	fl := f.by[key]
	if fl != nil {
		for i, w := range fl.waiters {
			if w.lands == p.lands {
				fl.waiters = append(fl.waiters[:i], fl.waiters[i+1:]...)
				f.waiting--
				return
			}
		}
	}
	select {
	case l := <-p.lands:
		if fl != nil && l.lead != "" && fl.lead == l.lead {
			f.pass(key, fl, now)
		}
	default:
	}
}

// land ends a flight with what was found, or, found being nil, for all to look again. Who
// does not lead may land it too: its answer is as good.
func (f *flights) land(key store.Key, found *found) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.alone, key)
	fl := f.by[key]
	if fl == nil {
		return
	}
	f.end(key, fl, landing{found: found})
}

// giveUp is for one that leads and has no answer: the next one leads.
func (f *flights) giveUp(key store.Key, lead string, now time.Time) (led bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	fl := f.by[key]
	if fl == nil || lead == "" || fl.lead != lead {
		return false
	}
	f.pass(key, fl, now)
	return true
}

// giveUpLookup is for a look-up whose caller has not heard that it leads, and has gone on
// without: whoever waits for it waits for nothing.
func (f *flights) giveUpLookup(id string, now time.Time) (led bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	key, ok := f.asked[id]
	if !ok || id == "" {
		return false
	}
	f.pass(key, f.by[key], now)
	return true
}

// handOver is for one that leads and has told its caller to wait: a judge has the lead, and
// what becomes of the caller is nothing to it.
func (f *flights) handOver(key store.Key, lead string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if fl := f.by[key]; fl != nil && fl.lead == lead {
		f.forget(key, fl)
	}
}

// aloneFor is for how long nobody waits for an answer that was not to be kept.
const aloneFor = 30 * time.Second

// dismiss ends the flight of one that leads and whose answer is not to be kept: another's
// would not be either, and to wait for it is to wait in vain.
func (f *flights) dismiss(key store.Key, lead string, now time.Time) (led bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	fl := f.by[key]
	if fl == nil || lead == "" || fl.lead != lead {
		return false
	}
	if len(f.alone) < f.maxFlights {
		f.alone[key] = now.Add(aloneFor)
	}
	f.end(key, fl, landing{alone: true})
	return true
}

// pass gives the lead to the first that waits.
func (f *flights) pass(key store.Key, fl *flight, now time.Time) {
	if len(fl.waiters) == 0 {
		f.end(key, fl, landing{})
		return
	}
	first := fl.waiters[0]
	fl.waiters = fl.waiters[1:]
	f.waiting--
	f.leads(key, fl, first.id, now)
	first.lands <- landing{lead: fl.lead}
}

func (f *flights) expire(key store.Key, fl *flight, now time.Time) {
	if !now.Before(fl.until) {
		f.pass(key, fl, now)
	}
}

// look is called now and then by each that waits. It takes the lead from one that has had
// it for too long, and tells the caller whether it is its turn to ask the store: another
// replica may have got the answer.
func (f *flights) look(key store.Key, now time.Time, every time.Duration) (ask bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	fl := f.by[key]
	if fl == nil {
		return false
	}
	f.expire(key, fl, now)
	if now.Sub(fl.asked) < every {
		return false
	}
	fl.asked = now
	return true
}

// sweep forgets flights whose lead is over and that nobody waits for.
func (f *flights) sweep(now time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for key, fl := range f.by {
		f.expire(key, fl, now)
	}
	for key, until := range f.alone {
		if !now.Before(until) {
			delete(f.alone, key)
		}
	}
}

// release tells all that wait to look again, and lets nobody wait after them: the service
// stops.
func (f *flights) release() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed = true
	for key, fl := range f.by {
		f.end(key, fl, landing{})
	}
}

// counts says how many questions are under way and how many wait for one.
func (f *flights) counts() (flying, waiting int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.by), f.waiting
}

// wait waits for a landing until a time. look is called at intervals, and ends the wait
// with true.
func (p *place) wait(ctx context.Context, until time.Duration, every time.Duration, look func() bool) (l landing, landed, looked bool) {
	over := time.NewTimer(until)
	defer over.Stop()
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case l := <-p.lands:
			return l, true, false
		case <-tick.C:
			if look() {
				return landing{}, false, true
			}
		case <-over.C:
			return landing{}, false, false
		case <-ctx.Done():
			return landing{}, false, false
		}
	}
}
