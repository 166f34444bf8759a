package wasmhost

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// Status is what a host call answers.
type Status uint32

// The statuses of ABI 0.2.1 that the host uses.
const (
	OK          Status = 0
	NotFound    Status = 1
	BadArgument Status = 2
	CasMismatch Status = 8
)

func (s Status) String() string {
	switch s {
	case OK:
		return "ok"
	case NotFound:
		return "not_found"
	case BadArgument:
		return "bad_argument"
	case CasMismatch:
		return "cas_mismatch"
	}
	return strconv.Itoa(int(s))
}

// imported is every function of module "env", with the kinds of its parameters:
//
//	i  a number        s  address and size of bytes       R  where to write the address and size of bytes
//	I  64 bits         p  the same, of header pairs       u  where to write a number
//	m  header map      b  buffer                          U  where to write 64 bits
var imported = []struct {
	name, kinds string
	run         func(*hostCall) Status
}{
	{"proxy_log", "is", log},
	{"proxy_get_property", "sR", getProperty},
	{"proxy_set_property", "ss", setProperty},
	{"proxy_get_header_map_value", "msR", getHeader},
	{"proxy_add_header_map_value", "mss", addHeader},
	{"proxy_replace_header_map_value", "mss", replaceHeader},
	{"proxy_remove_header_map_value", "ms", removeHeader},
	{"proxy_get_header_map_pairs", "mR", getHeaders},
	{"proxy_set_header_map_pairs", "mp", setHeaders},
	{"proxy_get_buffer_bytes", "biiR", getBuffer},
	{"proxy_set_buffer_bytes", "biis", setBuffer},
	{"proxy_get_shared_data", "sRu", getShared},
	{"proxy_set_shared_data", "ssi", setShared},
	{"proxy_define_metric", "isu", defineMetric},
	{"proxy_increment_metric", "iI", incrementMetric},
	{"proxy_record_metric", "iI", recordMetric},
	{"proxy_get_metric", "iU", getMetric},
	{"proxy_http_call", "spspiu", httpCall},
	{"proxy_send_local_response", "isspi", sendLocalResponse},
	{"proxy_continue_stream", "i", continueStream},
	{"proxy_close_stream", "i", closeStream},
	{"proxy_set_effective_context", "i", setEffectiveContext},
	{"proxy_set_tick_period_milliseconds", "i", setTickPeriod},
	{"proxy_done", "", proxyDone},
}

// provide makes module "env". Its functions find their VM in the context.
func provide(ctx context.Context, r wazero.Runtime) error {
	builder := r.NewHostModuleBuilder("env")
	for _, f := range imported {
		var params []api.ValueType
		for _, kind := range f.kinds {
			switch kind {
			case 's', 'p', 'R':
				params = append(params, api.ValueTypeI32, api.ValueTypeI32)
			case 'I':
				params = append(params, api.ValueTypeI64)
			default:
				params = append(params, api.ValueTypeI32)
			}
		}
		builder = builder.NewFunctionBuilder().WithGoModuleFunction(
			api.GoModuleFunc(func(ctx context.Context, module api.Module, stack []uint64) {
				c := &hostCall{vm: ctx.Value(vmKey{}).(*VM), name: f.name, kinds: f.kinds, module: module}
				copy(c.params[:], stack)
				stack[0] = uint64(c.do(f.run))
			}), params, []api.ValueType{api.ValueTypeI32}).Export(f.name)
	}
	_, err := builder.Instantiate(ctx)
	return err
}

// hostCall is one call of the module. Arguments are numbered as in imported: the bytes
// of an s or p are one.
type hostCall struct {
	vm     *VM
	name   string
	kinds  string
	module api.Module
	params [10]uint64
	result string // for the trace
}

// trap is a panic in a host function that ends the module's instance.
type trap string

func (t trap) Error() string { return string(t) }

func (c *hostCall) do(run func(*hostCall) Status) Status {
	var line string
	if !c.vm.options.NoTrace {
		line = "  " + c.name + "(" + c.arguments() + ") = "
	}
	defer func() {
		if cause := recover(); cause != nil {
			c.vm.tracef("%strap: %v", line, cause)
			panic(cause)
		}
	}()
	c.trapIf(c.vm.instance == nil, "no host call is allowed while the module starts")
	status := run(c)
	c.vm.tracef("%s%s%s", line, status, c.result)
	return status
}

