package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sluice-gateway/sluice/gateway"
	"github.com/sluice-gateway/sluice/internal/benchguard/labelled"
)

// withPII looks for personal data of every kind, and withGuards has all that runs in the filter.
const (
	withPII = `
guards:
  pii:
    kinds: [email, phone, card, ssn, iban, ip, mac, birth_date, passport, national_id, crypto, secret]
`
	withGuards = withPII + `    custom: [{name: customer, patterns: ['\bK-[0-9]{6}\b']}, {name: project, words: [Kestrel, Blue Heron]}]
  requests: {max_messages: 100000, max_input_tokens: 10000000}
  decorate: {prepend: [{role: system, content: "For {{identity.team}}."}]}
  prompts: [{name: legal, deny_words: [power of attorney], deny: ['\bsue\s+(him|her)\b'], action: flag}]
  injection: {action: flag}
  answers: [{name: code, deny: ['launch\s+code'], window: 256, action: flag}]
`
)

// guardSeed makes the labelled texts.
const guardSeed = 20260211

const guardRounds = 7

// guardBench has three Envoys: without guards, with pii alone, and with all of them.
type guardBench struct {
	*bench
	sides [3]*side
	conns [3]*conn
}

// measureGuards compares what an Envoy spends on the same requests with guards and without.
// A machine that does other work makes some rounds longer and none shorter: a figure is that
// of the shortest round, and all have their turn in each.
func measureGuards(ctx context.Context, b *bench, r *report) (err error) {
	g := &guardBench{bench: b}
	defer func() { err = errors.Join(err, g.stop()) }()
	for i, rules := range []string{"", withPII, withGuards} {
		bootstrap, err := b.rendered(policyText + rules)
		if err == nil {
			bootstrap, err = edited(bootstrap, recordsToNowhere)
		}
		if err != nil {
			return err
		}
		if g.sides[i], err = b.start(ctx, bootstrap, 1); err != nil {
			return err
		}
		if g.conns[i], err = dial(g.sides[i].address); err != nil {
			return err
		}
	}
	texts, err := labelled.Read(labelled.HeldOut, guardSeed)
	if err != nil {
		return err
	}
	positive, negative := labelled.Apart(texts)
	if err := g.prompts(positive, negative, r); err != nil {
		return err
	}
	if err := g.slices(r); err != nil {
		return err
	}
	if err := g.streams(r); err != nil {
		return err
	}
	return g.large(ctx, positive, r)
}

func (g *guardBench) stop() (err error) {
	for i := range g.sides {
		if g.conns[i] != nil {
			_ = g.conns[i].Close()
		}
		if g.sides[i] != nil {
			err = errors.Join(err, g.sides[i].Stop())
		}
	}
	return err
}

// spends is the CPU that each Envoy spends on a request of one kind, of the shortest round.
func (g *guardBench) spends(rounds int, requests [][]byte) (least [3]time.Duration, err error) {
	for round := range rounds + 1 {
		for i, c := range g.conns {
			pids := []int{g.sides[i].Pid()}
			before, err := processTimes(pids)
			if err != nil {
				return least, err
			}
			for _, request := range requests {
				if err := c.exchange(request, nil); err != nil {
					return least, err
				}
			}
			after, err := processTimes(pids)
			if err != nil {
				return least, err
			}
			took := (after - before) / time.Duration(len(requests))
			if round == 0 { // to warm up
				continue
			}
			if round == 1 || took < least[i] {
				least[i] = took
			}
		}
	}
	return least, nil
}

var guardColumns = []string{"", "no guards", "pii, all kinds", "all guards", "pii adds", "all add"}

func guardRow(what string, spent [3]time.Duration) []string {
	return []string{what, us(spent[0]), us(spent[1]), us(spent[2]), plusUS(spent[1] - spent[0]), plusUS(spent[2] - spent[0])}
}

// prompts are of 1 KiB.
func (g *guardBench) prompts(positive, negative []string, r *report) error {
	t := table{title: "Envoy's CPU for a request with a prompt of 1 KiB (goal: all kinds add at most 200 µs)", columns: guardColumns}
	for _, of := range []struct {
		what  string
		texts []string
		ends  string
	}{
		{"full of values", positive, ""},
		{"with two at its end", negative, " I am ann.lee@example.com, call me at +1 415 555 0132."},
		{"without any", negative, ""},
	} {
		var requests [][]byte
		for _, text := range labelled.Cut(of.texts, g.times(100), promptSize-len(of.ends)) {
			requests = append(requests, guarded(text+of.ends, ""))
		}
		spent, err := g.spends(guardRounds, requests)
		if err != nil {
			return err
		}
		t.rows = append(t.rows, guardRow(of.what, spent))
	}
	r.tables = append(r.tables, t)
	return nil
}

