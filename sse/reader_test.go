package sse_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/sse"
)

// seen is what a test compares of an event. Raw has the LF of a CRLF with the
// CR that it belongs to, however the stream was cut.
type seen struct {
	Type, Data, ID, Raw  string
	HasData, HasID       bool
	Incomplete, Oversize bool
}

// read feeds the chunks and checks what must hold for every stream: the Raw of
// all events is the stream, and Held tells what is not given out yet.
func read(t *testing.T, max int, chunks ...string) []seen {
	t.Helper()
	r := sse.NewReader(max)
	var all []seen
	var raw strings.Builder
	fed, more := 0, false
	take := func(ev sse.Event) {
		raw.Write(ev.Raw)
		if ev.More && !ev.Oversize {
			t.Fatal("more to come of an event that is not oversize")
		}
		s := seen{
			Type: string(ev.Type), Data: string(ev.Data), ID: string(ev.ID), Raw: string(ev.Raw),
			HasData: ev.HasData, HasID: ev.HasID, Incomplete: ev.Incomplete, Oversize: ev.Oversize,
		}
		if n := len(all); n > 0 && !more && strings.HasSuffix(all[n-1].Raw, "\r") && strings.HasPrefix(s.Raw, "\n") {
			all[n-1].Raw += "\n"
			s.Raw = s.Raw[1:]
		}
		switch {
		case more:
			last := &all[len(all)-1]
			last.Raw += s.Raw
			last.Incomplete = s.Incomplete
			if !s.Oversize {
				t.Fatal("the rest of an oversize event is not marked so")
			}
		case s != seen{}:
			all = append(all, s)
		}
		more = ev.More
	}
	for _, c := range chunks {
		buf := []byte(c)
		r.Feed(buf)
		fed += len(c)
		for ev, ok := r.Next(); ok; ev, ok = r.Next() {
			take(ev)
			if raw.Len()+r.Held() != fed {
				t.Fatalf("between events: %d bytes given out, %d held, %d fed", raw.Len(), r.Held(), fed)
			}
		}
		if raw.Len()+r.Held() != fed {
			t.Fatalf("%d bytes given out, %d held, %d fed", raw.Len(), r.Held(), fed)
		}
		for i := range buf { // the chunk is the caller's again
			buf[i] = '#'
		}
	}
	if ev, ok := r.Close(); ok {
		take(ev)
	}
	if _, ok := r.Close(); ok {
		t.Fatal("closed twice")
	}
	if want := strings.Join(chunks, ""); raw.String() != want {
		t.Fatalf("raw bytes %q of %q", raw.String(), want)
	}
	return all
}

func everyCut(t *testing.T, max int, stream string) []seen {
	t.Helper()
	whole := read(t, max, stream)
	bytewise := make([]string, len(stream))
	for i := range len(stream) {
		bytewise[i] = stream[i : i+1]
	}
	require.Equal(t, whole, read(t, max, bytewise...), "byte by byte: %q", stream)
	step := 1 + len(stream)/100
	for i := 0; i <= len(stream); i += step {
		for j := i; j <= len(stream); j += step {
			cut := read(t, max, stream[:i], stream[i:j], stream[j:])
			if fmt.Sprint(whole) != fmt.Sprint(cut) {
				require.Equal(t, whole, cut, "cut at %d and %d: %q", i, j, stream)
			}
		}
	}
	return whole
}

func ev(eventType, data, raw string) seen {
	return seen{Type: eventType, Data: data, HasData: true, Raw: raw}
}

func silent(raw string) seen { return seen{Raw: raw} }

func incomplete(s seen) seen {
	s.Incomplete = true
	return s
}

func withID(s seen, id string) seen {
	s.ID, s.HasID = id, true
	return s
}

