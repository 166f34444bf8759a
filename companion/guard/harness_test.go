package guard

import (
	"bufio"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/policy"
	"github.com/sluice-gateway/sluice/policy/strict"
)

// patience is the timeout of guards that are to come to a verdict.
const patience = 20 * time.Second

// setOf is one guard, "g", that is shown what users, systems and tools say.
func setOf(t testing.TB, url string, s policy.Service) *Set {
	t.Helper()
	return within(t, url, s, patience)
}

func within(t testing.TB, url string, s policy.Service, timeout time.Duration) *Set {
	t.Helper()
	var ok bool
	s.Endpoint, ok = strict.ParseEndpoint(url)
	require.True(t, ok, url)
	set, err := New([]policy.ExternalGuard{{Name: "g", Roles: []string{"system", "user", "tool"}, Timeout: timeout, Service: s}},
		func(name string) string { return map[string]string{"KEY": "secret-key"}[name] })
	require.NoError(t, err)
	return set
}

// services is one of each type.
var services = map[string]policy.Service{
	"presidio":   {Type: policy.Presidio, Entities: []string{"PERSON"}, Language: "en", MinScore: 0.5},
	"moderation": {Type: policy.Moderation, Model: "omni-moderation-latest", MinScore: 0.5},
	"chat":       {Type: policy.Chat, Model: "llama-guard3"},
	"webhook":    {Type: policy.Webhook},
}

// serve is a service that answers as it is told, once it has seen that it was asked as is documented.
func serve(t testing.TB, path string, answer func(asked map[string]any) string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		var asked map[string]any
		if err == nil {
			err = json.Unmarshal(body, &asked)
		}
		if err != nil || r.Method != "POST" || r.URL.Path != path || r.URL.RawQuery != "" || r.Header.Get("content-type") != "application/json" {
			t.Errorf("%v, or another call than is documented: %s %s %v", err, r.Method, r.URL, r.Header)
		}
		w.Header().Set("content-type", "application/json")
		io.WriteString(w, answer(asked))
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// raw is a service that does with its connections what it is told.
func raw(t testing.TB, does func(net.Conn)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				c.SetDeadline(time.Now().Add(30 * time.Second))
				does(c)
			}()
		}
	}()
	return "http://" + listener.Addr().String()
}

// readRequest reads a request whole.
func readRequest(c net.Conn) []byte {
	r, err := http.ReadRequest(bufio.NewReader(c))
	if err != nil {
		return nil
	}
	b, _ := io.ReadAll(r.Body)
	return b
}
