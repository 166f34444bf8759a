package guard

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// canary is what was said and must be nowhere else.
const canary = "zq7canary4711"

// heard is an answer whose head is as it should be, up to its body.
func heard(length int) string {
	return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + strconv.Itoa(length) + "\r\n\r\n"
}

// Whatever a service does, each type of guard comes to the verdict `error`, in time and
// without a word of what was said or answered.
func TestTrouble(t *testing.T) {
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	z.Write(bytes.Repeat([]byte(`["`+canary+`"],`), 20<<20/20))
	z.Close()
	down, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, down.Close())
	echoes := func(c net.Conn, format string) {
		readRequest(c)
		fmt.Fprintf(c, format, canary)
	}
	for name, row := range map[string]struct {
		does   func(net.Conn) // nil: nobody is there
		cause  Cause
		reason string
	}{
		"down":           {nil, Failed, "no answer came"},
		"closes at once": {func(net.Conn) {}, Failed, "no answer came"},
		"never answers":  {func(c net.Conn) { io.Copy(io.Discard, c) }, TooSlow, "no whole answer in time"},
		"never ends its head": {func(c net.Conn) {
			readRequest(c)
			io.WriteString(c, "HTTP/1.1 200 OK\r\nx-a: ")
			io.Copy(io.Discard, c)
		}, TooSlow, "in time"},
		"never ends its body": {func(c net.Conn) { readRequest(c); io.WriteString(c, heard(20)+"[ "); io.Copy(io.Discard, c) }, TooSlow, "in time"},
		"answers byte by byte": {func(c net.Conn) {
			readRequest(c)
			io.WriteString(c, heard(1<<20))
			for range 1 << 20 {
				if _, err := io.WriteString(c, " "); err != nil {
					return
				}
				time.Sleep(5 * time.Millisecond)
			}
		}, TooSlow, "in time"},
		"closes its half": {func(c net.Conn) {
			readRequest(c)
			io.WriteString(c, heard(200)+`[{"entity_type":"`)
			c.(*net.TCPConn).CloseWrite()
			io.Copy(io.Discard, c)
		}, Failed, "broke off after 17 bytes"},
		"breaks off a chunk":    {func(c net.Conn) { echoes(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n%s\r\n") }, Failed, "broke off"},
		"speaks no HTTP":        {func(c net.Conn) { echoes(c, "%s\r\n\r\n") }, Failed, "no answer came"},
		"has a head like none":  {func(c net.Conn) { echoes(c, "HTTP/1.1 200 OK\r\n%s\r\n\r\n") }, Failed, "no answer came"},
		"redirects":             {func(c net.Conn) { echoes(c, "HTTP/1.1 307 No\r\nLocation: /%s\r\nContent-Length: 0\r\n\r\n") }, Failed, "status 307"},
		"redirects to nowhere":  {func(c net.Conn) { echoes(c, "HTTP/1.1 307 No\r\nLocation: http://%%zz%s\r\nContent-Length: 0\r\n\r\n") }, Failed, ""},
		"refuses":               {func(c net.Conn) { echoes(c, "HTTP/1.1 401 %[1]s\r\nContent-Length: 13\r\n\r\n%[1]s") }, Failed, "status 401"},
		"fails":                 {func(c net.Conn) { echoes(c, "HTTP/1.1 500 %[1]s\r\nContent-Length: 13\r\n\r\n%[1]s") }, Failed, "status 500"},
		"has nothing to say":    {func(c net.Conn) { echoes(c, "HTTP/1.1 204 No %s\r\n\r\n") }, Failed, "status 204"},
		"has an empty body":     {func(c net.Conn) { readRequest(c); io.WriteString(c, heard(0)) }, Failed, "0 bytes: no JSON"},
		"answers with garbage":  {func(c net.Conn) { echoes(c, heard(15)+`"%s"`) }, Failed, "not as documented"},
		"answers with a number": {func(c net.Conn) { readRequest(c); io.WriteString(c, heard(16)+"4711471147114711") }, Failed, "not as documented"},
		"answers with a page":   {func(c net.Conn) { echoes(c, heard(27)+`<html>%s</html> `) }, Failed, "no JSON from byte 1 on"},
		"answers too much": {func(c net.Conn) {
			readRequest(c)
			io.WriteString(c, heard(64<<20))
			for range 64 {
				if _, err := c.Write(bytes.Repeat([]byte(" "), 1<<20)); err != nil {
					return
				}
			}
		}, Failed, "more than 1048576 bytes"},
		"answers with a bomb": {func(c net.Conn) {
			readRequest(c)
			fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n", bomb.Len())
			c.Write(bomb.Bytes())
		}, Failed, "more than 1048576 bytes"},
		"has a long head": {func(c net.Conn) {
			readRequest(c)
			io.WriteString(c, "HTTP/1.1 200 OK\r\nx-a: "+strings.Repeat("a", 128<<10)+"\r\n\r\n[]")
		}, Failed, "no answer came"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := "http://" + down.Addr().String()
			if row.does != nil {
				url = raw(t, row.does)
			}
			limit := patience
			if row.cause == TooSlow {
				limit = 100 * time.Millisecond // a raw service has patience for 30 seconds
			}
			for kind, service := range services {
				v := ask(t, within(t, url, service, limit), Text{"user", canary}, Text{"user", "4711471147114711"})
				require.Equal(t, Error, v.Result, kind)
				require.Equal(t, row.cause, v.Err.Cause, "%s: %v", kind, v.Err)
				require.Contains(t, v.Reason, row.reason, kind)
				require.Empty(t, v.Kinds, kind)
				for _, secret := range []string{canary, "4711471147114711"} {
					require.NotContains(t, v.Err.Error(), secret, kind)
					require.NotContains(t, v.Reason, secret, kind)
				}
			}
		})
	}
}

// The caller's limit holds where it is shorter than the guard's.
func TestWithin(t *testing.T) {
	url := raw(t, func(c net.Conn) { io.Copy(io.Discard, c) })
	set := setOf(t, url, services["webhook"])
	v := set.Check(t.Context(), []string{"g"}, said, 50*time.Millisecond)[0]
	require.Equal(t, TooSlow, v.Err.Cause)
}

// Whose caller has gone is told so, and is no mark against the service.
func TestGone(t *testing.T) {
	url := raw(t, func(c net.Conn) { io.Copy(io.Discard, c) })
	set := setOf(t, url, services["webhook"])
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range 2 * absentInARow {
		require.Equal(t, Canceled, set.Check(ctx, []string{"g"}, said, 0)[0].Err.Cause)
	}
}

// One that fails again and again is left alone, and asked again after a while.
func TestHeldBack(t *testing.T) {
	var calls atomic.Int64
	var well atomic.Bool
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		calls.Add(1)
		if !well.Load() {
			w.WriteHeader(503)
		}
		io.WriteString(w, `{"result":"clean"}`)
	}))
	defer server.Close()
	set := setOf(t, server.URL, services["webhook"])
	for range absentInARow {
		require.Equal(t, "status 503", ask(t, set, said...).Reason)
	}
	v := ask(t, set, said...)
	require.Equal(t, HeldBack, v.Err.Cause)
	require.Contains(t, v.Reason, "it did not answer 5 times in a row")
	require.EqualValues(t, absentInARow, calls.Load())
	well.Store(true)
	require.Eventually(t, func() bool { return ask(t, set, said...).Result == Clean }, 20*time.Second, 50*time.Millisecond)
	require.EqualValues(t, absentInARow+1, calls.Load())
}

