package wasmhost

import (
	"fmt"
	"strconv"
	"strings"
)

// A trace has one line a callback, with its result behind it, and between them one line
// for each host call:
//
//	proxy_on_request_headers(2, 4, 0)
//	  proxy_get_header_map_value(request_headers, ":path") = ok "/v1/messages"
//	  => pause
//
// Texts are cut to 60 bytes, with their length.

// traced runs a callback between its two lines.
func (vm *VM) traced(name string, params []uint32) (uint32, error) {
	raw := make([]uint64, len(params))
	words := make([]string, len(params))
	for i, p := range params {
		raw[i], words[i] = uint64(p), strconv.Itoa(int(p))
	}
	vm.tracef("%s(%s)", name, strings.Join(words, ", "))
	result, err := vm.call(name, raw...)
	switch {
	case err != nil:
		vm.tracef("  => trap: %s", firstLine(err))
	case returnsAction(name):
		vm.tracef("  => %s", [...]string{"continue", "pause"}[result&1])
	case returnsBool(name):
		vm.tracef("  => %t", result != 0)
	}
	return uint32(result), err
}

func returnsAction(callback string) bool {
	return strings.HasPrefix(callback, "proxy_on_request_") || strings.HasPrefix(callback, "proxy_on_response_")
}

func returnsBool(callback string) bool {
	switch callback {
	case "proxy_on_vm_start", "proxy_on_configure", "proxy_on_done":
		return true
	}
	return false
}

// firstLine leaves out wazero's stack, whose addresses change with every build.
func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	line, _, _ = strings.Cut(line, " (recovered by wazero)")
	return line
}

func (vm *VM) tracef(format string, args ...any) {
	if vm.options.NoTrace {
		return
	}
	to := &vm.trace
	if vm.current != nil {
		to = vm.current.trace
	}
	fmt.Fprintf(to, format+"\n", args...)
}

func quoted(text []byte) string {
	const most = 60
	if len(text) <= most {
		return strconv.Quote(string(text))
	}
	return strconv.Quote(string(text[:most])) + "…(" + strconv.Itoa(len(text)) + ")"
}

func quotedPairs(pairs Headers) string {
	words := make([]string, len(pairs))
	for i, pair := range pairs {
		words[i] = pair[0] + ": " + quoted([]byte(pair[1]))
	}
	return "{" + strings.Join(words, ", ") + "}"
}
