// Package guard asks the services that a policy names as its external guards whether
// something may be said: Microsoft Presidio, OpenAI-compatible moderation, a chat model that
// classifies, or a webhook of one's own. Rules by meaning are guards too, whose service is the
// companion's embedder.
//
//	texts ─┬─▶ names        Presidio    ─▶ found, PERSON at bytes 5 to 9 of text 0
//	       ├─▶ moderation   moderations ─▶ clean
//	       └─▶ ours         webhook     ─▶ error, no answer within 500ms
//
// All are asked at once, each has a limit of its own, and each comes to a verdict. What
// becomes of a request after that is the gateway's to decide, by its policy.
//
// Whatever a service answers is doubted: what is not as documented, to the last offset, is
// an error, and no clean. Nothing of the texts is in any reason or error: these are about
// what a service did, never about what was said, and the words of a service are not quoted.
package guard

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/sluice-gateway/sluice/policy"
)

// Text is one text of a conversation and whose it is: system, user, assistant or tool.
type Text struct {
	Role string `json:"role"`
	Text string `json:"text"`
}

// Result is what a guard came to.
type Result string

// The results.
const (
	Clean Result = "clean"
	Found Result = "found" // what the policy has it look for
	Error Result = "error" // it gave no word, or none that can be trusted
)

// Span is where something was found: the bytes Start to End of text Text, in UTF-8.
type Span struct {
	Text  int     `json:"text"` // its place among the texts of the call, from 0
	Start int     `json:"start"`
	End   int     `json:"end"`
	Kind  string  `json:"kind"`
	Score float64 `json:"score"` // 0 to 1
}

// Verdict is one guard's.
type Verdict struct {
	Name   string
	Result Result
	Spans  []Span   // in order, and none overlaps another; only of guards that say where
	Kinds  []string // in order, each once
	Reason string   // ASCII, at most MaxReason bytes; of an error why, of a webhook its own code
	Took   time.Duration
	Err    *Failure // of an error
}

// The bounds of what is taken in and given out.
const (
	MaxGuards = 16   // in one call
	MaxTexts  = 4096 // in one call
	MaxSpans  = 2000 // of one guard
	MaxKinds  = 64   // of one guard
	MaxReason = 200
	maxAnswer = 1 << 20 // bytes that are read of a service's answer
)

// Set is the guards of a policy. It may be used from many goroutines at once; nil has none.
type Set struct{ guards map[string]*guard }

// guard is one of them.
type guard struct {
	name    string
	roles   []string
	timeout time.Duration
	service service
	circuit *circuit // nil: it is no service of its own
}

// service is what a guard asks.
type service interface {
	// ask says what is found in texts, of which there is at least one; its spans count them
	// from 0. An error that is no *Failure is of the service's answer.
	ask(ctx context.Context, texts []Text) (finding, error)
}

// finding is what a service has found, if it has.
type finding struct {
	found  bool
	spans  []Span
	kinds  []string
	reason string
}

// New makes the guards of a policy ready. getenv is the environment in which the credentials
// are, and one that the policy names has to be there.
func New(guards []policy.ExternalGuard, getenv func(string) string) (*Set, error) {
	s := &Set{guards: map[string]*guard{}}
	places := newPlaces() // of all rules by meaning
	for i := range guards {
		g := &guards[i]
		credential := ""
		if name := g.Service.CredentialEnv; name != "" {
			if credential = getenv(name); credential == "" {
				return nil, fmt.Errorf("guard: %s: the variable %s, which is to have its credential, is empty", g.Name, name)
			}
		}
		made := &guard{name: g.Name, roles: g.Roles, timeout: g.Timeout, circuit: &circuit{}}
		switch g.Service.Type {
		case policy.Presidio:
			made.service = newPresidio(&g.Service, credential)
		case policy.Moderation:
			made.service = newModeration(&g.Service, credential)
		case policy.Chat:
			made.service = newChat(&g.Service, credential)
		case policy.Webhook:
			made.service = newWebhook(g.Name, &g.Service, credential)
		case policy.Meaning:
			// How long it takes is of the texts: who sends those must not be able to have it
			// left alone.
			made.circuit = nil
			var err error
			if made.service, err = newMeaning(&g.Service, places); err != nil {
				return nil, fmt.Errorf("guard: %s: %w", g.Name, err)
			}
		default:
			return nil, fmt.Errorf("guard: %s: there is no type %q", g.Name, g.Service.Type)
		}
		s.guards[g.Name] = made
	}
	return s, nil
}

