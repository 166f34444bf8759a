package jsonscan_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/jsonscan"
)

func TestEventsInOrder(t *testing.T) {
	got := everyCut(t, jsonscan.Options{}, nil, `{"a":[1,"x\ny"], "":{}}`)
	require.NoError(t, got.Err)
	require.Equal(t, []string{
		`begin object path=0 depth=0 index=0 key=- member=-1 [0,-1) len=0 ""`,
		`begin array path=0 depth=1 index=0 key="a" member=1 [5,-1) len=0 ""`,
		`number path=0 depth=2 index=0 key=- member=-1 [6,7) len=0 "1"`,
		`begin string path=0 depth=2 index=1 key=- member=-1 [8,-1) len=0 ""`,
		`end string path=0 depth=2 index=1 key=- member=-1 [8,14) len=0 "x\ny"`,
		`end array path=0 depth=1 index=0 key="a" member=1 [5,15) len=2 ""`,
		`begin object path=0 depth=1 index=1 key="" member=17 [20,-1) len=0 ""`,
		`end object path=0 depth=1 index=1 key="" member=17 [20,22) len=0 ""`,
		`end object path=0 depth=0 index=0 key=- member=-1 [0,23) len=2 ""`,
	}, got.Lines)
}

func TestRawAndSkip(t *testing.T) {
	const text = `{"r":{"a": [1, "\u0041", {}]},"s":{"a":[1]},"t":"x\n","n":"q"}`
	got := everyCut(t, jsonscan.Options{}, map[string]bool{"r": true, "s": false, "t": true, "n": false}, text)
	require.NoError(t, got.Err)
	require.Equal(t, []string{
		`begin object path=0 depth=0 index=0 key=- member=-1 [0,-1) len=0 ""`,
		`begin object path=0 depth=1 index=0 key="r" member=1 [5,-1) len=0 ""`,
		`end object path=0 depth=1 index=0 key="r" member=1 [5,29) len=1 "{\"a\": [1, \"\\u0041\", {}]}"`,
		`begin object path=0 depth=1 index=1 key="s" member=30 [34,-1) len=0 ""`,
		`end object path=0 depth=1 index=1 key="s" member=30 [34,43) len=1 ""`,
		`begin string path=0 depth=1 index=2 key="t" member=44 [48,-1) len=0 ""`,
		`end string path=0 depth=1 index=2 key="t" member=44 [48,53) len=0 "\"x\\n\""`,
		`begin string path=0 depth=1 index=3 key="n" member=54 [58,-1) len=0 ""`,
		`end string path=0 depth=1 index=3 key="n" member=54 [58,61) len=0 ""`,
		`end object path=0 depth=0 index=0 key=- member=-1 [0,62) len=4 ""`,
	}, got.Lines)

	for _, inside := range []string{`{"a":1,"a":2}`, `["` + "\xff" + `"]`, `[01]`} {
		for _, raw := range []bool{true, false} {
			got := everyCut(t, jsonscan.Options{}, map[string]bool{"v": raw}, `{"v":`+inside+`}`)
			require.Error(t, got.Err, "a value that is passed over is checked all the same: %s", inside)
		}
	}
}

func TestPaths(t *testing.T) {
	paths := jsonscan.NewPaths(map[string]int{
		"model":                     1,
		"messages[].content":        2,
		"messages[].content[].text": 3,
		"tools[].**":                4,
		"tools[].function.name":     5,
		"tools[].a.b.c":             6,
		"m[][]":                     7,
		"":                          8,
	})
	const text = `{"model":"m","x":{"model":1},"messages":[{"role":"user","content":"a"},` +
		`{"content":[{"text":"b","z":0},{"text":{"y":1}},5]}],"tools":[{"function":{"name":"f","p":[{"q":1}]},"a":{"b":{"c":1,"d":2}}},3],` +
		`"m":[[1],2,[{"x":3}]]}`
	var got []string
	h := jsonscan.HandlerFunc(func(e *jsonscan.Event) error {
		if e.End >= 0 && e.Kind != jsonscan.StringChunk {
			got = append(got, strconv.Itoa(e.Path)+" "+text[e.Start:e.End])
		}
		return nil
	})
	require.NoError(t, jsonscan.Scan([]byte(text), h, jsonscan.Options{Paths: paths}))
	require.Equal(t, []string{
		`1 "m"`,
		`2 "a"`,
		`3 "b"`,
		`3 {"y":1}`,
		`2 [{"text":"b","z":0},{"text":{"y":1}},5]`,
		`5 "f"`,
		`4 1`, `4 {"q":1}`, `4 [{"q":1}]`,
		`4 {"name":"f","p":[{"q":1}]}`,
		`6 1`, `4 2`, `4 {"c":1,"d":2}`, `4 {"b":{"c":1,"d":2}}`,
		`7 1`, `7 {"x":3}`,
		"8 " + text,
	}, got)
	everyCut(t, jsonscan.Options{Paths: paths}, nil, text)
}