// streams are written with LF; TestStreams reads each also with CRLF and CR.
var streams = []struct {
	note   string
	stream string
	want   []seen
}{
	{"nothing", "", nil},
	{"one event", "data: hello\n\n", []seen{ev("", "hello", "data: hello\n\n")}},
	{"OpenAI", "data: {\"a\":1}\n\ndata: [DONE]\n\n", []seen{
		ev("", `{"a":1}`, "data: {\"a\":1}\n\n"), ev("", "[DONE]", "data: [DONE]\n\n")}},
	{"Anthropic", "event: ping\ndata: {}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n", []seen{
		ev("ping", "{}", "event: ping\ndata: {}\n\n"),
		ev("message_stop", `{"type":"message_stop"}`, "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n")}},
	{"no space, one space, two spaces, tab", "data:a\ndata: b\ndata:  c\ndata:\td\n\n", []seen{
		ev("", "a\nb\n c\n\td", "data:a\ndata: b\ndata:  c\ndata:\td\n\n")}},
	{"two lines", "data: a\nevent: x\ndata: b\n\n", []seen{ev("x", "a\nb", "data: a\nevent: x\ndata: b\n\n")}},
	{"field without colon", "data\n\n", []seen{ev("", "", "data\n\n")}},
	{"two empty fields are one line feed", "data\ndata:\n\n", []seen{ev("", "\n", "data\ndata:\n\n")}},
	{"colons in the value", "data: a: b:\n\n", []seen{ev("", "a: b:", "data: a: b:\n\n")}},
	{"comment block", ": ping\n\ndata: x\n\n", []seen{silent(": ping\n\n"), ev("", "x", "data: x\n\n")}},
	{"comment in an event", "data: x\n: keep\n\n", []seen{ev("", "x", "data: x\n: keep\n\n")}},
	{"blank lines", "\n\ndata: x\n\n\n", []seen{silent("\n"), silent("\n"), ev("", "x", "data: x\n\n"), silent("\n")}},
	{"event without data", "event: x\n\ndata: y\n\n", []seen{{Type: "x", Raw: "event: x\n\n"}, ev("", "y", "data: y\n\n")}},
	{"last type counts", "event: a\nevent: b\ndata: x\n\n", []seen{ev("b", "x", "event: a\nevent: b\ndata: x\n\n")}},
	{"id", "id: 7\ndata: x\n\ndata: y\n\n", []seen{withID(ev("", "x", "id: 7\ndata: x\n\n"), "7"), ev("", "y", "data: y\n\n")}},
	{"empty id", "id\ndata: x\n\n", []seen{withID(ev("", "x", "id\ndata: x\n\n"), "")}},
	{"id with a zero byte does not count", "id: 1\nid: a\x00b\ndata: x\n\n", []seen{withID(ev("", "x", "id: 1\nid: a\x00b\ndata: x\n\n"), "1")}},
	{"unknown fields", "retry: 10\nDATA: no\n data: no\ndata : no\ndatax: no\ndat: no\ndata: yes\n\n", []seen{
		ev("", "yes", "retry: 10\nDATA: no\n data: no\ndata : no\ndatax: no\ndat: no\ndata: yes\n\n")}},
	{"byte order mark", "\uFEFFdata: x\n\n", []seen{ev("", "x", "\uFEFFdata: x\n\n")}},
	{"byte order mark and a blank line", "\uFEFF\ndata: x\n\n", []seen{silent("\uFEFF\n"), ev("", "x", "data: x\n\n")}},
	{"two byte order marks", "\uFEFF\uFEFFdata: x\n\n", []seen{silent("\uFEFF\uFEFFdata: x\n\n")}},
	{"byte order mark later", "data: a\n\n\uFEFFdata: x\n\n", []seen{ev("", "a", "data: a\n\n"), silent("\uFEFFdata: x\n\n")}},
	{"byte order mark in part", "\xEF\xBBdata: x\n\ndata: y\n\n", []seen{silent("\xEF\xBBdata: x\n\n"), ev("", "y", "data: y\n\n")}},
	{"only a byte order mark", "\uFEFF", []seen{silent("\uFEFF")}},
	{"only half a byte order mark", "\xEF\xBB", []seen{incomplete(silent("\xEF\xBB"))}},
	{"characters of several bytes", "data: é€😀\n\n", []seen{ev("", "é€😀", "data: é€😀\n\n")}},
	{"bytes that are not UTF-8", "data: \xff\x80\n\n", []seen{ev("", "\xff\x80", "data: \xff\x80\n\n")}},
	{"line separators of Unicode are none", "data: a\u2028b\u0085c\vd\n\n", []seen{ev("", "a\u2028b\u0085c\vd", "data: a\u2028b\u0085c\vd\n\n")}},
	{"no final blank line", "data: a\n\ndata: b\n", []seen{ev("", "a", "data: a\n\n"), incomplete(ev("", "b", "data: b\n"))}},
	{"no final line end", "event: e\ndata: b", []seen{incomplete(ev("e", "b", "event: e\ndata: b"))}},
	{"cut in a field name", "data: a\n\ndat", []seen{ev("", "a", "data: a\n\n"), incomplete(silent("dat"))}},
	{"HTML in place of a stream", "<html>\n<body>\n\n</html>", []seen{silent("<html>\n<body>\n\n"), incomplete(silent("</html>"))}},
}

func TestStreams(t *testing.T) {
	for _, v := range streams {
		for _, ending := range []string{"\n", "\r\n", "\r"} {
			t.Run(fmt.Sprintf("%s %q", v.note, ending), func(t *testing.T) {
				var want []seen
				for _, w := range v.want {
					w.Raw = strings.ReplaceAll(w.Raw, "\n", ending)
					want = append(want, w)
				}
				require.Equal(t, want, everyCut(t, 0, strings.ReplaceAll(v.stream, "\n", ending)))
			})
		}
	}
}

func TestMixedLineEnds(t *testing.T) {
	for _, v := range []struct {
		stream string
		want   []seen
	}{
		{"data: a\n\rdata: b\r\r\ndata: c\r\n\n", []seen{
			ev("", "a", "data: a\n\r"), ev("", "b", "data: b\r\r\n"), ev("", "c", "data: c\r\n\n")}},
		{"data: a\r\r\r\ndata: b\n\r\n", []seen{ev("", "a", "data: a\r\r"), silent("\r\n"), ev("", "b", "data: b\n\r\n")}},
		{"data: a\r\n\r", []seen{ev("", "a", "data: a\r\n\r")}},
		{"\r\n\n\r", []seen{silent("\r\n"), silent("\n"), silent("\r")}},
	} {
		require.Equal(t, v.want, everyCut(t, 0, v.stream), "%q", v.stream)
	}
}