// Names are the guards', in order.
func (s *Set) Names() []string {
	if s == nil {
		return nil
	}
	return slices.Sorted(maps.Keys(s.guards))
}

// Check asks guards by name, all at once, and returns their verdicts in the order of names.
// It returns when the last has come to one, which is at the latest after within and after the
// longest timeout of theirs; 0 = the timeouts alone.
func (s *Set) Check(ctx context.Context, names []string, texts []Text, within time.Duration) []Verdict {
	if within > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, within)
		defer cancel()
	}
	verdicts := make([]Verdict, len(names))
	var group sync.WaitGroup
	for i, name := range names {
		group.Go(func() {
			began := time.Now()
			verdicts[i] = s.check(ctx, name, texts)
			verdicts[i].Name, verdicts[i].Took = name, time.Since(began)
		})
	}
	group.Wait()
	return verdicts
}

func (s *Set) check(ctx context.Context, name string, texts []Text) Verdict {
	var g *guard
	if s != nil {
		g = s.guards[name]
	}
	if g == nil {
		return failed(&Failure{Cause: Unknown, Reason: "the companion knows no guard of that name: is it in the policy that it was started with?"})
	}
	ctx, cancel := context.WithTimeout(ctx, g.timeout)
	defer cancel()
	shown, places := g.shown(texts)
	if len(shown) == 0 {
		return Verdict{Result: Clean, Reason: "nothing to show it"}
	}
	if !g.circuit.allow() {
		return failed(&Failure{Cause: HeldBack, Reason: fmt.Sprintf("it did not answer %d times in a row, and is left alone for %s", absentInARow, leftAlone)})
	}
	f, err := g.service.ask(ctx, shown)
	if err == nil {
		err = f.check(shown)
	}
	if err != nil {
		failure := failureOf(ctx, err)
		switch {
		case failure.absent():
			g.circuit.failed()
		case failure.Cause == Failed:
			g.circuit.succeeded() // it is there, and answers
		}
		return failed(failure)
	}
	g.circuit.succeeded()
	for i := range f.spans {
		f.spans[i].Text = places[f.spans[i].Text]
	}
	v := Verdict{Result: Clean, Reason: f.reason}
	if f.found {
		v.Result, v.Spans, v.Kinds = Found, f.spans, f.kinds
	}
	return v
}

// shown are the texts that the guard may see and that say anything, and their places.
func (g *guard) shown(texts []Text) (shown []Text, places []int) {
	for i, t := range texts {
		if slices.Contains(g.roles, t.Role) && strings.TrimSpace(t.Text) != "" {
			shown, places = append(shown, t), append(places, i)
		}
	}
	return shown, places
}

func failed(f *Failure) Verdict { return Verdict{Result: Error, Reason: f.Reason, Err: f} }

// check holds a finding to what is promised of it, and puts its kinds in order.
func (f *finding) check(texts []Text) error {
	if len(f.spans) > MaxSpans {
		return fmt.Errorf("more than %d finds", MaxSpans)
	}
	f.spans = apart(f.spans)
	for _, s := range f.spans {
		f.kinds = append(f.kinds, s.Kind)
	}
	slices.Sort(f.kinds)
	f.kinds = slices.Compact(f.kinds)
	if len(f.kinds) > MaxKinds {
		return fmt.Errorf("more than %d kinds", MaxKinds)
	}
	for _, kind := range f.kinds {
		if !isWord(kind) {
			return fmt.Errorf("a kind of %d bytes that is no code, of 1 to %d of A-Z a-z 0-9 _ . : / - and at most %d digits", len(kind), maxWord, maxDigits)
		}
	}
	return nil
}

// The longest kind and the longest reason of a service, and the most digits in one.
const maxWord, maxDigits = 64, 6

// isWord tells whether a service's word can be passed on: a code, and no sentence nor the
// number of a card, since those may quote what was said.
func isWord(s string) bool {
	digits := 0
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c|0x20 && c|0x20 <= 'z', strings.IndexByte("_.:/-", c) >= 0:
		case '0' <= c && c <= '9':
			digits++
		default:
			return false
		}
	}
	return s != "" && len(s) <= maxWord && digits <= maxDigits
}
