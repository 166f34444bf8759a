package normal

import (
	"encoding/binary"
	"encoding/json"
	"hash/crc32"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// kept is what the fixtures have.
var kept = map[string]Answer{
	"testdata/text.v1": {Model: "gpt-4o-2024-08-06", Text: "Zürich <b> 漢字\n\"quoted\" \u2028 😀", End: Stop, StopSequence: "END",
		Usage: Usage{Known: true, Input: 1200, Output: 34, Cached: 1024, Written: 100, Reasoning: 5}},
	"testdata/calls.v1": {Model: "claude-haiku-4-5-20251001", Calls: []Call{{"get_weather", `{"city":"Zürich","days":1.50}`}, {"get_time", "{}"}}, End: ToolCalls,
		Usage: Usage{Known: true, Input: 9}},
}

// TestVersion1: answers that the first release stored are read by this one, whatever it
// stores itself.
func TestVersion1(t *testing.T) {
	for name, want := range kept {
		b, err := os.ReadFile(name)
		require.NoError(t, err)
		a, err := Unmarshal(b)
		require.NoError(t, err, name)
		require.Equal(t, &want, a)

		// While version 1 is what is written, it is written as it was.
		again, err := a.Marshal()
		require.NoError(t, err)
		require.Equal(t, string(b), string(again))
	}
}

// TestUnknownVersion: what a later release stored is told apart from what is damaged.
func TestUnknownVersion(t *testing.T) {
	b, err := os.ReadFile("testdata/text.v1")
	require.NoError(t, err)
	for v := range 256 {
		b[len(magic)] = byte(v)
		_, err = Unmarshal(b)
		if v == version {
			require.NoError(t, err)
			continue
		}
		var unknown *UnknownVersion
		require.ErrorAs(t, err, &unknown)
		require.EqualValues(t, v, unknown.Version)
	}
}

// TestDamaged: no part of a stored answer is taken for one, nor one with a bit changed.
func TestDamaged(t *testing.T) {
	for name := range kept {
		b, err := os.ReadFile(name)
		require.NoError(t, err)
		for n := range len(b) {
			_, err := Unmarshal(b[:n])
			require.ErrorIs(t, err, ErrCorrupt, "%s: %d bytes", name, n)
		}
		_, err = Unmarshal(append(b[:len(b):len(b)], ' '))
		require.ErrorIs(t, err, ErrCorrupt)
		for bit := range 8 * len(b) {
			b[bit/8] ^= 1 << (bit % 8)
			_, err := Unmarshal(b)
			require.Error(t, err, "%s: bit %d", name, bit)
			b[bit/8] ^= 1 << (bit % 8)
		}
	}
}

// sealed is a stored answer with a sum that is right.
func sealed(text string) []byte {
	b := append([]byte(magic), version, 0, 0, 0, 0)
	b = append(b, text...)
	binary.BigEndian.PutUint32(b[header-4:], crc32.Checksum(b[header:], castagnoli))
	return b
}

// TestPoisoned: bytes whose sum is right, and that say what no answer says, are none.
func TestPoisoned(t *testing.T) {
	const good = `{"model":"m","text":"a","end":"stop","usage":{"input":1,"output":2}}`
	_, err := Unmarshal(sealed(good))
	require.NoError(t, err)
	for _, edit := range [][2]string{
		{`"m"`, `""`}, {`"a"`, `""`}, {`"a"`, `" "`}, {`"stop"`, `"length"`}, {`"stop"`, `""`}, {`"stop"`, `"tool_calls"`}, {`"output":2`, `"output":-2`}, {`"output":2`, `"output":1e99`}, {`"output":2`, `"output":1073741825`},
		{`"output":2`, `"output":2,"reasoning":3`}, {`"output":2`, `"output":2,"cached":2`}, {`"end"`, `"unheard_of":1,"end"`}, {`"end"`, `"calls":[{"name":"f","arguments":"x"}],"end"`}, {`"end"`, `"calls":[{"name":"f","arguments":"{ }"}],"end"`},
		{`"end"`, `"calls":[{"name":"","arguments":"{}"}],"end"`}, {`"end":"stop"`, `"end":"tool_calls","calls":[{"name":"f","arguments":"{}"}],"stop_sequence":"x"`}, {`}}`, `}} {}`}, {`}}`, `}`}, {good, `null`}, {good, `[]`}, {good, ``},
	} {
		require.Equal(t, 1, strings.Count(good, edit[0]), edit[0])
		_, err := Unmarshal(sealed(strings.Replace(good, edit[0], edit[1], 1)))
		require.Error(t, err, edit[1])
	}
	for _, a := range []Answer{{}, {Model: "m", Text: "a", End: Stop}, {Model: "m", Text: "\xff", End: Stop, Usage: Usage{Known: true}}, {Model: "m", Calls: []Call{{"f", "{}\n"}}, End: ToolCalls, Usage: Usage{Known: true}}} {
		_, err := a.Marshal()
		require.Error(t, err, "%+v", a)
	}
}

// Whatever is read from a store is an error or an answer that can be given.
func FuzzUnmarshal(f *testing.F) {
	for name := range kept {
		b, err := os.ReadFile(name)
		require.NoError(f, err)
		f.Add(b, false)
		f.Add(b[header:], true)
	}
	f.Fuzz(func(t *testing.T, b []byte, seal bool) {
		if seal {
			b = sealed(string(b))
		}
		a, err := Unmarshal(b)
		if err != nil {
			require.Nil(t, a)
			return
		}
		again, err := a.Marshal()
		require.NoError(t, err)
		same, err := Unmarshal(again)
		require.NoError(t, err)
		require.Equal(t, a, same)
		everyReplay(t, a)
	})
}

// everyReplay holds that an answer comes back from each way to give it.
func everyReplay(t *testing.T, a *Answer) {
	for _, d := range deliveries {
		contentType, body := Replay(d, a, Fresh{ID: "x"})
		require.True(t, d.Stream || json.Valid(body))
		got, err := ReadAnswer(d.API, contentType, body)
		require.NoError(t, err, "%s", body)
		require.Equal(t, carried(*a, d), got, "%s", body)
	}
}
