package normal_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/policy"
	"github.com/sluice-gateway/sluice/policy/normal"
	"github.com/sluice-gateway/sluice/policy/source"
)

var update = flag.Bool("update", false, "write testdata/every-field.json anew")

// filler gives each field of a policy a value that no other has.
type filler struct{ n int64 }

func (f *filler) fill(v reflect.Value) {
	f.n++
	switch v.Kind() {
	case reflect.String:
		v.SetString(strings.Repeat("x\"\\\n\u00e9\U0001f600", int(f.n%3)) + "_" + time.Duration(f.n).String())
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		n := f.n
		if v.Type() == reflect.TypeFor[time.Duration]() {
			n *= int64(time.Millisecond)
		}
		v.SetInt(n)
	case reflect.Float64:
		v.SetFloat(float64(f.n) / 1e6)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		f.fill(v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 3, 3))
		for i := range 3 {
			f.fill(v.Index(i))
		}
		if places, ok := v.Interface().([]int); ok {
			copy(places, []int{0, 2, 1})
		}
	case reflect.Struct:
		for i := range v.NumField() {
			f.fill(v.Field(i))
		}
	default:
		panic(v.Type().String())
	}
}

// filled is a policy in which no field is what it would be when left out.
func filled() *policy.Policy {
	p := &policy.Policy{}
	(&filler{}).fill(reflect.ValueOf(p).Elem())
	return p
}

func TestEveryFieldComesBack(t *testing.T) {
	for _, p := range []*policy.Policy{filled(), {}, example(t)} {
		text := normal.Append(nil, p)
		require.True(t, json.Valid(text))
		back, err := normal.Read(text)
		require.NoError(t, err)
		require.Equal(t, p, back)
		require.Equal(t, string(text), string(normal.Append(nil, back)))
	}
}

// TestEachFieldIsWritten: no field has the place of another, and a flag is not lost where
// it is false.
func TestEachFieldIsWritten(t *testing.T) {
	var change func(v reflect.Value, try func())
	change = func(v reflect.Value, try func()) {
		old := reflect.New(v.Type()).Elem()
		old.Set(v)
		switch v.Kind() {
		case reflect.Struct:
			for i := range v.NumField() {
				change(v.Field(i), try)
			}
			return
		case reflect.Slice:
			change(v.Index(1), try)
			v.Set(v.Slice(0, 2))
		case reflect.Pointer:
			change(v.Elem(), try)
			v.SetZero()
		default:
			v.SetZero()
		}
		try()
		v.Set(old)
	}
	p := filled()
	full := normal.Append(nil, p)
	seen := map[string]bool{string(full): true}
	change(reflect.ValueOf(p).Elem(), func() {
		text := normal.Append(nil, p)
		require.False(t, seen[string(text)])
		seen[string(text)] = true
		if back, err := normal.Read(text); err == nil { // a rule's target may be out of its place now
			require.Equal(t, p, back)
		}
	})
	require.Greater(t, len(seen), 130)
	require.Equal(t, full, normal.Append(nil, p))
}

// TestAnyOrder: configuration servers sort the members, and write them with spaces.
func TestAnyOrder(t *testing.T) {
	var tree any
	decoder := json.NewDecoder(bytes.NewReader(normal.Append(nil, filled())))
	decoder.UseNumber()
	require.NoError(t, decoder.Decode(&tree))
	sorted, err := json.MarshalIndent(tree, " ", "\t")
	require.NoError(t, err)
	back, err := normal.Read(sorted)
	require.NoError(t, err)
	require.Equal(t, filled(), back)
}

const another = `the policy was rendered by another version of sluice`

// TestNothingLessAndNothingMore: without any one of its members, with one more, or with
// another kind of value, a policy is none.
func TestNothingLessAndNothingMore(t *testing.T) {
	tried := 0
	refused := func(root any, about string) {
		text, err := json.Marshal(root)
		require.NoError(t, err)
		tried++
		_, err = normal.Read(text)
		require.ErrorContains(t, err, another, about)
		require.ErrorContains(t, err, ": render it again with the sluice that this module came with", about)
	}
	var root any
	require.NoError(t, json.Unmarshal(normal.Append(nil, filled()), &root))
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			v["other"] = 1
			refused(root, "other")
			delete(v, "other")
			for name, value := range v {
				delete(v, name)
				refused(root, "without "+name)
				v[name+"s"] = value
				refused(root, "misspelt "+name)
				delete(v, name+"s")
				for _, wrong := range []any{1.5, map[string]any{}, "9x"} {
					if _, isText := value.(string); isText && wrong == "9x" {
						continue
					}
					v[name] = wrong
					refused(root, "wrong "+name)
				}
				v[name] = value
				walk(value)
			}
		case []any:
			walk(v[0])
		}
	}
	walk(root)
	require.Greater(t, tried, 500)
}

func TestErrors(t *testing.T) {
	good := string(normal.Append(nil, filled()))
	for text, want := range map[string]string{
		"":   "the policy: jsontree: at byte 0: want a value",
		"{}": another + `, or by none (at "format"): render it again with the sluice that this module came with`,
		"[]": another + `, or by none (at "policy"): render it again with the sluice that this module came with`,
		strings.Replace(good, `"format":5`, `"format":4`, 1): another + ` (format 4, and this module reads 5): render it again with the sluice that this module came with`,
		strings.Replace(good, `"format":5,`, ``, 1):          another + `, or by none (at "format"): render it again with the sluice that this module came with`,
		strings.Replace(good, `"limits":`, `"bounds":`, 1):   another + `, or by none (at "limits"): render it again with the sluice that this module came with`,
		strings.Replace(good, `[0,2,1]`, `[0,2,3]`, 1):       another + `, or by none (at "targets"): render it again with the sluice that this module came with`,
		strings.Replace(good, `[0,2,1]`, `[0,2,-1]`, 1):      another + `, or by none (at "targets"): render it again with the sluice that this module came with`,
		`{"version":1,"providers":{"openai":{"dialect":"openai","endpoint":"https://api.openai.com"}},"default_provider":"openai"}`: another + `, or by none (at "format"): render it again with the sluice that this module came with`,
	} {
		_, err := normal.Read([]byte(text))
		require.EqualError(t, err, want, text)
	}
}

// TestGolden is the format itself. Who changes it raises Format.
func TestGolden(t *testing.T) {
	const file = "testdata/every-field.json"
	var got bytes.Buffer
	require.NoError(t, json.Indent(&got, normal.Append(nil, example(t)), "", "  "))
	got.WriteByte('\n')
	if *update {
		require.NoError(t, os.WriteFile(file, got.Bytes(), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(want), got.String())
}

func example(t testing.TB) *policy.Policy {
	p, err := source.Load("../source/testdata/every-field.yaml")
	require.NoError(t, err)
	return p
}

// FuzzRead: no text makes it panic, and what is read is written as it was.
func FuzzRead(f *testing.F) {
	f.Add(normal.Append(nil, filled()))
	f.Add(normal.Append(nil, &policy.Policy{}))
	f.Add(normal.Append(nil, example(f)))
	f.Add([]byte(`{"format":1,"models":[{"targets":[{}],"rules":[{"targets":[0]}]}],"cache":{"judge":{}}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := normal.Read(text)
		if err != nil {
			require.Nil(t, p)
			return
		}
		again, err := normal.Read(normal.Append(nil, p))
		require.NoError(t, err)
		require.Equal(t, p, again)
		require.Equal(t, slices.Equal(text, normal.Append(nil, p)), slices.Equal(text, normal.Append(nil, again)))
	})
}
