package gateway

import (
	"strconv"

	"github.com/sluice-gateway/sluice/budget"
	"github.com/sluice-gateway/sluice/dialect"
	"github.com/sluice-gateway/sluice/policy"
)

// overBudget says which budget a request did not fit in, in numbers.
func (r *Request) overBudget(f *budget.Refusal) *dialect.Error {
	b := r.spend.rules[f.Claim]
	message := "budget " + strconv.Quote(b.Name) + " of " + b.describe() + ": " + b.quantity(max(f.Remaining, 0)) + " left, and this request needs "
	if b.Unit == policy.Requests {
		message += "1"
	} else {
		message += "up to " + b.quantity(f.Asked)
		message += " (" + strconv.FormatInt(r.spend.input, 10) + " input tokens and at most " + strconv.FormatInt(r.spend.choices*r.spend.cap, 10) + " output tokens)"
	}
	if !r.spend.capped && b.Unit != policy.Requests {
		message += "; a request without an output cap holds what is left while it is under way: set one"
	}
	if f.Never {
		message += "; that is more than the whole budget: shorten the prompt or lower the output cap"
	}
	return &dialect.Error{
		Status: 429, Kind: dialect.RateLimited, Code: "budget_exceeded", Message: message,
		RetryAfter: max(1, (f.RetryAfter+999)/1000),
		Final:      f.Never || f.RetryAfter > patience,
	}
}

// patience is the longest wait, in milliseconds, that the vendors' SDKs sit out by
// themselves before they ask again.
const patience = 60_000

// describe is a budget's limit and window in words: `50000 tokens every 1m`.
func (b *rule) describe() string {
	s := b.quantity(b.Limit) + " "
	if b.Calendar != "" {
		return s + "a " + string(b.Calendar)
	}
	return s + "every " + policy.Written(b.Every)
}

// quantity is an amount with its unit.
func (b *rule) quantity(n int64) string {
	switch b.Unit {
	case policy.USD:
		return "USD " + dollars(n)
	case policy.Requests:
		return strconv.FormatInt(n, 10) + " requests"
	}
	return strconv.FormatInt(n, 10) + " tokens"
}

// dollars writes micro-dollars as a decimal number of dollars, exactly.
func dollars(micros int64) string { return string(appendDollars(nil, micros)) }

func appendDollars(b []byte, micros int64) []byte {
	if micros < 0 {
		b, micros = append(b, '-'), -micros
	}
	b = strconv.AppendInt(b, micros/1_000_000, 10)
	part := micros % 1_000_000
	if part == 0 {
		return b
	}
	b = appendDigits(append(b, '.'), int(part), 6)
	for b[len(b)-1] == '0' {
		b = b[:len(b)-1]
	}
	return b
}
