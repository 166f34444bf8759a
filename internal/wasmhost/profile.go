package wasmhost

// Profile is the gateway whose rules a VM follows.
type Profile int

// The profiles. Istio's proxy is Envoy.
const (
	Envoy Profile = iota
	Kong
)

func (p Profile) String() string { return [...]string{"envoy", "kong"}[p] }

// rules are what the profiles differ in.
type rules struct {
	// Headers.
	lowerNames    bool // names arrive in lower case; else they keep their case
	hidesHeaders  bool // a map that has gone on is BadArgument in later callbacks
	fixedTarget   bool // :path and :authority of a request cannot be changed
	fixedStatus   bool // nor can :status of an answer, but by a local reply
	keepsRemoved  bool // removing a request header does not remove it upstream
	appendsQuery  bool // behind the callback for its headers a request's query is appended to ngx.upstream_uri
	headersEnd    bool // end_of_stream is told with the headers
	trailersCalls bool // there are callbacks for trailers
	answersExpect bool // to expect: 100-continue with the headers, of which the module sees none; else nginx does, when the body is read
	mostPairs     int  // of a map are handed out, the others are cut off; 0 = all
	pseudoCounted bool // the headers' callback is told of :path and the like in their number

	// Bodies.
	wholeRequest   bool // the request body comes once, whole, and not if it is empty
	ignoresOffset  bool // get_buffer reads from the start, whatever start it is given
	maxTruncates   bool // set_buffer writes at most max bytes of the new data
	emptyEndHangs  bool // emptying the last piece of a response hangs it
	pausesResponse bool // response callbacks can pause; else the pause traps
	ownBodies      bool // a body is there in its own callbacks alone; elsewhere that traps

	// Shared data.
	casZeroOverwrites bool // cas 0 writes always; else only if the key is absent
	keysByCRC32       bool // keys with one CRC32 are one key, and their first part is a zone's name
	countsPerKey      bool // a key's cas begins at 1, again after it was deleted or evicted; else one count for all
	emptyDeletes      bool // an empty value deletes the key

	metricsRefused bool // a metric that cannot be had is refused; else the call traps

	// Streams.
	movesContext    bool // set_effective_context does; else it answers OK, and what a tick asks of a stream ends the worker
	ticksOnce       bool // the period of ticks is set once and not in a stream; else that traps
	logThenDone     bool // log, then done; else the other way round
	localNewline    bool // a local reply's body gains a newline, and in response headers loses its headers
	secondReply     bool // a second local reply is ignored; else it traps
	trapAfterReply  bool // a trap behind a local reply in one callback is a trap; else it ends the worker
	closeStream     bool // proxy_close_stream and proxy_done work; else they trap
	callsAnywhere   bool // http_call works in every callback; else it traps outside of request callbacks
	callResumes     bool // the answer to a call resumes the request; a callback that continues after a call kills the worker
	knowsNames      bool // the target of a call is one that the host knows; else it may be a name, which not every context resolves
	cancelsCalls    bool // a stream's calls end with it, and with a local reply
	firstCallout    uint32
	vmStartOnReload bool // a VM made after a trap sees vm_start
	trapStatus      string
	upstreamStatus  string // of the answer when the upstream breaks before its own
}

var profiles = [...]rules{
	Envoy: {
		lowerNames: true, hidesHeaders: true, headersEnd: true, trailersCalls: true, pseudoCounted: true, answersExpect: true,
		pausesResponse: true, movesContext: true, casZeroOverwrites: true, logThenDone: true, secondReply: true, trapAfterReply: true,
		metricsRefused: true, knowsNames: true,
		closeStream: true, callsAnywhere: true, firstCallout: 1, vmStartOnReload: true,
		trapStatus: "503", upstreamStatus: "503",
	},
	Kong: {
		fixedTarget: true, fixedStatus: true, keepsRemoved: true, appendsQuery: true, ownBodies: true, cancelsCalls: true, mostPairs: 100,
		wholeRequest: true, ignoresOffset: true, maxTruncates: true, emptyEndHangs: true,
		keysByCRC32: true, countsPerKey: true, emptyDeletes: true, ticksOnce: true, localNewline: true, callResumes: true,
		trapStatus: "500", upstreamStatus: "502",
	},
}