// One that answers, if wrongly, is asked each time: texts may be why it does.
func TestWrongAnswersAreNoAbsence(t *testing.T) {
	var calls atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if calls.Add(1)%2 == 0 {
			w.WriteHeader(500)
		}
		io.WriteString(w, `{"result":`)
	}))
	defer server.Close()
	set := setOf(t, server.URL, services["webhook"])
	for range 4 * absentInARow {
		require.Equal(t, Failed, ask(t, set, said...).Err.Cause)
	}
	require.EqualValues(t, 4*absentInARow, calls.Load())
}

// A service gets so many requests at once, so many more wait, and the rest is refused.
func TestPlacesAreBounded(t *testing.T) {
	var now, most atomic.Int64
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := now.Add(1)
		defer now.Add(-1)
		for old := most.Load(); n > old && !most.CompareAndSwap(old, n); old = most.Load() {
		}
		select {
		case <-release:
		case <-r.Context().Done():
		}
		io.WriteString(w, `{"result":"clean"}`)
	}))
	defer server.Close()
	set := setOf(t, server.URL, services["webhook"])
	const refused = 7
	results := make(chan Verdict, requestsAtOnce+requestsWaiting+refused)
	var group sync.WaitGroup
	for range cap(results) {
		group.Go(func() { results <- set.Check(t.Context(), []string{"g"}, said, 0)[0] })
	}
	require.Eventually(t, func() bool { return now.Load() == requestsAtOnce && len(results) == refused }, 20*time.Second, time.Millisecond)
	close(release)
	group.Wait()
	close(results)
	busy := 0
	for v := range results {
		if v.Result == Error {
			require.Equal(t, Busy, v.Err.Cause)
			busy++
		}
	}
	require.Equal(t, refused, busy)
	require.EqualValues(t, requestsAtOnce, most.Load())
}

