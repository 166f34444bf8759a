package pii

// coins looks at the run t.cut(i, end) as an address of a crypto currency, or as a private key.
func (s *Scanner) coins(t *window, i, end int) {
	n := end - i
	if n < 25 || n > 120 {
		return
	}
	w := t.cut(i, end)
	switch c := w[0]; {
	case c == '0' && (w[1] == 'x' || w[1] == 'X'):
		if n == 42 && allOf(w[2:], hex16) {
			if score := ethereum(w[2:]); score > 0 {
				if s.near(cCrypto, i, 60) {
					score += 15
				}
				s.add(&Find{Crypto, "ethereum", i, end, min(score, 98)})
			}
		}
	case n <= 52 && oneOf("13LMDATXt5K9Qr", c):
		if what := base58Check(w); what != "" {
			find := Find{Crypto, what, i, end, 97}
			if what == "btc_private_key" {
				find.Kind = Secret
			}
			s.add(&find)
			return
		}
	}
	if what := bech32(t, i, w); what != "" {
		s.add(&Find{Crypto, what, i, end, 98})
	} else if n >= 32 && n <= 44 && s.near(cCrypto, i, 40) && t.at(end) != '/' && t.at(end) != '+' && (i == 0 || t.at(i-1) != '/' && t.at(i-1) != '+') && base58(w) {
		s.add(&Find{Crypto, "", i, end, 62}) // Solana and others without a check
	}
}

const base58Digits = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"

// base58 reports whether w has only digits of base 58, and is mixed.
func base58(w []byte) bool {
	for _, c := range w {
		if c == '0' || c == 'O' || c == 'I' || c == 'l' || class[c]&alnum == 0 {
			return false
		}
	}
	m := measure(w)
	return m.digits > 0 && m.uppers > 4 && m.lowers > 4
}

// base58Check decodes an address whose last four bytes are the beginning of the SHA-256 of
// the SHA-256 of the rest, and returns whose address its first bytes say it is.
func base58Check(w []byte) string {
	const ripple = "rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz"
	alphabet := base58Digits
	if w[0] == 'r' {
		alphabet = ripple
	}
	var b [40]byte // the number, its last byte last
	from := len(b)
	zeros := 0
	for k, c := range w {
		carry := -1
		for j := range len(alphabet) {
			if alphabet[j] == c {
				carry = j
				break
			}
		}
		if carry < 0 {
			return ""
		}
		if carry == 0 && k == zeros {
			zeros++
			continue
		}
		at := len(b)
		for at > from || carry > 0 {
			if at--; at < 0 {
				return ""
			}
			carry += int(b[at]) * 58
			b[at] = byte(carry)
			carry >>= 8
			from = min(from, at)
		}
	}
	if from -= zeros; from < 0 {
		return ""
	}
	raw := b[from:]
	if len(raw) < 25 || len(raw) > 38 {
		return ""
	}
	body := raw[:len(raw)-4]
	once := sha256One(body)
	twice := sha256One(once[:])
	if string(twice[:4]) != string(raw[len(raw)-4:]) {
		return ""
	}
	switch {
	case len(body) == 22:
		return "zcash"
	case body[0] == 0x80 && len(body) >= 33:
		return "btc_private_key"
	case len(body) != 21:
		return ""
	case alphabet == ripple:
		return "ripple"
	}
	switch body[0] {
	case 0x00, 0x05:
		return "bitcoin"
	case 0x30, 0x32:
		return "litecoin"
	case 0x1e, 0x16:
		return "dogecoin"
	case 0x4c, 0x10:
		return "dash"
	case 0x41:
		return "tron"
	}
	return ""
}

// bech32 checks a segwit address (BIP 173, BIP 350) and others of its form.
func bech32(t *window, i int, w []byte) string {
	const digits = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
	what, n := "", 0
	switch {
	case prefixOf(t, i, "bc1|tb1") > 0:
		what, n = "bitcoin", 2
	case hasFold(t, i, "ltc1"):
		what, n = "litecoin", 3
	case hasFold(t, i, "addr1"):
		what, n = "cardano", 4
	case hasFold(t, i, "cosmos1"):
		what, n = "cosmos", 6
	default:
		return ""
	}
	sum := uint32(1)
	small, large := false, false
	for k := range n {
		sum = polymod(sum, uint32(lowered(w[k])>>5))
	}
	sum = polymod(sum, 0)
	for k := range n {
		sum = polymod(sum, uint32(lowered(w[k])&31))
	}
	for _, c := range w {
		small, large = small || class[c]&lower != 0, large || class[c]&upper != 0
	}
	if small && large {
		return ""
	}
	for _, c := range w[n+1:] {
		v := 0
		for v < 32 && digits[v] != lowered(c) {
			v++
		}
		if v == 32 {
			return ""
		}
		sum = polymod(sum, uint32(v))
	}
	if sum != 1 && sum != 0x2bc830a3 {
		return ""
	}
	return what
}

func polymod(sum, v uint32) uint32 {
	top := sum >> 25
	sum = sum&0x1ffffff<<5 ^ v
	for k, g := range [5]uint32{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3} {
		if top>>k&1 != 0 {
			sum ^= g
		}
	}
	return sum
}

// ethereum scores 40 hexadecimal digits. In mixed case the capitals are a check (EIP-55);
// in one case nothing is.
func ethereum(w []byte) uint8 {
	var small [40]byte
	mixed, upperCase := 0, 0
	for i, c := range w {
		small[i] = lowered(c)
		mixed |= count(class[c]&lower != 0)
		upperCase |= count(class[c]&upper != 0)
	}
	if mixed&upperCase == 0 {
		if m := measure(w); m.distinct < 4 {
			return 0
		}
		return 72
	}
	hash := keccak256(small[:])
	for i, c := range w {
		if class[c]&letter != 0 && (hash[i/2]>>(4-i%2*4)&8 != 0) != (class[c]&upper != 0) {
			return 45
		}
	}
	return 97
}