func TestPathsRefused(t *testing.T) {
	for _, pattern := range []string{".", "a.", ".a", "a..b", "a[", "a[]b", "a]", "a[0]", "**.a", "a.**[]", "a.**.", "a.[]"} {
		require.Panics(t, func() { jsonscan.NewPaths(map[string]int{pattern: 1}) }, pattern)
	}
}

func TestHandlerStops(t *testing.T) {
	stop := errors.New("enough")
	events := 0
	s := jsonscan.New(jsonscan.HandlerFunc(func(e *jsonscan.Event) error {
		if events++; e.Kind == jsonscan.Number {
			return stop
		}
		return nil
	}), jsonscan.Options{})
	require.ErrorIs(t, s.Write([]byte(`[1,2,3]`)), stop)
	require.ErrorIs(t, s.Write([]byte(`]`)), stop)
	require.ErrorIs(t, s.Close(), stop)
	require.Equal(t, 2, events)
}

func TestErrorText(t *testing.T) {
	err := jsonscan.Scan([]byte(`{"a":[{"b c":01}]}`), &recorder{}, jsonscan.Options{})
	require.EqualError(t, err, `json: byte 14, a[0]["b c"]: a digit after a leading zero`)
	err = jsonscan.Scan([]byte(`{"`+strings.Repeat("n", 100)+`":}`), &recorder{}, jsonscan.Options{})
	require.EqualError(t, err, `json: byte 104, `+strings.Repeat("n", 64)+`…: '}' where a value is needed`)
}

func TestClose(t *testing.T) {
	s := jsonscan.New(&recorder{}, jsonscan.Options{})
	require.NoError(t, s.Write([]byte("12")))
	require.NoError(t, s.Close())
	require.NoError(t, s.Close())
	require.EqualError(t, s.Write([]byte(" ")), "json: write after close")

	s.Reset(&recorder{})
	require.Error(t, s.Write([]byte(`{"a":{"b":nul}}`)))
	r := &recorder{}
	s.Reset(r)
	require.NoError(t, s.Write([]byte(`{"b":1}`)))
	require.NoError(t, s.Close())
	require.Len(t, r.lines, 3)
}

// A scanner that was reset, wherever its last text was broken off, is like a new one.
func TestReset(t *testing.T) {
	const last = `{"raw":[{"a":"é\ud83d\ude00\u00e9"},-12.5e3,true],"skip":{"b":[null]},"text":"a\\nb\ud83d","n":[0,[1]]}`
	wanted := map[string]bool{"raw": true, "skip": false}
	for _, next := range []string{`{"text":"é\u00e9","raw":{"a":1},"n":[false,-0.5]}`, `["\ude00",{"text":12}]`, `12`, `"\\"`, `nul`, `1.`, `{"a":1,"a":2}`, ` `} {
		fresh := record(jsonscan.Options{}, wanted, next)
		for broken := range len(last) + 1 {
			s := jsonscan.New(&recorder{raw: wanted}, jsonscan.Options{})
			require.NoError(t, s.Write([]byte(last[:broken])))
			r := &recorder{raw: wanted}
			s.Reset(r)
			_ = s.Write([]byte(next))
			require.Equal(t, fresh, recording{r.lines, s.Close()}, "%q after %q", next, last[:broken])
		}
	}
}