// What waits for a place all its time is not the service's failure.
func TestNoPlaceInTime(t *testing.T) {
	set := within(t, raw(t, func(c net.Conn) { io.Copy(io.Discard, c) }), services["webhook"], 50*time.Millisecond)
	taken := set.guards["g"].service.(*webhook).places.taken
	for range requestsAtOnce {
		taken <- struct{}{}
	}
	for range 2 * absentInARow {
		require.Equal(t, Busy, ask(t, set, said...).Err.Cause)
	}
}

// A conversation of many texts ends with the first that fails, and asks no more.
func TestTheFirstFailureEndsIt(t *testing.T) {
	var calls atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		calls.Add(1)
		w.WriteHeader(500)
	}))
	defer server.Close()
	texts := make([]Text, 200)
	for i := range texts {
		texts[i] = Text{"user", "x"}
	}
	require.Equal(t, "status 500", ask(t, setOf(t, server.URL, services["presidio"]), texts...).Reason)
	require.Less(t, calls.Load(), int64(len(texts)/2))
}

// Offsets in code points, as Python has them, become those in bytes.
func FuzzBytesOf(f *testing.F) {
	f.Add("aé日😀", 1, 3)
	f.Add("", 0, 0)
	f.Fuzz(func(t *testing.T, text string, start, end int) {
		text = strings.ToValidUTF8(text, "�")
		from, to, ok := bytesOf(text, start, end)
		points := []rune(text)
		if want := 0 <= start && start < end && end <= len(points); want != ok {
			t.Fatal(start, end, len(points), ok)
		} else if ok && text[from:to] != string(points[start:end]) {
			t.Fatal(from, to)
		}
	})
}

// Spans that are put apart cover the bytes that they have covered, no others, and none twice.
func FuzzApart(f *testing.F) {
	f.Add([]byte{0, 1, 5, 0, 3, 8, 1, 0, 2})
	f.Fuzz(func(t *testing.T, b []byte) {
		var spans []Span
		covered := map[[2]int]bool{}
		for ; len(b) >= 3; b = b[3:] {
			s := Span{Text: int(b[0] & 1), Start: int(b[1] & 63), Kind: strconv.Itoa(int(b[2] & 3)), Score: float64(b[0]>>1) / 127}
			s.End = s.Start + 1 + int(b[2]>>2)
			spans = append(spans, s)
			for i := s.Start; i < s.End; i++ {
				covered[[2]int{s.Text, i}] = true
			}
		}
		last := Span{}
		for _, s := range apart(spans) {
			if s.Text < last.Text || s.Text == last.Text && s.Start < last.End {
				t.Fatal(last, s)
			}
			for i := s.Start; i < s.End; i++ {
				if !covered[[2]int{s.Text, i}] {
					t.Fatal(s, i)
				}
				delete(covered, [2]int{s.Text, i})
			}
			last = s
		}
		if len(covered) > 0 {
			t.Fatal(covered)
		}
	})
}

// Whatever a model says, it is safe only where it says just that.
func FuzzChatReads(f *testing.F) {
	f.Add("safe")
	f.Add("unsafe\nS1")
	f.Fuzz(func(t *testing.T, said string) {
		v, err := (&chat{}).read(said)
		word := strings.ToLower(strings.Trim(said, " \t\r\n,"))
		if clean := err == nil && !v.found; clean != (word == "safe") {
			t.Fatalf("%q: %v %v", said, v, err)
		}
		if err == nil && v.found && !strings.HasPrefix(word, "unsafe") {
			t.Fatalf("%q", said)
		}
	})
}

// Whatever a service answers, no type of guard panics, and what it tells is as is promised.
func FuzzAnswers(f *testing.F) {
	for _, seed := range []string{`[{"entity_type":"PERSON","start":0,"end":2,"score":0.9}]`, `{"results":[{"flagged":true,"categories":{"a":true},"category_scores":{"a":1}}]}`,
		`{"choices":[{"message":{"content":"unsafe\nS1"}}]}`, `{"result":"found","kinds":["a"],"reason":"b"}`} {
		f.Add([]byte(seed))
	}
	var answer atomic.Pointer[[]byte]
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.Write(*answer.Load()) }))
	defer server.Close()
	text := Text{"user", "日本 Ann"}
	sets := map[string]*Set{}
	for kind, service := range services {
		sets[kind] = setOf(f, server.URL, service)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		answer.Store(&b)
		for kind, set := range sets {
			v := ask(t, set, text)
			if v.Result != Error && !json.Valid(b) {
				t.Fatalf("%s: %q", kind, b)
			}
			for _, s := range v.Spans {
				if !strings.Contains("日本 Ann", text.Text[s.Start:s.End]) || strings.ContainsRune(text.Text[s.Start:s.End], '�') {
					t.Fatal(s)
				}
			}
			if v.Result != Found && len(v.Kinds)+len(v.Spans) > 0 {
				t.Fatal(v)
			}
		}
	})
}