// slices are prompts of one thing repeated, as long as the filter reads in one callback.
func (g *guardBench) slices(r *report) error {
	type worst struct {
		of    string
		spent [3]time.Duration
	}
	var all []worst
	for _, piece := range labelled.Adversaries {
		written, err := json.Marshal(piece)
		if err != nil {
			return err
		}
		var spent [3]time.Duration // with pii a slice is longer than with all guards
		for _, size := range [...]int{gateway.GuardedSlice, gateway.MatchedSlice} {
			request := guarded(strings.Repeat(piece, (size-300)/(len(written)-2)), "")
			took, err := g.spends(3, slices.Repeat([][]byte{request}, g.times(8)))
			if err != nil {
				return err
			}
			if size == gateway.GuardedSlice {
				spent[0], spent[1] = took[0], took[1]
			} else {
				spent[2] = took[2]
			}
		}
		all = append(all, worst{piece, spent})
	}
	t := table{title: fmt.Sprintf("Envoy's CPU for a request of one slice of one thing repeated, the worst of %d (goal: 5000 µs)", len(all)),
		columns: []string{"", "CPU"}}
	for i, what := range []string{1: fmt.Sprintf("pii, all kinds: %d KiB", gateway.GuardedSlice>>10), 2: fmt.Sprintf("all guards: %d KiB", gateway.MatchedSlice>>10)} {
		if what == "" {
			continue
		}
		slices.SortFunc(all, func(a, b worst) int { return int(b.spent[i] - a.spent[i]) })
		for _, w := range all[:min(3, len(all))] {
			t.rows = append(t.rows, []string{what + " of " + strconv.Quote(w.of), us(w.spent[i])})
		}
	}
	r.tables = append(r.tables, t)
	return nil
}

// streams are answers to a prompt with a value in it, so that guards look at each event.
func (g *guardBench) streams(r *report) error {
	const events = 400
	t := table{title: "Envoy's CPU for an event of a stream that answers a prompt with a value (goal: pii adds at most 10 µs)", columns: guardColumns}
	for _, of := range []struct{ what, header string }{{"words", ""}, {"parts of a placeholder", "x-marks: 1\r\n"}} {
		spent, err := g.spends(guardRounds, slices.Repeat([][]byte{guarded("I am ann@example.com", "x-gap: 100\r\nx-events: "+strconv.Itoa(events)+"\r\n"+of.header)}, g.times(4)))
		if err != nil {
			return err
		}
		for i := range spent {
			spent[i] /= events
		}
		row := guardRow(of.what, spent)
		for i := range spent {
			row[1+i] = fmt.Sprintf("%.1f µs", float64(spent[i])/1e3)
		}
		row[4], row[5] = fmt.Sprintf("%+.1f µs", float64(spent[1]-spent[0])/1e3), fmt.Sprintf("%+.1f µs", float64(spent[2]-spent[0])/1e3)
		t.rows = append(t.rows, row)
	}
	r.tables = append(r.tables, t)
	return nil
}

// large has small requests wait for a prompt of 1 MiB on the same worker.
func (g *guardBench) large(ctx context.Context, positive []string, r *report) error {
	t := table{title: "A prompt of 1 MiB full of values, and small requests meanwhile on the same worker", columns: []string{"", "no guards", "pii, all kinds", "all guards"}}
	requests := [][]byte{guarded(labelled.Cut(positive, 1, largePrompt)[0], "")}
	spent, err := g.spends(3, requests)
	if err != nil {
		return err
	}
	t.rows = append(t.rows, []string{"CPU", ms(spent[0]), ms(spent[1]), ms(spent[2])})
	var rows [3][3]string
	for i, s := range g.sides {
		var slowest, p99 time.Duration
		var until sample
		for round := range guardRounds {
			d, err := s.disturbed(ctx, g.times(3), requests[0])
			if err != nil {
				return err
			}
			until = append(until, d.large...)
			if most := d.small.at(1); round == 0 || most < slowest {
				slowest, p99 = most, d.small.at(0.99)
			}
		}
		rows[0][i], rows[1][i], rows[2][i] = ms(until.at(0.5)), ms(p99), ms(slowest)
	}
	for i, what := range []string{"until its answer, p50", "a small request, p99 of the best round", "the slowest of the best round: a little more than the longest callback"} {
		t.rows = append(t.rows, append([]string{what}, rows[i][:]...))
	}
	r.tables = append(r.tables, t)
	return nil
}

// guarded is a request with this prompt that streams where its headers ask for events.
func guarded(prompt, headers string) []byte {
	text, _ := json.Marshal(prompt)
	body := `{"model":"gpt-4o-mini","max_tokens":256,`
	if headers != "" {
		body += `"stream":true,`
	}
	body += `"messages":[{"role":"user","content":` + string(text) + `}]}`
	return []byte("POST /v1/chat/completions HTTP/1.1\r\nhost: gateway\r\ncontent-type: application/json\r\n" +
		"authorization: Bearer sk-client\r\nx-client-id: app\r\nx-team: search\r\nx-user-id: ada\r\n" + headers +
		"content-length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + body)
}
