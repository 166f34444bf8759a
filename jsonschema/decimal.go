package jsonschema

import "github.com/sluice-gateway/sluice/jsontree"

// decimal is a number as it was written: 0.digits * 10^point. It is never rounded.
type decimal struct {
	negative bool
	digits   []byte // from the first that is not 0 to the last, with the point if that is between; none: zero
	count    int    // of the digits, without the point
	point    int
}

// decimal reads a number. It is false of what is none, and of an exponent beyond a billion.
func (c *checker) decimal(v jsontree.Value) (d decimal, ok bool) {
	if kind(v) != jsontree.Number || !c.spend(len(raw(v))/bytesPerStep) {
		return d, false
	}
	return decimalOf(raw(v))
}

// decimalOf reads a number that is one in JSON.
func decimalOf(b []byte) (d decimal, ok bool) {
	if b[0] == '-' {
		d.negative, b = true, b[1:]
	}
	end, dot := len(b), -1 // of what is before the exponent
	first, last := -1, -1
	for i, c := range b {
		if c == '.' {
			dot = i
		} else if c == 'e' || c == 'E' {
			end = i
			break
		} else if c != '0' {
			if first < 0 {
				first = i
			}
			last = i
		}
	}
	if first < 0 {
		return decimal{}, true // zero has no sign
	}
	if dot < 0 {
		dot = end
	}
	d.digits = b[first : last+1]
	d.count, d.point = len(d.digits), dot-first
	if first > dot {
		d.point++ // the point itself is no zero
	} else if dot < last {
		d.count--
	}
	if end == len(b) {
		return d, true
	}
	b = b[end+1:]
	negative := b[0] == '-'
	if negative || b[0] == '+' {
		b = b[1:]
	}
	for len(b) > 0 && b[0] == '0' {
		b = b[1:]
	}
	if len(b) > 9 {
		return d, false
	}
	exponent := 0
	for _, c := range b {
		exponent = exponent*10 + int(c-'0')
	}
	if negative {
		exponent = -exponent
	}
	d.point += exponent
	return d, true
}

// whole tells whether nothing is behind the point.
func (d *decimal) whole() bool { return d.count <= d.point || d.count == 0 }

// compare is -1, 0 or 1 where d is less than, the same as or more than e.
func (d *decimal) compare(e *decimal) int {
	if a, b := d.sign(), e.sign(); a != b {
		return order(a, b)
	}
	if d.negative {
		return e.size(d)
	}
	return d.size(e)
}

func (d *decimal) sign() int {
	switch {
	case d.count == 0:
		return 0
	case d.negative:
		return -1
	}
	return 1
}

// size compares without the signs, of which neither is 0 if the other is not.
func (d *decimal) size(e *decimal) int {
	if d.count == 0 {
		return 0
	}
	if d.point != e.point {
		return order(d.point, e.point)
	}
	i, j := 0, 0
	for n := min(d.count, e.count); n > 0; n-- {
		if d.digits[i] == '.' {
			i++
		}
		if e.digits[j] == '.' {
			j++
		}
		if d.digits[i] != e.digits[j] {
			return order(int(d.digits[i]), int(e.digits[j]))
		}
		i++
		j++
	}
	return order(d.count, e.count) // the last digit of the longer is not 0
}

func order(a, b int) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// multipleOf is unknown where the divisor is not above 0 or has more than 17 digits.
//
// With d = D * 10^a and of = E * 10^b, both digits whole and not ending in 0: if a < b
// it is no multiple, for D would be one of 10; else D * 10^(a-b) is divided by E.
func (d *decimal) multipleOf(of *decimal) verdict {
	if of.sign() <= 0 || of.count > 17 {
		return unknown
	}
	if d.count == 0 {
		return fits
	}
	zeros := d.point - d.count - (of.point - of.count)
	if zeros < 0 {
		return wrong
	}
	if zeros > 10_000 {
		return unknown
	}
	divisor, rest := uint64(0), uint64(0)
	for _, c := range of.digits {
		if c != '.' {
			divisor = divisor*10 + uint64(c-'0')
		}
	}
	for _, c := range d.digits {
		if c != '.' {
			rest = (rest*10 + uint64(c-'0')) % divisor
		}
	}
	for ; zeros > 0 && rest > 0; zeros-- {
		rest = rest * 10 % divisor
	}
	return onlyIf(rest == 0)
}
