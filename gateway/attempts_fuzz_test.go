package gateway_test

import (
	"encoding/json"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/budget"
	"github.com/sluice-gateway/sluice/gateway"
)

// FuzzAttempts has a host bring the events of a request and its attempts in any order, of
// attempts that are over too: nothing panics, and whatever happened is settled once, within
// what there is.
func FuzzAttempts(f *testing.F) {
	f.Add([]byte{0, 0, 1, 2, 3, 4, 5, 6, 7})
	f.Add([]byte{1, 0, 10, 20, 21, 22, 40, 41, 0, 10, 30, 50})
	f.Add([]byte{2, 0, 10, 21, 33, 60, 0, 11, 22, 70, 80, 90, 3, 4})
	f.Add([]byte{3, 0, 70, 12, 80, 0, 10, 52, 31, 80, 41})
	bodies := []string{asksFor("pair", false), asksFor("pair", true), asksFor("mixed", true), asksFor("long", false)}
	pieces := []string{roleOnly, chunk1 + null, chunk3 + null + usage1, done, "data: " + ourError + "\n\n", claudeStart, claudeText, claudeEnd, goodBody, goodBody[:40], emptyBody, ""}
	headers := []gateway.Headers{
		{{":status", "200"}, {"content-type", "application/json"}}, {{":status", "200"}, {"content-type", "text/event-stream"}},
		{{":status", "500"}}, {{":status", "429"}, {"retry-after", "1"}}, {{":status", "200"}, {"content-type", "text/html"}}, {{":status", "400"}, {"content-type", "application/json"}},
		{{":status", "503"}, {gateway.RetryHeader, "1"}}, {},
	}
	f.Fuzz(func(t *testing.T, steps []byte) {
		if len(steps) == 0 || len(steps) > 200 {
			return
		}
		w := newWorld(t, several)
		c := w.post(chat, bodies[steps[0]%4])
		var attempts []*gateway.Attempt
		var sizes []int
		var held [][]byte
		for _, step := range steps[1:] {
			w.now += int64(step) * 7
			arg := int(step / 10)
			of := len(attempts) - 1 - arg%3
			if of < 0 {
				of = len(attempts) - 1
			}
			piece := pieces[arg%len(pieces)]
			shown := []byte(piece)
			if of >= 0 {
				held[of] = append(held[of], piece...)
				shown = held[of]
				sizes[of] = len(shown)
			}
			read := func(from, size int) []byte { return shown[min(from, len(shown)):min(from+size, len(shown))] }
			if of < 0 && step%10 >= 1 && step%10 <= 5 {
				continue
			}
			switch step % 10 {
			case 0:
				n := len(attempts) + 1 + arg%2
				if a, _ := c.request.Attempt(w.now, n, []string{"first", "second", "claude", "theirs"}[arg%4]); a != nil {
					attempts, sizes, held = append(attempts, a), append(sizes, 0), append(held, nil)
				}
			case 1:
				attempts[of].Body(len(c.body), arg%2 == 0, c.read)
			case 2:
				held[of] = nil
				attempts[of].ResponseHeaders(w.now, headers[arg%len(headers)], arg%5 == 4)
			case 3:
				attempts[of].ResponseBody(w.now, len(shown), arg%2 == 0, read)
			case 4:
				attempts[of].ResponseEnd(w.now, len(shown), read)
			case 5:
				if arg%4 == 3 {
					attempts[of].Panicked(w.now)
				}
				attempts[of].Done(w.now)
			case 6:
				c.request.ResponseHeaders(w.now, headers[arg%len(headers)], arg%5 == 4)
			case 7:
				shown = []byte(piece)
				c.request.ResponseBody(w.now, len(shown), arg%2 == 0, read)
			case 8:
				c.request.ResponseEnd(w.now, 0, read)
			case 9:
				c.request.Overdue(w.now)
			}
		}
		report := c.request.Done(w.now, len(steps)%2 == 0)
		var r record
		require.NoError(t, json.Unmarshal(report.Record, &r))
		sum := int64(0)
		for _, a := range r.Attempts {
			sum += a.Tokens
		}
		if len(r.Attempts) == 0 { // the host has answered itself
			sum = r.Tokens.Input + r.Tokens.Output
		}
		require.Len(t, r.Budgets, 1)
		require.Equal(t, strconv.FormatInt(sum, 10), r.Budgets[0].Settled.String(), "%s", report.Record)
		require.Equal(t, strconv.FormatInt(100000-sum, 10), r.Budgets[0].Remaining.String(), "%s", report.Record)
		require.LessOrEqual(t, sum, budget.MaxAmount)
		for _, a := range attempts { // late events change nothing any more
			a.Done(w.now)
		}
	})
}
