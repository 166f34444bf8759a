package jsonscan

// Millionths is a JSON number as written, in millionths, cut off towards zero and at
// ±MaxMillionths. What it costs is a fraction of strconv.ParseFloat's 40 KB of code.
func Millionths(number []byte) int64 {
	negative := false
	if len(number) > 0 && number[0] == '-' {
		negative, number = true, number[1:]
	}
	exponent := 6
	mantissa := number
	for i, c := range number {
		if c == 'e' || c == 'E' {
			mantissa = number[:i]
			exponent += written(number[i+1:])
			break
		}
	}
	// The digits in front of the place where the point comes to stand.
	whole := len(mantissa)
	for i, c := range mantissa {
		if c == '.' {
			whole = i
		}
	}
	n, left := int64(0), whole+exponent
	for _, c := range mantissa {
		if c == '.' {
			continue
		}
		if left <= 0 {
			break
		}
		left--
		n = n*10 + int64(c-'0')
		if n > MaxMillionths {
			n, left = MaxMillionths, 0
		}
	}
	for ; left > 0 && n > 0 && n < MaxMillionths; left-- {
		n = min(n*10, MaxMillionths)
	}
	if negative {
		n = -n
	}
	return n
}

// MaxMillionths is the largest result of Millionths: a hundred billion.
const MaxMillionths = 100_000_000_000_000_000

// written is an exponent's value, cut off where it makes no difference any more.
func written(digits []byte) int {
	negative := false
	if len(digits) > 0 && (digits[0] == '+' || digits[0] == '-') {
		negative, digits = digits[0] == '-', digits[1:]
	}
	n := 0
	for _, c := range digits {
		n = min(n*10+int(c-'0'), 1<<20)
	}
	if negative {
		return -n
	}
	return n
}
