//go:build wasip1

package main

import (
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tetratelabs/proxy-wasm-go-sdk/proxywasm"

	"github.com/sluice-gateway/sluice/filter/internal/abi"
)

// do runs one operation; the first word is its name. Where a name is that of a header,
// a leading < or > takes the response's or request's headers in place of the callback's.
func (s *stream) do(words []string) string {
	arg := func(i int) string {
		if i < len(words) {
			return words[i]
		}
		return ""
	}
	number := func(i int) int {
		n, _ := strconv.Atoi(arg(i))
		return n
	}
	rest := func(i int) []byte { return []byte(strings.Join(words[min(i, len(words)):], " ")) }

	switch words[0] {
	case "get":
		m, name := s.headers, arg(1)
		switch {
		case strings.HasPrefix(name, ">"):
			m, name = abi.RequestHeaders, name[1:]
		case strings.HasPrefix(name, "<"):
			m, name = abi.ResponseHeaders, name[1:]
		}
		value, status := abi.Header(s.scratch, m, name)
		return outcome(value, status.Err())
	case "pairs":
		pairs, err := s.pairs()
		if err != nil {
			return err.Error()
		}
		var names []string
		for _, pair := range pairs {
			names = append(names, pair[0])
		}
		slices.Sort(names)
		return strings.Join(names, ",")
	case "add", "set", "remove":
		return result(s.edit(words[0], arg(1), string(rest(2))))

	case "of": // the body that the operations behind it act on
		s.body = map[string]abi.Body{"request": abi.RequestBody, "response": abi.ResponseBody, "call": abi.CallBody}[arg(1)]
		return arg(1)
	case "body":
		value, status := abi.ReadBody(s.scratch, s.body, 0, 1<<30)
		return outcome(value, status.Err())
	case "body-from":
		value, status := abi.ReadBody(s.scratch, s.body, number(1), number(2))
		return outcome(value, status.Err())
	case "sdk-body":
		return outcome(proxywasm.GetHttpRequestBody(0, 1<<30))
	case "replace-body":
		return result(abi.ReplaceBody(s.body, rest(1)).Err())
	case "append-body":
		return result(abi.AppendBody(s.body, rest(1)).Err())
	case "prepend-body":
		return result(abi.PrependBody(s.body, rest(1)).Err())
	case "set-body":
		return result(abi.SetBody(s.body, number(1), number(2), rest(3)).Err())

	case "reply":
		return result(proxywasm.SendHttpResponse(uint32(number(1)), [][2]string{{"x-from", "probe"}}, rest(2), -1))
	case "resume-request":
		return result(proxywasm.ResumeHttpRequest())
	case "resume-response":
		return result(proxywasm.ResumeHttpResponse())
	case "close":
		return result(abi.CloseResponse().Err())
	case "done":
		proxywasm.PluginDone()
		return ""

	case "call":
		id, err := proxywasm.DispatchHttpCall(arg(1), [][2]string{{":method", "GET"}, {":path", arg(2)}, {":authority", arg(1)}},
			nil, nil, 1000, func(headers, size, trailers int) {
				body, err := proxywasm.GetHttpCallResponseBody(0, size)
				note("called", arg(1), strconv.Itoa(headers), outcome(body, err))
				s.body, s.headers = abi.CallBody, abi.CallHeaders
				s.called++
				s.run("called", "@"+strconv.Itoa(s.called))
			})
		if err != nil {
			return err.Error()
		}
		return "token " + strconv.Itoa(int(id))

	case "shared":
		value, cas, status := abi.SharedData(s.scratch, arg(1))
		return outcome(value, status.Err()) + " cas " + strconv.Itoa(int(cas))
	case "share":
		return result(abi.SetSharedData(arg(1), []byte(arg(2)), uint32(number(3))).Err())
	case "share-next":
		_, cas, _ := abi.SharedData(s.scratch, arg(1))
		return result(abi.SetSharedData(arg(1), []byte(arg(2)), cas).Err())

	case "property":
		value, status := abi.Property(s.scratch, strings.ReplaceAll(arg(1), "|", "\x00"))
		return outcome(value, status.Err())
	case "set-property":
		return result(proxywasm.SetProperty(strings.Split(arg(1), "|"), rest(2)))

	case "count-unknown":
		return result(abi.Metric(number(1)).Add(1).Err())
	case "count":
		metric, status := abi.DefineMetric(abi.Counter, arg(1))
		if status == abi.OK {
			status = metric.Add(int64(number(2)))
		}
		return result(status.Err())
	case "observe":
		metric, status := abi.DefineMetric(abi.Histogram, arg(1))
		if status == abi.OK {
			status = metric.Record(uint64(number(2)))
		}
		return result(status.Err())

	case "now":
		return strconv.FormatInt(time.Now().UnixMilli(), 10)
	case "tick":
		return result(proxywasm.SetTickPeriodMilliSeconds(uint32(number(1))))
	case "effective":
		id := s.plugin.id
		if len(words) > 1 {
			id = uint32(number(1))
		}
		return result(proxywasm.SetEffectiveContext(id))

	case "panic":
		panic(string(rest(1)))
	case "panic-each":
		if s.number%number(1) == 0 {
			var nothing []int
			_ = nothing[s.number]
		}
		return "not this time"
	case "trap":
		exhaust(1)
	case "keep-scratch":
		s.scratch = make([]byte, number(1))
		return ""
	case "allocations": // of the calls that a streamed answer makes most
		var before, after runtime.MemStats
		scratch := make([]byte, 1<<10)
		runtime.ReadMemStats(&before)
		for range 100 {
			scratch, _ = abi.ReadBody(scratch, s.body, 0, 1<<30)
			_ = abi.ReplaceBody(s.body, scratch)
			_, _, _ = abi.SharedData(scratch, "k")
			_ = abi.SetSharedData("k", scratch, 0)
			_, _ = abi.Property(scratch, "request\x00path")
			_ = abi.Metric(0).Add(1)
		}
		runtime.ReadMemStats(&after)
		return strconv.Itoa(int(after.Mallocs - before.Mallocs))
	case "garbage":
		for range number(1) {
			sink = make([]byte, 1<<10)
		}
		return ""
	}
	return "unknown operation"
}

