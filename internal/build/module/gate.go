package module

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
)

// The limits of a module. What a host pays for at start is code: Envoy spent 3.9 s of
// CPU on the code section of a minimal Go module (1.15 MB) and 7.5 s on twice that.
const (
	MaxCode   = 2_500_000  // bytes of the code section
	MaxPlain  = 2_990_000  // of one that was not optimised, which no gateway is given
	MaxModule = 10_000_000 // bytes of the file
)

// knownImports are the functions that Envoy, Istio and Kong all provide to a module and
// that do what the filter expects. A host refuses a module that imports one it lacks.
var knownImports = slices.Concat(imports("wasi_snapshot_preview1",
	"args_get", "args_sizes_get", "clock_time_get", "environ_get", "environ_sizes_get",
	"fd_close", "fd_fdstat_get", "fd_fdstat_set_flags", "fd_prestat_dir_name", "fd_prestat_get",
	"fd_read", "fd_seek", "fd_write", "path_open", "proc_exit", "random_get", "sched_yield",
), imports("env",
	"proxy_add_header_map_value", "proxy_close_stream", "proxy_continue_stream",
	"proxy_define_metric", "proxy_done", "proxy_get_buffer_bytes", "proxy_get_header_map_pairs",
	"proxy_get_header_map_value", "proxy_get_metric", "proxy_get_property", "proxy_get_shared_data",
	"proxy_http_call", "proxy_increment_metric", "proxy_log", "proxy_record_metric",
	"proxy_remove_header_map_value", "proxy_replace_header_map_value", "proxy_send_local_response",
	"proxy_set_buffer_bytes", "proxy_set_effective_context", "proxy_set_header_map_pairs",
	"proxy_set_property", "proxy_set_shared_data", "proxy_set_tick_period_milliseconds",
))

// badImports are those with a story.
var badImports = map[string]string{
	"wasi_snapshot_preview1.poll_oneoff": "Envoy 1.33 to 1.37 does not provide it and Go's runtime throws; the overlay did not take effect",
	"env.proxy_get_log_level":            "Kong's has another signature and its worker exits",
}

// wantedExports are the memory, the initializer of a reactor, and ABI 0.2.1 for HTTP.
// An export more would be called: a TCP callback, for instance, which the filter lacks.
var wantedExports = []string{
	"_initialize", "memory",
	"proxy_abi_version_0_2_1", "proxy_on_memory_allocate",
	"proxy_on_vm_start", "proxy_on_configure", "proxy_on_context_create",
	"proxy_on_tick", "proxy_on_http_call_response",
	"proxy_on_request_headers", "proxy_on_request_body", "proxy_on_request_trailers",
	"proxy_on_response_headers", "proxy_on_response_body", "proxy_on_response_trailers",
	"proxy_on_done", "proxy_on_log", "proxy_on_delete",
}

// Sizes are in bytes.
type Sizes struct {
	Code   int // of the code section: what a host compiles
	Data   int // of the data section: tables and texts
	Module int // of the file
}

// String is one line for people, with the limits.
func (s Sizes) String() string {
	return fmt.Sprintf("code %s of %s bytes, data %s, module %s of %s",
		digits(s.Code), digits(MaxCode), digits(s.Data), digits(s.Module), digits(MaxModule))
}

// Check says whether the gateways will load a module, with every reason why not. maxCode
// is MaxCode, or MaxPlain for a module that was not optimised.
func Check(wasm []byte, maxCode int) (Sizes, error) {
	b, err := parse(wasm)
	if err != nil {
		return Sizes{}, fmt.Errorf("read module: %w", err)
	}
	var problems []error
	for _, name := range b.imports {
		if why, bad := badImports[name]; bad {
			problems = append(problems, fmt.Errorf("imports %s: %s", name, why))
		} else if !slices.Contains(knownImports, name) {
			problems = append(problems, fmt.Errorf("imports %s, which not every gateway provides: "+
				"find what brings it in with `go list -deps` and leave that out", name))
		}
	}
	for _, name := range wantedExports {
		if !slices.Contains(b.exports, name) {
			problems = append(problems, fmt.Errorf("does not export %s: is filter/internal/abi imported?", name))
		}
	}
	for _, name := range b.exports {
		if !slices.Contains(wantedExports, name) {
			problems = append(problems, fmt.Errorf("exports %s, which is not among the callbacks it serves", name))
		}
	}
	sizes := Sizes{Code: b.code, Data: b.data, Module: len(wasm)}
	if sizes.Code > maxCode {
		problems = append(problems, fmt.Errorf("code section of %s bytes, %s allowed", digits(sizes.Code), digits(maxCode)))
	}
	if maxModule := MaxModule + maxCode - MaxCode; sizes.Module > maxModule {
		problems = append(problems, fmt.Errorf("module of %s bytes, %s allowed", digits(sizes.Module), digits(maxModule)))
	}
	return sizes, errors.Join(problems...)
}

// imports qualifies the names of a module's functions.
func imports(module string, names ...string) []string {
	qualified := make([]string, len(names))
	for i, name := range names {
		qualified[i] = module + "." + name
	}
	return qualified
}

// digits groups a number by thousands.
func digits(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
