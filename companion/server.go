// Package companion is the service beside a gateway that does what a proxy's filter cannot
// do well: it keeps answers and finds them again by their meaning, and keeps the ledger.
//
// It speaks HTTP and JSON; openapi.yaml is the contract, served at /openapi.yaml, and a test
// holds every handler to it. The files are one call each; cache has what a look-up decides.
package companion

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/sluice-gateway/sluice/companion/cache"
	"github.com/sluice-gateway/sluice/companion/embed"
	"github.com/sluice-gateway/sluice/companion/guard"
	"github.com/sluice-gateway/sluice/companion/ledger"
	"github.com/sluice-gateway/sluice/companion/store"
)

// Config is what a server serves with. Its parts stay their owner's to close.
type Config struct {
	Cache    cache.Config // without an observer; the server is it
	Ledger   *ledger.Ledger
	Guards   *guard.Set // nil = none are known
	Token    string     // that callers show; "" = none is asked for
	ClientCA bool       // callers show a certificate, which the listener has verified
	ExactWhy string     // why there is no embedder, where there is none
	Limits   Limits
	Log      *slog.Logger
	Now      func() time.Time // nil = the system's clock
}

// Limits bound what callers may take. Zero takes the default, which is given here.
type Limits struct {
	LookupBody  int64 // 9 MiB: a request of 8 MiB and what the gateway adds
	StoreBody   int64 // 24 MiB: an answer of 8 MiB, escaped, and its ticket
	RecordsBody int64 // 4 MiB
	GuardBody   int64 // 9 MiB: the texts of a request of 8 MiB
	Records     int   // 5,000 a call
	Bodies      int64 // 256 MiB of bodies at once
	Lookups     int64 // 512 look-ups at once that do not wait
	Waits       int64 // 4,096 that do
	Stores      int64 // 512 answers at once that are being kept
	Short       int64 // 16 MiB of store calls at once that are short, as give-ups are
	Guards      int64 // 256 calls for guards at once
	Others      int64 // 64 other calls at once
}

func (l *Limits) fill() {
	for _, n := range []struct {
		at    *int64
		value int64
	}{{&l.LookupBody, 9 << 20}, {&l.StoreBody, 24 << 20}, {&l.RecordsBody, 4 << 20}, {&l.GuardBody, 9 << 20}, {&l.Bodies, 256 << 20},
		{&l.Lookups, 512}, {&l.Waits, 4096}, {&l.Stores, 512}, {&l.Short, 16 << 20}, {&l.Guards, 256}, {&l.Others, 64}} {
		if *n.at <= 0 {
			*n.at = n.value
		}
	}
	if l.Records <= 0 {
		l.Records = 5000
	}
}

// Server is the service, without its listener: see Serve.
type Server struct {
	c       Config
	limits  Limits
	engine  *cache.Engine
	store   store.Store
	embed   embed.Embedder
	ledger  *ledger.Ledger
	log     *slog.Logger
	metrics *metrics
	ready   readiness
	began   time.Time

	stranged atomic.Int64 // when a caller that was refused was last logged, in seconds

	bodies, short, lookups, waits, stores, guarding, others *semaphore.Weighted
}

// New makes a server. Close ends it.
func New(c Config) *Server {
	c.Limits.fill()
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	s := &Server{c: c, limits: c.Limits, store: c.Cache.Store, embed: c.Cache.Embedder, ledger: c.Ledger, log: c.Log, began: c.Now(),
		bodies:   semaphore.NewWeighted(c.Limits.Bodies),
		lookups:  semaphore.NewWeighted(c.Limits.Lookups),
		waits:    semaphore.NewWeighted(c.Limits.Waits),
		stores:   semaphore.NewWeighted(c.Limits.Stores),
		short:    semaphore.NewWeighted(c.Limits.Short),
		others:   semaphore.NewWeighted(c.Limits.Others),
		guarding: semaphore.NewWeighted(c.Limits.Guards),
	}
	s.metrics = newMetrics(s)
	c.Cache.Observer, c.Cache.Now = s.metrics, c.Now
	s.engine = cache.New(c.Cache)
	return s
}

// Close ends what the server does in the background.
func (s *Server) Close() { s.engine.Close() }

// route is one call.
type route struct {
	method, path string
	open         bool // to everybody: it says nothing of any request
	serve        func(*Server, http.ResponseWriter, *http.Request)
}

var routes = []route{
	{"POST", "/v1/lookup", false, (*Server).lookup},
	{"POST", "/v1/store", false, (*Server).keep},
	{"POST", "/v1/guard", false, (*Server).guards},
	{"POST", "/v1/invalidate", false, (*Server).invalidate},
	{"GET", "/v1/stats", false, (*Server).stats},
	{"POST", "/v1/records", false, (*Server).records},
	{"GET", "/v1/usage", false, (*Server).usage},
	{"GET", "/healthz", true, (*Server).healthz},
	{"GET", "/readyz", true, (*Server).readyz},
	{"GET", "/metrics", true, (*Server).prometheus},
	{"GET", "/openapi.yaml", true, (*Server).openapi},
}

