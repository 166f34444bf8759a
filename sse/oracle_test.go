package sse_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/sse"
)

var lineEnd = regexp.MustCompile("\r\n|\n|\r")

// dispatched is what the specification says that a client gets of a stream: a
// slow reading of section 9.2.6, line by line, of the whole stream.
func dispatched(stream string) (events [][2]string) {
	lines := lineEnd.Split(strings.TrimPrefix(stream, "\uFEFF"), -1)
	eventType, data := "", ""
	for _, line := range lines[:len(lines)-1] { // what no line end follows is no line
		if line == "" {
			if data != "" {
				events = append(events, [2]string{eventType, strings.TrimSuffix(data, "\n")})
			}
			eventType, data = "", ""
			continue
		}
		name, value, _ := strings.Cut(line, ":")
		value = strings.TrimPrefix(value, " ")
		switch name {
		case "event":
			eventType = value
		case "data":
			data += value + "\n"
		}
	}
	return events
}

func ofSeen(all []seen) (events [][2]string) {
	for _, s := range all {
		if s.HasData && !s.Incomplete {
			events = append(events, [2]string{s.Type, s.Data})
		}
	}
	return events
}

func FuzzReader(f *testing.F) {
	for _, v := range streams {
		for _, ending := range []string{"\n", "\r\n", "\r"} {
			f.Add(strings.ReplaceAll(v.stream, "\n", ending), uint16(3), uint16(9), uint8(0))
		}
	}
	f.Add("data: a\r\r\n\r\ndata: b\n\r\r\n", uint16(9), uint16(1), uint8(12))
	f.Fuzz(func(t *testing.T, stream string, a, b uint16, limit uint8) {
		i := int(a) % (len(stream) + 1)
		j := i + int(b)%(len(stream)-i+1)
		whole := read(t, 0, stream)
		require.Equal(t, whole, read(t, 0, stream[:i], stream[i:j], stream[j:]), "cut at %d and %d", i, j)
		require.Equal(t, dispatched(stream), ofSeen(whole))

		small := int(limit)%40 + 1
		require.Equal(t, read(t, small, stream), read(t, small, stream[:i], stream[i:j], stream[j:]),
			"limit %d, cut at %d and %d", small, i, j)
	})
}

// A rewritten event reads as the new data, with all else as it was, and so do
// the events around it.
func FuzzAppendRewritten(f *testing.F) {
	for _, v := range streams {
		for _, ending := range []string{"\n", "\r\n", "\r"} {
			f.Add(strings.ReplaceAll(v.stream, "\n", ending), "new\ndata", uint16(3))
		}
	}
	f.Add(": c\rdata: x\n\n", "y", uint16(0))
	f.Add("data: a\n: c\rdata: b\r\n\n", "", uint16(0))
	f.Fuzz(func(t *testing.T, stream, data string, a uint16) {
		i := int(a) % (len(stream) + 1)
		r := sse.NewReader(0)
		var out []byte
		var want [][2]string
		newData := strings.Join(lineEnd.Split(data, -1), "\n")
		for _, chunk := range []string{stream[:i], stream[i:]} {
			r.Feed([]byte(chunk))
			for ev, ok := r.Next(); ok; ev, ok = r.Next() {
				eventType := string(ev.Type)
				before := len(out)
				out = sse.AppendRewritten(out, ev, []byte(data))
				want = append(want, [2]string{eventType, newData})
				require.GreaterOrEqual(t, len(out)-before, len(newData))
			}
		}
		require.Equal(t, want, dispatched(string(out)), "%q", out)
	})
}

func FuzzAppendEvent(f *testing.F) {
	f.Add("message_stop", `{"type":"message_stop"}`)
	f.Add("", "a\nb\r\nc\rd\n")
	f.Add("x\ndata: y", "")
	f.Fuzz(func(t *testing.T, eventType, data string) {
		out := string(sse.AppendEvent(nil, eventType, []byte(data)))
		require.NotContains(t, out, "\r")
		wantType := strings.NewReplacer("\n", "", "\r", "").Replace(eventType)
		require.Equal(t, [][2]string{{wantType, strings.Join(lineEnd.Split(data, -1), "\n")}}, dispatched(out))
		require.Len(t, read(t, 0, out), 1)
	})
}
