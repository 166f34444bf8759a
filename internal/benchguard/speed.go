package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/sluice-gateway/sluice/guard/pii"
	"github.com/sluice-gateway/sluice/internal/benchguard/labelled"
)

// A machine does other work meanwhile, which makes some times longer and none shorter: a speed is of the shortest time of all
// rounds, and everything has its turn in each round.

const (
	prompts     = 100
	promptBytes = 1 << 10
	sliceBytes  = 16 << 10 // what a callback of Envoy brings, about
)

// lengths show whether time is linear in the text.
var lengths = []int{64 << 10, 256 << 10, 1 << 20}

// speed is of one finder.
type speed struct {
	dense, harmless series    // a round of all prompts of 1 KB, full of values and without any
	long            [3]series // a text of each length, at once
	slice           series    // the longest call when the longest text comes in slices
}

type series []time.Duration

func (s series) shortest() time.Duration {
	if len(s) == 0 {
		return 0
	}
	return slices.Min(s)
}

// perKB is in microseconds.
func (s series) perKB(bytes int) float64 {
	return float64(s.shortest().Nanoseconds()) / 1e3 / (float64(bytes) / 1024)
}

// measure fills in everything's speed.
func (r *report) measure(rounds int, texts []labelled.Text, other *presidio) error {
	positive, negative := labelled.Apart(texts)
	dense, harmless := labelled.Cut(positive, prompts, promptBytes), labelled.Cut(negative, prompts, promptBytes)
	var long []string
	for _, n := range lengths {
		long = append(long, labelled.Cut(positive, 1, n)...)
	}
	for round := range max(1, rounds) {
		own := r.finders[0].speed
		own.dense = append(own.dense, scanAll(dense))
		own.harmless = append(own.harmless, scanAll(harmless))
		for i, text := range long {
			own.long[i] = append(own.long[i], scanAll([]string{text}))
		}
		own.slice = append(own.slice, slowestSlice(long[len(long)-1]))
		if other == nil || round > 2 { // it takes a thousand times as long, and varies less
			continue
		}
		for _, f := range r.finders[1:] {
			setting := f.name[strings.LastIndex(f.name, " ")+1:]
			fmt.Fprintf(os.Stderr, "%s, round %d\n", f.name, round+1)
			for _, of := range []struct {
				texts []string
				into  *series
			}{{dense, &f.speed.dense}, {harmless, &f.speed.harmless}} {
				var sum time.Duration
				for _, text := range of.texts {
					_, took, err := other.find(setting, text, 1)
					if err != nil {
						return err
					}
					sum += took
				}
				*of.into = append(*of.into, sum)
			}
			if round > 0 {
				continue
			}
			for i, text := range long[:2] { // a megabyte takes minutes
				_, took, err := other.find(setting, text, 1)
				if err != nil {
					return err
				}
				f.speed.long[i] = append(f.speed.long[i], took)
			}
		}
	}
	r.adversaries(min(rounds, 3))
	return nil
}

// adversaries looks for the text that takes longest, and for the one whose time grows most from the second length to the third.
// One that seems to grow too much gets more rounds: a machine that did something else meanwhile is the likelier reason.
func (r *report) adversaries(rounds int) {
	for _, a := range labelled.Adversaries {
		var took [2]series
		var c adversary
		for round := 0; round < max(1, rounds) || round < 3*rounds && c.growth > mostGrowth; round++ {
			for i, n := range lengths[1:] {
				took[i] = append(took[i], scanAll([]string{strings.Repeat(a, n/len(a))}))
			}
			c = adversary{a, took[1].perKB(lengths[2]), took[1].perKB(lengths[2]) / took[0].perKB(lengths[1])}
		}
		if c.perKB > r.slowest.perKB {
			r.slowest = c
		}
		if c.growth > r.steepest.growth {
			r.steepest = c
		}
	}
}

type adversary struct {
	repeated      string
	perKB, growth float64
}

// scanAll is the time for all texts with one scanner, as the filter uses it.
func scanAll(texts []string) time.Duration {
	s := pii.New(pii.Options{})
	var sum time.Duration
	for _, text := range texts {
		data := []byte(text)
		start := time.Now()
		s.Reset()
		s.Scan(data, true)
		sum += time.Since(start)
	}
	return sum
}

// slowestSlice has a text come in slices, and gives the time of the longest call.
func slowestSlice(text string) time.Duration {
	s := pii.New(pii.Options{})
	data := []byte(text)
	var longest time.Duration
	for n := 0; n < len(data); {
		n = min(n+sliceBytes, len(data))
		start := time.Now()
		s.Scan(data[:n], n == len(data))
		longest = max(longest, time.Since(start))
	}
	return longest
}
