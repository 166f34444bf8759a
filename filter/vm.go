//go:build wasip1

package main

import (
	"math/rand/v2"
	"os"
	"strings"
	"time"
	_ "time/tzdata" // calendar quotas: a proxy's sandbox has no zone files

	"github.com/tetratelabs/proxy-wasm-go-sdk/proxywasm"
	"github.com/tetratelabs/proxy-wasm-go-sdk/proxywasm/types"

	"github.com/sluice-gateway/sluice/filter/internal/abi"
	"github.com/sluice-gateway/sluice/gateway"
	"github.com/sluice-gateway/sluice/policy"
)

// A host that runs several plugins with the same code may run them in one virtual
// machine, so nothing here but what is true of the machine itself: the streams that
// are open in it and the metrics that it has defined.
var (
	streams = map[uint32]role{}
	metrics = metricTable{}
)

func init() {
	proxywasm.SetVMContext(&vm{})
	abi.OnPanic(func(contextID uint32, callback string) {
		if s := streams[contextID]; s != nil {
			s.panicked()
		}
	})
}

type vm struct{ types.DefaultVMContext }

func (*vm) NewPluginContext(uint32) types.PluginContext { return &plugin{} }

// plugin is one configuration of the filter.
type plugin struct {
	types.DefaultPluginContext
	gateway *gateway.Gateway // nil in the provider role
	host    host

	// unread are the streams that have more of their body to read. Each tick reads a
	// slice of the first.
	unread []*edge
	looked int64 // when a tick last looked for streams that wait in vain

	// sleeping are the streams that something is done for when it is time.
	sleeping []sleeper

	lostRecord bool // the host has not taken a decision record, and that has been said
}

// OnPluginStart compiles the policy. It runs in machines that never serve as well
// (Envoy's main thread has one), so it changes nothing outside.
func (p *plugin) OnPluginStart(size int) types.OnPluginStartStatus {
	var configuration []byte
	var err error
	if size > 0 { // the hosts have nothing else to give
		configuration, err = proxywasm.GetPluginConfiguration()
	}
	if err == nil {
		err = p.configure(configuration)
	}
	if err != nil {
		for line := range strings.SplitSeq(err.Error(), "\n") {
			proxywasm.LogCritical("sluice: " + line)
		}
		return types.OnPluginStartStatusFailed
	}
	if p.gateway == nil {
		return types.OnPluginStartStatusOK
	}
	for _, provider := range p.gateway.MissingCredentials() {
		proxywasm.LogWarn("sluice: no credential for provider " + provider + ": its requests are answered 503 until the gateway is started with the variable set")
	}
	if err := proxywasm.SetTickPeriodMilliSeconds(slowTick); err != nil {
		proxywasm.LogCritical("sluice: the host gives no tick: " + err.Error())
		return types.OnPluginStartStatusFailed
	}
	return types.OnPluginStartStatusOK
}

// The two paces of the tick, in milliseconds: for looking after streams whose body never
// comes, and for reading on where a body is longer than a slice.
const (
	slowTick = 5000
	fastTick = 1
)

func (p *plugin) configure(text []byte) error {
	c, err := readConfiguration(text)
	if err != nil || string(c.role) == providerRole {
		return err
	}
	decoded, err := policy.Decode(c.policy)
	if err != nil {
		return err
	}
	if problems := policy.Unsupported(decoded); len(problems) > 0 {
		unsupported := policy.Problems(problems)
		return &unsupported
	}
	p.gateway, err = gateway.New(decoded, gateway.Options{
		Store: store(&p.host), Zone: time.LoadLocation, Env: os.Getenv,
		Secret: [2]uint64{rand.Uint64(), rand.Uint64()},
	})
	return err
}

func (p *plugin) NewHttpContext(contextID uint32) types.HttpContext {
	var s role
	if common := (stream{plugin: p, context: contextID}); p.gateway == nil {
		s = &provider{stream: common}
	} else {
		s = &edge{stream: common}
	}
	streams[contextID] = s
	return s
}

// OnTick reads on. At the slower pace it also looks for streams that wait in vain.
func (p *plugin) OnTick() {
	now := clock()
	if now-p.looked >= slowTick || now < p.looked {
		p.looked = now
		for _, s := range streams {
			if s, ok := s.(*edge); ok && s.plugin == p {
				abi.Resume(s.context, func() { s.overdue(now) })
			}
		}
	}
	if len(p.unread) > 0 {
		s := p.unread[0]
		p.unread = p.unread[1:]
		if streams[s.context] == s {
			abi.Resume(s.context, s.resume)
		}
		if len(p.unread) == 0 {
			p.unread = nil
		}
	}
	p.wake(now)
	if len(p.unread) == 0 && len(p.sleeping) == 0 {
		p.pace(slowTick)
	}
}

// sleeper is a stream that something is done for when it is time.
type sleeper struct {
	due     int64
	context uint32
	do      func()
}

// wakeLater has something done for a stream when it is time.
func (p *plugin) wakeLater(due int64, context uint32, do func()) {
	if len(p.sleeping) == 0 && len(p.unread) == 0 {
		p.pace(fastTick)
	}
	p.sleeping = append(p.sleeping, sleeper{due, context, do})
}

// wake does what is due, and forgets what was for streams that are gone.
func (p *plugin) wake(now int64) {
	later := p.sleeping[:0]
	for _, s := range p.sleeping {
		switch {
		case streams[s.context] == nil:
		case s.due > now:
			later = append(later, s)
		default:
			abi.Resume(s.context, s.do)
		}
	}
	clear(p.sleeping[len(later):])
	p.sleeping = later
}

// readLater puts a stream behind those that have more of their body to read already.
func (p *plugin) readLater(s *edge) {
	if len(p.unread) == 0 && len(p.sleeping) == 0 {
		p.pace(fastTick)
	}
	p.unread = append(p.unread, s)
}

func (p *plugin) pace(ms uint32) {
	must("tick", proxywasm.SetTickPeriodMilliSeconds(ms))
}

func clock() int64 { return time.Now().UnixMilli() }
