package sse_test

import (
	"fmt"

	"github.com/sluice-gateway/sluice/sse"
)

// A stream comes cut anywhere. One event is taken out, one gets other data, the
// rest leaves as it came.
func Example() {
	r := sse.NewReader(0)
	var out []byte
	for _, chunk := range []string{"data: one\r\n\r\n: ping\r\n\r\nda", "ta: two\r\n\r\nid: 3\r\ndata: three\r\n\r\n", "data: cu"} {
		r.Feed([]byte(chunk))
		for ev, ok := r.Next(); ok; ev, ok = r.Next() {
			switch string(ev.Data) {
			case "two":
			case "three":
				out = sse.AppendRewritten(out, ev, []byte("THREE"))
			default:
				out = append(out, ev.Raw...)
			}
		}
		fmt.Println("held:", r.Held())
	}
	if ev, ok := r.Close(); ok {
		fmt.Printf("incomplete: %v %q\n", ev.Incomplete, ev.Raw)
	}
	out = sse.AppendEvent(out, "error", []byte("the stream broke"))
	fmt.Printf("%q\n", out)
	// Output:
	// held: 2
	// held: 0
	// held: 8
	// incomplete: true "data: cu"
	// "data: one\r\n\r\n: ping\r\n\r\nid: 3\r\ndata: THREE\r\n\r\nevent: error\ndata: the stream broke\n\n"
}
