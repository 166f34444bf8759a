package cache

import (
	"time"

	"github.com/sluice-gateway/sluice/companion/compare"
	"github.com/sluice-gateway/sluice/companion/embed"
	"github.com/sluice-gateway/sluice/companion/store"
)

// Config is what an engine works with.
type Config struct {
	Store    store.Store
	Embedder embed.Embedder // nil = exact hits only
	Compare  func(entry, asked string) compare.Verdict
	ToEmbed  func(prompt string) string // form that is embedded, of the kind compare.EmbedForm; nil = as it stands
	Asker    Asker                      // of the judge; nil = none
	Observer Observer                   // nil = nobody looks
	Seal     []byte                     // key of the entries' seals; see seal.go
	Limits   Limits
	Now      func() time.Time // nil = the system's clock
}

// Limits bound every step and everything that waits. Zero takes the default, which is given
// here.
type Limits struct {
	Get     time.Duration // 100ms: the store's exact look-up
	Embed   time.Duration // 250ms: a vector
	Nearest time.Duration // 100ms: the store's search
	Put     time.Duration // 5s: keeping an entry
	Delete  time.Duration // 60s: an invalidation

	Lead    time.Duration // 2m: how long one may lead a flight: longer than most answers take
	Wait    time.Duration // 60s: the longest wait that is granted
	Flights int           // 100,000 questions under way, some 100 bytes each
	Waiting int           // 4,096 that wait for one

	Judging int // 16 questions at a judge at once
	Prompt  int // 8,192 bytes: longer prompts have exact hits only, and must fit a ticket
	Answer  int // 1 MiB: the largest answer that is kept, whatever a policy allows
	Used    int // 32,768 entries of whose use the store has not been told yet
}

func (l *Limits) fill() {
	for _, d := range []struct {
		at    *time.Duration
		value time.Duration
	}{
		{&l.Get, 100 * time.Millisecond}, {&l.Embed, 250 * time.Millisecond}, {&l.Nearest, 100 * time.Millisecond},
		{&l.Put, 5 * time.Second}, {&l.Delete, time.Minute}, {&l.Lead, 2 * time.Minute}, {&l.Wait, time.Minute},
	} {
		if *d.at <= 0 {
			*d.at = d.value
		}
	}
	for _, n := range []struct {
		at    *int
		value int
	}{{&l.Flights, 100_000}, {&l.Waiting, 4096}, {&l.Judging, 16}, {&l.Prompt, 8192}, {&l.Answer, 1 << 20}, {&l.Used, 32_768}} {
		if *n.at <= 0 {
			*n.at = n.value
		}
	}
}

// Observer is told what an engine does.
type Observer interface {
	// Failed: something failed at a place ("get", "embed", "nearest", "put", "used",
	// "delete", "judge", "distrust", "wait"); why is one of a few words, and err what was
	// said, or nil.
	Failed(place, why string, err error)
	// Took: a step was made, in this time.
	Took(step string, d time.Duration)
	// Judged: a judge said verdict ("same", "different"), for so many micro-dollars.
	Judged(verdict string, cost int64)
}

type nobody struct{}

func (nobody) Failed(string, string, error) {}
func (nobody) Took(string, time.Duration)   {}
func (nobody) Judged(string, int64)         {}
