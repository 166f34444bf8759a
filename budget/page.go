package budget

// The state is kept in pages, so that the number of the store's keys is bounded whatever
// clients send: neither Envoy nor Kong can delete or list them. A digest's first bits say
// which page its account is on.
//
//	key    "sluice/b1/" and the page's number, four hexadecimal digits
//	value  checksum   8 bytes, of all that follows
//	       key        14 bytes, the key itself
//	       entries, each
//	         digest   16 bytes
//	         kind      1 byte, Period
//	         length    1 or 2 bytes, seven bits each, lowest first
//	         account   length bytes, see account.append
//
// Kong finds a value by its key's CRC-32 alone. CRC-32 tells any two strings apart that
// differ within 32 bits in a row, so our own keys, which differ in four bytes at most,
// never meet. Another's key can, which is what the key inside the value is for. The
// format's version is in the key: another version begins with keys of its own.
const (
	pageCount  = 1 << 14
	pagePrefix = "sluice/b1/"
	pageKeyLen = len(pagePrefix) + 4
	pageHead   = 8 + pageKeyLen

	// A page takes no new account beyond pageRoom bytes. What is above is for the
	// accounts that are on it: settling must not fail for want of room.
	pageRoom = 3072
	pageMax  = 3840
)

// page is a page as it was read, with one account of it.
type page struct {
	key     string
	value   []byte // nil: not there
	version Version
	at, end int // the account's entry; at == end: it is not on the page
	account account
	loaded  bool // all of the above is as the store had it a moment ago
}

func pageKey(d Digest) string {
	const hex = "0123456789abcdef"
	n := (uint(d[0])<<8 | uint(d[1])) % pageCount
	b := [pageKeyLen]byte{}
	copy(b[:], pagePrefix)
	for i := range 4 {
		b[len(pagePrefix)+i] = hex[n>>(12-4*i)&15]
	}
	return string(b[:])
}

// isPage tells a page's key from a place's, whose kind is no hexadecimal digit.
func isPage(key string) bool {
	if len(key) != pageKeyLen {
		return false
	}
	kind := key[len(pagePrefix)]
	return '0' <= kind && kind <= '9' || 'a' <= kind && kind <= 'f'
}

// verify says whether value is a page that was written under p.key.
func (p *page) verify() error {
	switch v := p.value; {
	case len(v) == 0:
		return nil // not there; or emptied by someone, which is as good
	case len(v) < pageHead || string(v[8:pageHead]) != p.key:
		return ErrForeign
	case getUint64(v) != checksum(v[8:]):
		return ErrCorrupt
	}
	return nil
}

// find looks for an account, and decodes it or begins it.
func (p *page) find(l *Limit, d Digest, now int64) error {
	p.at, p.end = 0, 0
	for e := (entries{b: p.value, end: min(pageHead, len(p.value))}); e.next(); {
		if e.bad {
			return ErrCorrupt
		}
		if e.kind == l.Period && Digest(p.value[e.at:]) == d {
			p.at, p.end = e.at, e.end
			if !p.account.read(e.kind, p.value[e.body:e.end]) {
				return ErrCorrupt
			}
			return nil
		}
	}
	p.account.begin(l, now)
	return nil
}

// with appends to b the page's value with its account put in or replaced. A page with no
// room forgets its idle accounts; their number is returned too. other is room to work in.
func (p *page) with(b []byte, d Digest, other *account, now int64) (value []byte, evicted int, err error) {
	for _, evict := range []bool{false, true} {
		b = append(b[:0], make([]byte, 8)...)
		b = append(b, p.key...)
		for e := (entries{b: p.value, end: min(pageHead, len(p.value))}); e.next(); {
			if e.bad {
				return nil, 0, ErrCorrupt
			}
			if e.at == p.at {
				continue
			}
			if evict {
				if !other.read(e.kind, p.value[e.body:e.end]) {
					return nil, 0, ErrCorrupt
				}
				if other.idle(now) {
					evicted++
					continue
				}
			}
			b = append(b, p.value[e.at:e.end]...)
		}
		b = appendEntry(b, d, &p.account)
		room := pageMax
		if p.at == p.end {
			room = pageRoom
		}
		if len(b) <= room {
			putUint64(b, checksum(b[8:]))
			return b, evicted, nil
		}
	}
	return nil, 0, ErrFull
}

func appendEntry(b []byte, d Digest, a *account) []byte {
	b = append(b, d[:]...)
	b = append(b, byte(a.kind))
	// The length goes before the body and is known after it: it takes two bytes,
	// written long where it is short.
	at := len(b)
	b = a.append(append(b, 0, 0))
	n := len(b) - at - 2
	b[at], b[at+1] = byte(n)|0x80, byte(n>>7)
	return b
}

// entries walks a page's entries.
type entries struct {
	b             []byte
	kind          Period
	at, body, end int
	bad           bool
}

// next goes to the next entry. It returns true with bad set where there should be one and
// is not.
func (e *entries) next() bool {
	e.at = e.end
	if e.bad || e.at >= len(e.b) {
		return false
	}
	e.body = e.at + len(Digest{}) + 3
	if e.body > len(e.b) {
		e.bad = true
		return true
	}
	head := e.b[e.body-3 : e.body]
	e.kind = Period(head[0])
	e.end = e.body + int(head[1]&0x7f) + int(head[2])<<7
	e.bad = head[1] < 0x80 || head[2] >= 0x80 || e.kind > Month || e.end > len(e.b)
	return true
}

// checksum tells a page from a torn or damaged one. It need not resist an attacker, who
// cannot write here.
func checksum(b []byte) uint64 {
	const prime = 0x9e3779b97f4a7c15
	h := uint64(len(b)) * prime
	for ; len(b) >= 8; b = b[8:] {
		h = (h ^ getUint64(b)) * prime
		h ^= h >> 29
	}
	for _, c := range b {
		h = (h ^ uint64(c)) * prime
	}
	h ^= h >> 32
	return h * prime
}