var sink []byte

// exhaust overflows the stack, which Go cannot recover from.
func exhaust(n int) int { return exhaust(n+1) + n }

func result(err error) string {
	if err != nil {
		return err.Error()
	}
	return "ok"
}

func (s *stream) pairs() ([][2]string, error) {
	switch s.headers {
	case abi.RequestHeaders:
		return proxywasm.GetHttpRequestHeaders()
	case abi.RequestTrailers:
		return proxywasm.GetHttpRequestTrailers()
	case abi.ResponseHeaders:
		return proxywasm.GetHttpResponseHeaders()
	case abi.ResponseTrailers:
		return proxywasm.GetHttpResponseTrailers()
	}
	return proxywasm.GetHttpCallResponseHeaders()
}

// edits are the SDK's functions that change each map.
var edits = map[abi.Headers]struct {
	add, set func(name, value string) error
	remove   func(name string) error
}{
	abi.RequestHeaders:   {proxywasm.AddHttpRequestHeader, proxywasm.ReplaceHttpRequestHeader, proxywasm.RemoveHttpRequestHeader},
	abi.RequestTrailers:  {proxywasm.AddHttpRequestTrailer, proxywasm.ReplaceHttpRequestTrailer, proxywasm.RemoveHttpRequestTrailer},
	abi.ResponseHeaders:  {proxywasm.AddHttpResponseHeader, proxywasm.ReplaceHttpResponseHeader, proxywasm.RemoveHttpResponseHeader},
	abi.ResponseTrailers: {proxywasm.AddHttpResponseTrailer, proxywasm.ReplaceHttpResponseTrailer, proxywasm.RemoveHttpResponseTrailer},
}

// edit changes the headers of the callback, or the request's with a leading >.
func (s *stream) edit(how, name, value string) error {
	m := edits[s.headers]
	if strings.HasPrefix(name, ">") {
		name, m = name[1:], edits[abi.RequestHeaders]
	}
	switch how {
	case "add":
		return m.add(name, value)
	case "set":
		return m.set(name, value)
	}
	return m.remove(name)
}
