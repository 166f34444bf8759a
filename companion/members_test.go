package companion

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzMembers holds the walk over a text to encoding/json's own, token by token.
func FuzzMembers(f *testing.F) {
	for _, text := range []string{
		`{}`, ` { "a" : 1 , "b":"x\\\"}" ,"a":null}`, `{"a":{"b":[{"c":1,"c":2}],"b":true}}`, `{"request":{"a":1,"a":2},"a":-1.5e3}`, `[{"a":1,"a":2}]`,
		`{"identity":{"A":1,"a":2},"ſ":1,"s":2}`, `{"\u0061":1,"a":[]}`, `{"":{"":{}},"x":"\\"}`, "{\"a\xff\":1,\"a\ufffd\":2}", `"{"`, `{"A":{},"a":0}`, "{\"\xa9\":{\"A\":0,\"A\":0}}",
		strings.Repeat(`{"a":`, 16) + `{}` + strings.Repeat(`}`, 16), strings.Repeat(`{"a":`, 15) + `{}` + strings.Repeat(`}`, 15), `{"` + strings.Repeat("a.", 30) + `":{}}`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if !json.Valid(text) {
			return
		}
		want, got := slowly(text, "", "request", 1), unambiguous(text, "request")
		require.Equal(t, fmt.Sprint(want), fmt.Sprint(got), "%s", text)
	})
}

// slowly is unambiguous with encoding/json's eyes.
func slowly(object []byte, path, elsewhere string, depth int) error {
	if object = bytes.TrimSpace(object); object[0] != '{' {
		return nil
	}
	if depth > 16 {
		return fmt.Errorf("the member %.60q is in more than 16 objects", path)
	}
	dec := json.NewDecoder(bytes.NewReader(object))
	dec.Token()
	seen := map[string]bool{}
	for dec.More() {
		token, err := dec.Token()
		if err != nil {
			return err
		}
		name := token.(string)
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return err
		}
		same := name
		if path != "identity." {
			same = strings.ToLower(strings.ToUpper(name))
		}
		if seen[same] {
			return fmt.Errorf("the member %.60q is there twice", path+name)
		}
		seen[same] = true
		if path+name != elsewhere {
			if err := slowly(value, path+name+".", elsewhere, depth+1); err != nil {
				return err
			}
		}
	}
	return nil
}
