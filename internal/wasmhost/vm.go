package wasmhost

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// Options says what a VM finds around it. The zero value is an Envoy with nothing else.
type Options struct {
	Profile    Profile
	Shared     *SharedData       // nil: one of its own
	Env        map[string]string // environment variables
	Clock      func() time.Time  // nil: 2026-01-01 00:00:00 UTC, for ever
	Properties map[string]string // by path with dots: "xds.node.id"; a stream's own come first
	Version    string            // of Kong; "" = 3.9.1
	VMConfig   []byte

	// StopsBody: Envoy without allow_on_headers_stop_iteration. The body of a request
	// whose headers are held does not arrive, so that it hangs unless it is resumed.
	StopsBody bool
	// BufferLimit is how many bytes may be held: 0 is Envoy's 1 MiB (then 413, or 500
	// for an answer) and Kong's 8 KiB (then the request body cannot be read).
	BufferLimit int
	// NoTrace keeps no trace, which for a million callbacks is time and memory.
	NoTrace bool
	// NoSharedData: Kong without a zone for it, where each such call traps.
	NoSharedData bool
	// Conf are lines of Kong's kong.conf that the host goes by: whether it knows names, in
	// calls of ticks (nginx_wasm_proxy_wasm_lua_resolver) and, in Kong 3.7, in those of requests
	// (nginx_http_proxy_wasm_lua_resolver). Where it does not, such a call fails.
	Conf map[string]string
	// Clusters are those that an Envoy knows; nil is any. A call to another is BadArgument.
	Clusters []string
	// OnCall answers HTTP calls of the module as soon as its callback has returned; nil
	// leaves them in Plugin.Calls.
	OnCall func(*Call) CallAnswer
}

// VM is a running module, for one goroutine.
type VM struct {
	host    *Host
	options Options
	rules   rules
	shared  *SharedData
	metrics []*Metric
	logs    []Log
	output  strings.Builder // what the module wrote to stdout and stderr

	instance api.Module // nil after a trap, until the next stream needs it
	started  int        // instances so far
	crashed  error      // the worker process is gone, and the VM with it

	plugins     []*Plugin
	nextContext uint32
	nextCallout uint32
	contexts    map[uint32]*Stream

	current   *Stream // whose callback is running; nil in a plugin's
	plugin    *Plugin // whose callback is running
	callback  string  // its name
	effective uint32  // the context that host calls act on
	answering *Call   // in proxy_on_http_call_response
	trace     strings.Builder
}

// Log is one message of the module.
type Log struct {
	Level   string // trace, debug, info, warn, error or critical
	Message string
}

// ErrWorkerGone is what a VM answers after an error that ends a gateway's process.
var ErrWorkerGone = errors.New("wasmhost: the worker process is gone")

// NewVM starts a module. It makes no callback: the first plugin does.
func (h *Host) NewVM(o Options) (*VM, error) {
	if o.Shared == nil {
		o.Shared = NewSharedData(o.Profile)
	}
	if o.Clock == nil {
		o.Clock = func() time.Time { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) }
	}
	if o.BufferLimit == 0 {
		o.BufferLimit = map[Profile]int{Envoy: 1 << 20, Kong: 8 << 10}[o.Profile]
	}
	vm := &VM{
		host: h, options: o, rules: profiles[o.Profile], shared: o.Shared,
		nextContext: 1, contexts: map[uint32]*Stream{},
	}
	vm.nextCallout = vm.rules.firstCallout
	if vm.options.Version == "" {
		vm.options.Version = "3.9.1"
	}
	return vm, vm.start()
}

// start makes a new instance of the module, with memory of its own.
func (vm *VM) start() error {
	config := wazero.NewModuleConfig().WithName("").WithStartFunctions("_initialize").
		WithStdout(&vm.output).WithStderr(&vm.output).
		WithRandSource(&steadySource{}).
		WithWalltime(func() (int64, int32) {
			now := vm.options.Clock()
			return now.Unix(), int32(now.Nanosecond())
		}, 1).
		WithNanotime(vm.nanotime(), 1)
	for _, name := range slices.Sorted(maps.Keys(vm.options.Env)) {
		config = config.WithEnv(name, vm.options.Env[name])
	}
	instance, err := vm.host.runtime.InstantiateModule(vm.context(), vm.host.compiled, config)
	if err != nil {
		return fmt.Errorf("wasmhost: start the module: %w", err)
	}
	vm.instance = instance
	vm.started++
	return nil
}

// nanotime follows the clock and moves on by a microsecond a reading, so that nothing
// in the module's runtime sees a clock that stands still.
func (vm *VM) nanotime() func() int64 {
	begin, readings := vm.options.Clock(), int64(0)
	return func() int64 {
		readings++
		return int64(vm.options.Clock().Sub(begin)) + readings*int64(time.Microsecond)
	}
}

// steadySource makes the module's random numbers, and so its traces, repeatable.
type steadySource struct{ state uint64 }

func (s *steadySource) Read(p []byte) (int, error) {
	for i := range p {
		s.state = s.state*6364136223846793005 + 1442695040888963407
		p[i] = byte(s.state >> 56)
	}
	return len(p), nil
}

var _ io.Reader = (*steadySource)(nil)

type vmKey struct{}

// context carries the VM to the host functions, which all VMs of a Host share.
func (vm *VM) context() context.Context {
	return context.WithValue(context.Background(), vmKey{}, vm)
}

// call runs an exported function. An error is a trap: the instance is of no more use.
func (vm *VM) call(name string, params ...uint64) (uint64, error) {
	f := vm.instance.ExportedFunction(name)
	if f == nil {
		return 0, nil // a module need not have every callback
	}
	results, err := f.Call(vm.context(), params...)
	if err != nil {
		vm.instance.Close(context.Background())
		vm.instance = nil
		return 0, fmt.Errorf("%s: %w", name, err)
	}
	if len(results) == 0 {
		return 0, nil
	}
	return results[0], nil
}

// crash is the worker's process exiting: the VM is gone, and every stream of it.
func (vm *VM) crash(why string) {
	vm.crashed = fmt.Errorf("%w: %s", ErrWorkerGone, why)
	for _, s := range vm.contexts {
		s.fail(vm.crashed)
	}
}

// Close ends the VM without any callback.
func (vm *VM) Close() error {
	if vm.instance == nil {
		return nil
	}
	err := vm.instance.Close(context.Background())
	vm.instance = nil
	return err
}

// MemoryBytes is the size of the module's memory, which never shrinks.
func (vm *VM) MemoryBytes() int {
	if vm.instance == nil {
		return 0
	}
	return int(vm.instance.Memory().Size())
}

// Logs are the module's messages so far.
func (vm *VM) Logs() []Log { return vm.logs }

// Output is what the module has written to stdout and stderr, such as the runtime's last
// words.
func (vm *VM) Output() string { return vm.output.String() }

// Starts counts the instances of the module, which a trap makes one more of.
func (vm *VM) Starts() int { return vm.started }

// Trace is every callback and host call so far outside of streams.
func (vm *VM) Trace() string { return vm.trace.String() }