func TestLimits(t *testing.T) {
	o := jsonscan.Options{MaxDepth: 3, MaxKeys: 4, MaxKeyBytes: 6}
	for _, v := range []struct{ text, problem string }{
		{`[[[]]]`, ""},
		{`[[[[]]]]`, "json: byte 3, [0][0][0]: nested deeper than 3 objects and arrays"},
		{`[{"a":0,"b":0,"c":0,"d":0},{"a":0,"b":0,"c":0,"d":0}]`, ""},
		{`{"a":{"b":0,"c":{"d":0}}}`, ""},
		{`{"a":{"b":0,"c":{"d":0}},"e":{"f":0,"g":0}}`, ""},
		{`{"a":{"b":0,"c":{"d":0,"e":0}}}`, "json: byte 23, a.c: more than 4 members in open objects"},
		{`[{"abc":{"def":0}},{"abcdef":0}]`, ""},
		{`{"abc":{"defg":0}}`, "json: byte 8, abc: more than 6 bytes of member names in open objects"},
	} {
		got := everyCut(t, o, nil, v.text)
		if v.problem == "" {
			require.NoError(t, got.Err, v.text)
		} else {
			require.EqualError(t, got.Err, v.problem, v.text)
		}
	}
}

// Names in the orders and shapes that trouble trees and hash tables.
func TestManyNames(t *testing.T) {
	const n = 100_000
	random := rand.New(rand.NewPCG(1, 2))
	for shape, name := range map[string]func(i int) string{
		"counted":   func(i int) string { return "name" + strconv.Itoa(i) },
		"backward":  func(i int) string { return fmt.Sprintf("%08d", n-i) },
		"shuffled":  func(i int) string { return strconv.Itoa(i*7919%1_000_003) + "x" },
		"long":      func(i int) string { return strings.Repeat("same beginning ", 2) + strconv.Itoa(i) },
		"one apart": func(i int) string { return strings.Repeat("a", i%400) + strconv.Itoa(i/400) },
		"random":    func(i int) string { return strconv.FormatUint(random.Uint64(), 36) },
	} {
		var text bytes.Buffer
		var third string
		for i := range n {
			k := name(i)
			if i == n/3 {
				third = k
			}
			text.WriteString(`,"` + k + `":0`)
		}
		o := jsonscan.Options{MaxKeyBytes: 1 << 26}
		body := append(text.Bytes(), '}')
		body[0] = '{'
		ends := 0
		h := jsonscan.HandlerFunc(func(e *jsonscan.Event) error { ends = e.Len; return nil })
		require.NoError(t, jsonscan.Scan(body, h, o), shape)
		require.Equal(t, n, ends, shape)

		body[len(body)-1] = ','
		body = append(body, `"`+third+`":0}`...)
		var e *jsonscan.Error
		require.ErrorAs(t, jsonscan.Scan(body, h, o), &e, shape)
		first := bytes.Index(body, []byte(`"`+third+`":`))
		require.Equal(t, "the same name as at byte "+strconv.Itoa(first)+" of the same object; readers differ in which of the two counts", e.Problem, shape)
	}
}

// The tree of names against a map, with objects opened and closed in between.
func TestNamesAgainstMap(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 3000 {
		var text bytes.Buffer
		twice := false
		var object func(depth int)
		object = func(depth int) {
			seen := map[string]bool{}
			text.WriteByte('{')
			for i := range random.IntN(12) {
				if i > 0 {
					text.WriteByte(',')
				}
				var name []byte
				for range random.IntN(7) {
					name = append(name, "ab\x7f"[random.IntN(3)])
				}
				twice = twice || seen[string(name)]
				seen[string(name)] = true
				text.WriteString(`"` + string(name) + `":`)
				if depth < 3 && random.IntN(4) == 0 {
					object(depth + 1)
				} else {
					text.WriteByte('0')
				}
			}
			text.WriteByte('}')
		}
		object(0)
		err := jsonscan.Scan(text.Bytes(), &recorder{}, jsonscan.Options{})
		require.Equal(t, twice, err != nil, "%s: %v", text.String(), err)
	}
}

func TestNoAllocations(t *testing.T) {
	body := chatBody(20_000)
	h := jsonscan.HandlerFunc(func(*jsonscan.Event) error { return nil })
	s := jsonscan.New(h, jsonscan.Options{})
	scan := func() {
		s.Reset(h)
		for i := 0; i < len(body); i += 1000 {
			if err := s.Write(body[i:min(i+1000, len(body))]); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	scan()
	require.Zero(t, testing.AllocsPerRun(20, scan))
}