// stranger logs a caller without the token, one a minute: most of all it is a gateway whose
// token is another.
func (s *Server) stranger(r *http.Request) {
	now, last := s.c.Now().Unix(), s.stranged.Load()
	if now-last >= 60 && s.stranged.CompareAndSwap(last, now) {
		s.log.Warn("a caller was refused: its token or its certificate is not the one (said once a minute)", "caller", r.RemoteAddr, "call", r.URL.Path)
	}
}

// ServeHTTP finds the call and sees to it that the caller may make it.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var methods []string
	for _, route := range routes {
		if route.path != r.URL.Path {
			continue
		}
		if methods = append(methods, route.method); route.method != r.Method {
			continue
		}
		if !route.open && !s.allowed(r) {
			s.metrics.refused.WithLabelValues("unauthorized").Inc()
			s.stranger(r)
			w.Header().Set("www-authenticate", "Bearer")
			fail(w, http.StatusUnauthorized, "a valid bearer token or client certificate is needed")
			return
		}
		route.serve(s, w, r)
		return
	}
	if methods != nil {
		w.Header().Set("allow", methods[0])
		fail(w, http.StatusMethodNotAllowed, r.URL.Path+" takes "+methods[0])
		return
	}
	fail(w, http.StatusNotFound, "there is no such path; /openapi.yaml has those that there are")
}

// enter takes a place among the calls of a kind, or refuses.
func (s *Server) enter(w http.ResponseWriter, places *semaphore.Weighted) bool {
	if places.TryAcquire(1) {
		return true
	}
	s.busy(w, "calls")
	return false
}

func (s *Server) busy(w http.ResponseWriter, with string) {
	s.metrics.refused.WithLabelValues("busy").Inc()
	w.Header().Set("retry-after", "1")
	fail(w, http.StatusTooManyRequests, "busy with too many "+with)
}

// body reads a body of a type and at most so many bytes. release gives its room back; it is
// nil where the call has been answered.
func (s *Server) body(w http.ResponseWriter, r *http.Request, contentType string, limit int64) (body []byte, release func()) {
	return s.bodyIn(s.bodies, nil, w, r, contentType, limit)
}

// bodyIn is body with the room that it takes its own from, and what is to be done with a body
// before it is refused for want of room; nil = nothing.
func (s *Server) bodyIn(bodies *semaphore.Weighted, full func(body io.Reader), w http.ResponseWriter, r *http.Request, contentType string, limit int64) (body []byte, release func()) {
	if !isType(r.Header.Get("content-type"), contentType) || !slices.Contains([]string{"", "identity"}, r.Header.Get("content-encoding")) {
		fail(w, http.StatusUnsupportedMediaType, "content-type "+contentType+" without a content-encoding is needed")
		return nil, nil
	}
	room := r.ContentLength
	if room < 0 {
		room = limit
	}
	if room > limit {
		fail(w, http.StatusRequestEntityTooLarge, "a body of "+strconv.FormatInt(room, 10)+" bytes > "+strconv.FormatInt(limit, 10))
		return nil, nil
	}
	if !bodies.TryAcquire(room) {
		if full != nil {
			full(r.Body)
		}
		s.busy(w, "bytes of bodies")
		return nil, nil
	}
	body, err := readAll(http.MaxBytesReader(w, r.Body, limit), r.ContentLength)
	if err != nil {
		bodies.Release(room)
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			fail(w, http.StatusRequestEntityTooLarge, "a body of more than "+strconv.FormatInt(limit, 10)+" bytes")
		} else {
			fail(w, http.StatusBadRequest, "the body did not come to its end")
		}
		return nil, nil
	}
	// net/http takes a deadline of the read that passes while the call is being answered for
	// the caller's going away; a look-up may wait for longer.
	http.NewResponseController(w).SetReadDeadline(time.Time{})
	return body, func() { bodies.Release(room) }
}

// fail answers with an error.
func fail(w http.ResponseWriter, status int, message string) {
	var e struct {
		Error struct {
			Message string `json:"message"`
		} `json:"error"`
	}
	e.Error.Message = message
	reply(w, status, e)
}

// reply answers with JSON.
func reply(w http.ResponseWriter, status int, v any) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false) // a reason that says 5 < 7 is read by people
	if err := enc.Encode(v); err != nil {
		panic(err) // what is given is of our own types
	}
	send(w, status, "application/json", b.Bytes())
}

func send(w http.ResponseWriter, status int, contentType string, body []byte) {
	h := w.Header()
	h.Set("content-type", contentType)
	h.Set("content-length", strconv.Itoa(len(body)))
	h.Set("x-content-type-options", "nosniff")
	w.WriteHeader(status)
	w.Write(body)
}

// failed answers for a call whose work failed: a mistake of the caller's, or ours.
func (s *Server) failed(w http.ResponseWriter, r *http.Request, err error) {
	var bad *cache.BadRequest
	switch {
	case errors.As(err, &bad):
		fail(w, http.StatusBadRequest, bad.Reason)
	case r.Context().Err() != nil:
		fail(w, http.StatusServiceUnavailable, "the caller has gone") // which nobody reads
	case errors.Is(err, context.DeadlineExceeded):
		fail(w, http.StatusServiceUnavailable, "a part of the service is too slow")
	default:
		fail(w, http.StatusServiceUnavailable, "a part of the service failed; its log says which")
	}
}