func (c *hostCall) trapIf(condition bool, why string) {
	if condition {
		panic(trap(c.name + ": " + why))
	}
}

// at is where an argument's parameters begin.
func (c *hostCall) at(argument int) int {
	n := 0
	for _, kind := range c.kinds[:argument] {
		n++
		if strings.ContainsRune("spR", kind) {
			n++
		}
	}
	return n
}

func (c *hostCall) number(argument int) uint32 { return uint32(c.params[c.at(argument)]) }
func (c *hostCall) wide(argument int) uint64   { return c.params[c.at(argument)] }

// bytes is a copy of an s or p.
func (c *hostCall) bytes(argument int) []byte {
	i := c.at(argument)
	b, ok := c.module.Memory().Read(uint32(c.params[i]), uint32(c.params[i+1]))
	c.trapIf(!ok, "memory out of bounds")
	return append([]byte{}, b...)
}

func (c *hostCall) pairs(argument int) Headers {
	h, err := unmarshal(c.bytes(argument))
	c.trapIf(err != nil, fmt.Sprint(err))
	return h
}

// returnBytes lends the module's memory for data, as every result of variable size
// takes it. Envoy asks for none where there is nothing to write; Kong asks for 0 bytes.
func (c *hostCall) returnBytes(data []byte) Status {
	var address uint32
	if len(data) > 0 || c.vm.options.Profile == Kong {
		results, err := c.module.ExportedFunction("proxy_on_memory_allocate").Call(c.vm.context(), uint64(len(data)))
		c.trapIf(err != nil, fmt.Sprintf("allocate: %v", err))
		address = uint32(results[0])
		c.trapIf(address == 0, "the module has no memory")
		c.trapIf(!c.module.Memory().Write(address, data), "memory out of bounds")
	}
	i := c.at(strings.IndexByte(c.kinds, 'R'))
	c.write(c.params[i], uint64(address), 4)
	c.write(c.params[i+1], uint64(len(data)), 4)
	c.result += c.traced(data)
	return OK
}

// traced is a result as the trace shows it.
func (c *hostCall) traced(data []byte) string {
	if c.vm.options.NoTrace {
		return ""
	}
	return " " + quoted(data)
}

func (c *hostCall) returnWord(v uint32) Status {
	c.write(c.params[c.at(strings.IndexByte(c.kinds, 'u'))], uint64(v), 4)
	c.result += " " + strconv.Itoa(int(v))
	return OK
}

func (c *hostCall) returnWide(v uint64) Status {
	c.write(c.params[c.at(strings.IndexByte(c.kinds, 'U'))], v, 8)
	c.result += " " + strconv.FormatUint(v, 10)
	return OK
}

func (c *hostCall) write(address, v uint64, size int) {
	ok := false
	if size == 8 {
		ok = c.module.Memory().WriteUint64Le(uint32(address), v)
	} else {
		ok = c.module.Memory().WriteUint32Le(uint32(address), uint32(v))
	}
	c.trapIf(!ok, "memory out of bounds")
}

// arguments are the inputs of the call as text.
func (c *hostCall) arguments() string {
	var words []string
	for i, kind := range c.kinds {
		switch kind {
		case 'i':
			words = append(words, strconv.Itoa(int(int32(c.number(i)))))
		case 'I':
			words = append(words, strconv.FormatInt(int64(c.wide(i)), 10))
		case 's':
			words = append(words, quoted(c.bytes(i)))
		case 'p':
			words = append(words, quotedPairs(c.pairs(i)))
		case 'm':
			words = append(words, enumName(mapNames, c.number(i)))
		case 'b':
			words = append(words, enumName(bufferNames, c.number(i)))
		}
	}
	return strings.Join(words, ", ")
}

var (
	mapNames = map[uint32]string{0: "request_headers", 1: "request_trailers", 2: "response_headers",
		3: "response_trailers", 6: "call_headers", 7: "call_trailers"}
	bufferNames = map[uint32]string{0: "request_body", 1: "response_body", 4: "call_body",
		6: "vm_configuration", 7: "plugin_configuration"}
)

// enumName is the name of an enumeration's value, or its number.
func enumName(names map[uint32]string, v uint32) string {
	if name, ok := names[v]; ok {
		return name
	}
	return strconv.Itoa(int(v))
}
