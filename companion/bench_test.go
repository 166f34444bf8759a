package companion

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/companion/cache"
	"github.com/sluice-gateway/sluice/companion/compare"
	embedder "github.com/sluice-gateway/sluice/companion/embed/open"
	"github.com/sluice-gateway/sluice/companion/store/disk"
)

// BenchmarkLookup is a look-up with the real parts: the store on disk, the model and its
// memo, the comparison. "handler" is the CPU of the service alone, "loopback" the time
// between two sockets.
func BenchmarkLookup(b *testing.B) {
	model := os.Getenv("SLUICE_MODEL")
	if model == "" {
		model = "../build/model"
	}
	if _, err := os.Stat(model); err != nil {
		b.Fatal("there is no model: run `make model`")
	}
	vectors, err := embedder.Open(context.Background(), embedder.Options{Model: model})
	require.NoError(b, err)
	kept, err := disk.Open(context.Background(), b.TempDir(), disk.Options{})
	require.NoError(b, err)
	defer kept.Close()
	s := New(Config{Cache: cache.Config{Store: kept, Embedder: vectors, Compare: compare.Compare}})
	defer s.Close()
	post := func(path, body string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("POST", path, strings.NewReader(body))
		r.Header.Set("content-type", "application/json")
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		return w
	}
	for i := range 1000 {
		prompt := fmt.Sprintf("What does the error code %d of the pump in hall %d mean?", 1000+i, i%7)
		if i == 0 {
			prompt = "Who is the president of France?"
		}
		miss := post("/v1/lookup", question(prompt, ""))
		require.Equal(b, "miss", miss.Header().Get("x-sluice-cache"))
		post("/v1/store", storing(miss.Body.Bytes(), "application/json", completion(strings.Repeat("An answer of some length. ", 20))))
	}
	fresh := 0
	for _, row := range []struct {
		name, want string
		prompt     func() string
	}{
		{"exact", "hit", func() string { return "Who is the president of France?" }},
		{"semantic", "semantic-hit", func() string { return "Please tell me: who is the president of France?" }},
		{"miss", "miss", func() string { return "Who is the president of Finland?" }},
		{"fresh", "miss", func() string { // with a new vector each time
			fresh++
			return fmt.Sprintf("Who is the president of club %d?", fresh)
		}},
	} {
		body := func() string { return question(row.prompt(), "") }
		abandon := func(ticket []byte) {
			if row.want == "miss" {
				post("/v1/store", fmt.Sprintf(`{"ticket":%s,"abandon":true}`, ticket))
			}
		}
		b.Run(row.name+"/handler", func(b *testing.B) {
			b.ReportAllocs()
			began := cpu(b)
			defer func() { b.ReportMetric(float64(cpu(b)-began)/1e3/float64(b.N), "cpu-µs/op") }()
			for b.Loop() {
				w := post("/v1/lookup", body())
				if got := w.Header().Get("x-sluice-cache"); got != row.want {
					b.Fatal(got, w.Header().Get("x-sluice-reason"))
				}
				abandon(w.Body.Bytes())
			}
		})
		if row.want == "miss" {
			continue // a row's time has its abandon call in it
		}
		b.Run(row.name+"/loopback", func(b *testing.B) {
			web := httptest.NewServer(s)
			defer web.Close()
			buffer := make([]byte, 64<<10)
			var slowest time.Duration
			for b.Loop() {
				began := time.Now()
				response, err := http.Post(web.URL+"/v1/lookup", "application/json", strings.NewReader(body()))
				if err != nil {
					b.Fatal(err)
				}
				for err == nil {
					_, err = response.Body.Read(buffer)
				}
				response.Body.Close()
				slowest = max(slowest, time.Since(began))
			}
			b.ReportMetric(float64(slowest.Microseconds()), "slowest-µs")
		})
	}
}

// cpu is the time that this process has computed. On a machine that others use as well it
// says more than the time that has passed.
func cpu(b *testing.B) time.Duration {
	var usage syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