// An event that ends in CR CR is complete there. Waiting for the LF that may
// follow would hold it back until the next event.
func TestEventIsNotHeldBackForLF(t *testing.T) {
	r := sse.NewReader(0)
	r.Feed([]byte("data: a\r\n\r"))
	ev, ok := r.Next()
	require.True(t, ok)
	require.Equal(t, "data: a\r\n\r", string(ev.Raw))
	require.Zero(t, r.Held())
	_, ok = r.Next()
	require.False(t, ok)

	r.Feed([]byte("\ndata: b\r\n\r"))
	ev, ok = r.Next()
	require.True(t, ok)
	require.Equal(t, "\ndata: b\r\n\r", string(ev.Raw))
	require.Equal(t, "b", string(ev.Data))
	_, ok = r.Next()
	require.False(t, ok)

	r.Feed([]byte("\n"))
	_, ok = r.Next()
	require.False(t, ok)
	require.Equal(t, 1, r.Held())
	ev, ok = r.Close()
	require.True(t, ok)
	require.Equal(t, sse.Event{Raw: []byte("\n")}.Raw, ev.Raw)
	require.False(t, ev.Incomplete, "the LF belongs to an event that was complete")
}

func TestLargeEvents(t *testing.T) {
	data := strings.Repeat("0123456789abcdef", 1<<16) // 1 MiB
	stream := "data: a\n\nevent: big\ndata: " + data + "\n\ndata: b\n\n"
	want := []seen{ev("", "a", "data: a\n\n"), ev("big", data, "event: big\ndata: "+data+"\n\n"), ev("", "b", "data: b\n\n")}
	for _, size := range []int{len(stream), 16 << 10, 1 << 10, 7} {
		var chunks []string
		for i := 0; i < len(stream); i += size {
			chunks = append(chunks, stream[i:min(i+size, len(stream))])
		}
		got := read(t, 0, chunks...)
		require.True(t, fmt.Sprint(want) == fmt.Sprint(got), "chunks of %d bytes", size)
	}
}

func TestOversize(t *testing.T) {
	over := func(raw string) seen { return seen{Raw: raw, Oversize: true} }
	for _, ending := range []string{"\n", "\r\n", "\r"} {
		in := func(s string) string { return strings.ReplaceAll(s, "\n", ending) }
		max := len(in("data: 12345\n\n"))
		if ending == "\r\n" {
			max-- // see Event.size
		}
		require.Equal(t, []seen{
			ev("", "12345", in("data: 12345\n\n")), over(in("data: 123456\n\n")), ev("", "a", in("data: a\n\n")),
			over(in(": a comment of some length\n: and another one\ndata: x\n\n")), silent(in("\n")), ev("", "b", in("data: b\n\n")),
		}, everyCut(t, max, in("data: 12345\n\ndata: 123456\n\ndata: a\n\n: a comment of some length\n: and another one\ndata: x\n\n\ndata: b\n\n")))
		require.Equal(t, []seen{incomplete(over(in("data: 1234567890\ndata: 123")))}, everyCut(t, max, in("data: 1234567890\ndata: 123")))
	}
}

// Bytes that were fed before all events had been taken are not lost.
func TestFeedTwice(t *testing.T) {
	r := sse.NewReader(0)
	r.Feed([]byte("data: a\n\ndata: b\n\ndata: "))
	ev, ok := r.Next()
	require.True(t, ok)
	require.Equal(t, "a", string(ev.Data))
	r.Feed([]byte("c\n\n"))
	ev, ok = r.Next()
	require.True(t, ok)
	require.Equal(t, "b", string(ev.Data))
	ev, ok = r.Next()
	require.True(t, ok)
	require.Equal(t, "c", string(ev.Data))
	_, ok = r.Next()
	require.False(t, ok)
}

// Whole events in a chunk are the chunk's own bytes, and nothing is allocated.
func TestNoCopies(t *testing.T) {
	chunk := []byte("event: x\ndata: {\"a\":1}\n\ndata: b\r\n\r\n: ping\n\n")
	r := sse.NewReader(0)
	at := 0
	r.Feed(chunk)
	for ev, ok := r.Next(); ok; ev, ok = r.Next() {
		require.Same(t, &chunk[at], &ev.Raw[0])
		at += len(ev.Raw)
	}
	require.Equal(t, len(chunk), at)
	require.Zero(t, r.Held())

	a, b := []byte("data: one\ndata: two\n\nda"), []byte("ta: three\n\ndata: four\n\n")
	require.Zero(t, testing.AllocsPerRun(100, func() {
		for _, c := range [][]byte{chunk, a, b} {
			r.Feed(c)
			for _, ok := r.Next(); ok; _, ok = r.Next() {
			}
		}
	}))
}
