// Package pricing knows what a model costs: a catalogue of published prices, each
// with the page and the day it was read, and exact arithmetic from a usage to money.
//
// Money is micro-dollars: one millionth of a US dollar in an int64. A price is
// micro-dollars per million tokens, so USD 0.15 per million is 150000, and the cost of
// t tokens is t × price / 1,000,000 micro-dollars.
//
// The package is pure: tables that never change, numbers in, numbers out.
package pricing

import "math/bits"

const (
	million = 1_000_000
	most    = 1<<63 - 1 // math.MaxInt64, what an amount that does not fit becomes
)

// Model is one model of the catalogue. Every price is filled in: where a vendor
// charges nothing apart for cached or cache-writing input, that field equals Input.
type Model struct {
	Name string

	Input          int64 // micro-dollars per million tokens, as all prices here
	Output         int64 // reasoning tokens are output tokens
	CachedInput    int64 // input read from the vendor's prompt cache
	CacheWrite     int64 // input written to the prompt cache for the usual time (Anthropic 5 minutes, OpenAI 30)
	CacheWriteLong int64 // input written to the prompt cache for the long time (Anthropic 1 hour, OpenAI 12)

	Long Tier // dearer prices of long requests; Long.Above is 0 where there are none

	WriteOnRequest bool // the vendor writes its prompt cache only where the request says so

	Context   int64 // tokens of input and output together; 0 = not published
	MaxOutput int64 // most tokens of one answer; 0 = the model has no such limit of its own, as embeddings

	AsOf   string // a day on which the vendor is known to have published these numbers, 2006-01-02
	Source string // the vendor's page that has them; "policy" for an Override
}

// Tier is the price list of a request whose whole input is longer than Above tokens.
// It replaces the ordinary prices for every token of that request.
type Tier struct {
	Above          int64
	Input          int64
	Output         int64
	CachedInput    int64
	CacheWrite     int64
	CacheWriteLong int64
}

// Usage is what one answer used, in tokens. Parts lie inside their whole, as OpenAI
// reports them; dialects that report them side by side (Anthropic) are added up
// before they come here:
//
//	Input   ├─ CachedInput ─┼─ CacheWrite ─────────────┼─ the rest ─┤
//	                        ├─ CacheWriteLong ─┼─ rest ─┤
//	Output  ├─ Reasoning ─┼─ the rest ─┤
//
// A negative number counts as zero. Parts that sum to more than their whole are
// believed over it, so that an inconsistent report is never charged too little.
type Usage struct {
	Input          int64
	Output         int64
	CachedInput    int64
	CacheWrite     int64
	CacheWriteLong int64
	Reasoning      int64
}

// Cost is the price of u in micro-dollars. The sum is exact and rounded up once, at
// the end; it is math.MaxInt64 where it would not fit.
func (m Model) Cost(u Usage) int64 {
	cached := max(u.CachedInput, 0)
	writeLong := max(u.CacheWriteLong, 0)
	write := max(u.CacheWrite, writeLong)
	parts := saturatingAdd(cached, write)
	input := max(u.Input, parts)
	output := max(u.Output, u.Reasoning, 0)

	p := m.pricesFor(input)
	var s sum
	s.add(input-parts, p.Input)
	s.add(cached, p.CachedInput)
	s.add(write-writeLong, p.CacheWrite)
	s.add(writeLong, p.CacheWriteLong)
	s.add(output, p.Output)
	return s.dividedBy(million)
}

// MaxCost is the most that a request of input tokens can cost when it is answered
// with at most output tokens: every input token at the dearest price an input token
// can have, cache writes of either lifetime included. It is the amount to reserve.
//
// Where the vendor writes its cache only on request (WriteOnRequest) that doubles the
// input for nothing when the request does not ask; MaxCostNoWrite is for those.
func (m Model) MaxCost(input, output int64) int64 {
	p := m.pricesFor(input)
	return cost(input, max(p.Input, p.CachedInput, p.CacheWrite, p.CacheWriteLong), output, p.Output)
}

// MaxCostNoWrite is MaxCost of a request that does not ask for a prompt cache to be
// written: Anthropic's, without `cache_control` anywhere in it. For a model whose
// vendor writes unasked it is MaxCost, so that it is a bound for every model.
func (m Model) MaxCostNoWrite(input, output int64) int64 {
	if !m.WriteOnRequest {
		return m.MaxCost(input, output)
	}
	p := m.pricesFor(input)
	return cost(input, max(p.Input, p.CachedInput), output, p.Output)
}

// pricesFor is the price list of a request with so much input.
func (m Model) pricesFor(input int64) Tier {
	if m.Long.Above > 0 && input > m.Long.Above {
		return m.Long
	}
	return Tier{
		Input:          m.Input,
		Output:         m.Output,
		CachedInput:    m.CachedInput,
		CacheWrite:     m.CacheWrite,
		CacheWriteLong: m.CacheWriteLong,
	}
}

func cost(input, inputPrice, output, outputPrice int64) int64 {
	var s sum
	s.add(max(input, 0), inputPrice)
	s.add(max(output, 0), outputPrice)
	return s.dividedBy(million)
}

// sum is a 128-bit sum of tokens × price. It says so when it has run over.
type sum struct {
	hi, lo uint64
	over   bool
}

// add adds tokens × price; tokens are not negative, a negative price counts as zero.
func (s *sum) add(tokens, price int64) {
	hi, lo := bits.Mul64(uint64(tokens), uint64(max(price, 0)))
	var carry uint64
	s.lo, carry = bits.Add64(s.lo, lo, 0)
	s.hi, carry = bits.Add64(s.hi, hi, carry)
	s.over = s.over || carry != 0
}

// dividedBy is the sum divided by a divisor that is not 0, rounded up;
// math.MaxInt64 where that does not fit.
func (s *sum) dividedBy(divisor uint64) int64 {
	if s.over || s.hi >= divisor { // the quotient would not fit 64 bits
		return most
	}
	quotient, remainder := bits.Div64(s.hi, s.lo, divisor)
	if quotient >= most {
		return most
	}
	if remainder > 0 {
		quotient++
	}
	return int64(quotient)
}

func saturatingAdd(a, b int64) int64 {
	if s := a + b; s >= 0 {
		return s
	}
	return most
}
