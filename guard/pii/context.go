package pii

// context is what a word near a find says about it.
type context uint8

const (
	cPhone context = iota
	cCard
	cSSN
	cBank
	cIP
	cMAC
	cMail
	cBirth
	cPassport
	cCrypto
	cNational  // some number of a person, of whatever country
	cTax       // some number of a tax payer
	cNHS       // the countries' own, from here …
	cNINO      //
	cSteuer    //
	cNIR       //
	cDNI       //
	cFiscal    // Italy
	cAadhaar   //
	cPAN       //
	cCPF       //
	cMyNumber  //
	cBSN       //
	cPESEL     //
	cSIN       //
	cTFN       //
	cResident  // China
	cNordic    // Sweden, Norway, Denmark, Finland
	cBelgium   //
	cAHV       //
	cKorea     //
	cTurkey    // … to here
	cAWS       //
	cCloud     // other vendors whose keys have no form of their own
	cQualifier // what makes a secret of "key": api, access, private
	cVersion   // against an address: version, release, section
	cProduct   // against an address right behind it: nginx 1.2.3.4
	cArticle   // against a card of few digits: EAN, ISBN
	cOther     // against any number: order, invoice, tracking, ISBN
	cRemote    // ssh, scp: user@host
	cCall      // somebody is to be called: a phone number where it has a form
	cMessage   // the id of a mail
	cLogin     // a password may follow without a sign: netrc's login, root, env
	cHandle    // against a key right behind it: what finds something is no secret
	contextCount
)

// never is where a context that was not seen ended.
const never = -1 << 30

// role is what more a word does than to be a context.
type role uint8

const (
	rNone     role = iota
	rPassword      // what is assigned to it is a secret that people make up
	rToken         // … that machines make
	rKey           // as rToken, and a UUID may be one
	rAuth          // as rToken, behind the name of a scheme, or base64
	rBearer        // a token follows
	rMonth
)

// near reports whether a word of the context ends at most within bytes before start.
//
//go:noinline
func (s *Scanner) near(c context, start, within int) bool {
	d := s.since(c, start)
	return d >= 0 && d <= within
}

// since is how many bytes before start the last word of the context ended.
func (s *Scanner) since(c context, start int) int { return start + s.text.base - s.seen[c] }

// against is how many bytes before start the last word of a context ended that speaks against
// a find, -1 = it is further away than within, or a line or a sentence ended since.
func (s *Scanner) against(t *window, c context, start, within int) int {
	d := s.since(c, start)
	if d < 0 || d > within || stopped(t, start-d, start, true) {
		return -1
	}
	return d
}

// stopped reports whether a sentence, or a line, ends from t.at(i) to t.at(end). A dot right
// at the beginning, behind a word of four letters or less, is an abbreviation's.
func stopped(t *window, i, end int, line bool) bool {
	first := i
	for ; i >= 0 && i < end; i++ {
		switch b := t.at(i); {
		case line && b == '\n':
			return true
		case b == '.' || b == '!' || b == '?':
			if next := t.at(i + 1); (next == ' ' || next == '\n') && i > 4 && class[t.at(i-3)]&alnum != 0 && (i > first || class[t.at(i-5)]&alnum != 0) {
				return true
			}
		}
	}
	return false
}

// nearAhead reports whether a word of the context follows within as many bytes behind t.at(i),
// in the same sentence and line.
func (s *Scanner) nearAhead(t *window, i int, c context, within int) bool {
	end := min(t.n, i+within)
	if s.wordless(t, i, end) {
		return false
	}
	for i < end {
		b := t.at(i)
		if b == '\n' || b == '.' && t.at(i+1) == ' ' || b == ';' {
			return false
		}
		w, next := wordAt(t, i)
		if w != nil && w.sets>>c&1 != 0 {
			return true
		}
		s.work += next - i
		i = next
	}
	return false
}

// wordAt is the word of a context that begins at t.at(i), and where to go on.
func wordAt(t *window, i int) (w *contextWord, next int) {
	if class[t.at(i)]&letter == 0 {
		if t.at(i) >= 0xC3 {
			w = lookForeign(t, i)
		}
		return w, i + 1
	}
	next = i + 1
	for class[t.at(next)]&letter != 0 {
		next++
	}
	return lookWord(t, i, next), next
}

// clear is a part of the text in which no word of a context begins.
type clear struct {
	_        incomparable
	from, to int
	word     bool // one begins at to
}

// wordless reports whether no word of a context begins from t.at(i) to t.at(end). Each part of
// the text is looked through once.
func (s *Scanner) wordless(t *window, i, end int) bool {
	from, k := i+t.base, &s.clear
	if from < k.from || from > k.to {
		*k = clear{from: from, to: from}
	}
	for k.to < end+t.base {
		if k.word {
			return false
		}
		w, next := wordAt(t, k.to-t.base)
		if w != nil && w.sets != 0 {
			k.word = true
			return false
		}
		s.work += next + t.base - k.to
		k.to = next + t.base
	}
	return true
}

// contextWord is a word that means something for what is near it.
type contextWord struct {
	word string
	then string // what has to follow it, for words of more than one part
	sets uint64 // contexts
	role role
}

// lookWord looks up the ASCII word t.cut(start, end), in any case.
func lookWord(t *window, start, end int) *contextWord {
	n := end - start
	if n > 32 || n == 1 && t.at(end) != '.' && t.at(end) != '-' {
		return nil
	}
	if h := wordHash(t.at(start), t.at(start+1), t.at(start+2), n); n > 2 && wordFilter[h>>5]>>(h&31)&1 == 0 {
		return nil
	}
	first := lowered(t.at(start)) - 'a'
	if first >= 26 {
		return nil
	}
	lo, hi := int(wordIndex[first]), int(wordIndex[first+1])
	for lo < hi {
		at := (lo + hi) / 2
		w := contextWords[at].word
		order := 0
		for j := 1; ; j++ {
			if j == n || j == len(w) {
				order = n - len(w)
				break
			}
			if order = int(lowered(t.at(start+j))) - int(w[j]); order != 0 {
				break
			}
		}
		switch {
		case order < 0:
			hi = at
		case order > 0:
			lo = at + 1
		default:
			for lo = at; lo > 0 && contextWords[lo-1].word == w; lo-- {
			}
			for ; lo < len(contextWords) && contextWords[lo].word == w; lo++ {
				if follows(t, end, contextWords[lo].then) {
					return &contextWords[lo]
				}
			}
			return nil
		}
	}
	return nil
}

// follows reports whether t goes on with s at i, in any case. Parts of a name have other signs
// for a blank.
func follows(t *window, i int, s string) bool {
	for j := range len(s) {
		if c := t.at(i + j); lowered(c) != s[j] && (s[j] != ' ' || c != '_' && c != '-') {
			return false
		}
	}
	return true
}

// lookForeign looks up the word in another script that begins at t.at(i). Those with an é are
// the rest of né and née.
func lookForeign(t *window, i int) *contextWord {
	if i+1 >= t.n || foreignSecond[t.at(i+1)&63]>>(t.at(i)&31)&1 == 0 {
		return nil
	}
	if t.at(i) == 0xC3 && !(i > 0 && lowered(t.at(i-1)) == 'n' && (i == 1 || class[t.at(i-2)]&alnum == 0)) {
		return nil
	}
	first := t.at(i) & 31
	for j := foreignIndex[first]; j < foreignIndex[first+1]; j++ {
		w := &foreignWords[j]
		if t.n-i >= len(w.word) && string(t.cut(i, i+len(w.word))) == w.word {
			return w
		}
	}
	return nil
}
