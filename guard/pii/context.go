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
	cOther     // against any number: order, invoice, tracking, ISBN
	cRemote    // ssh, scp: user@host
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
	rKey           // as rToken, with a qualifier before it
	rBearer        // a token follows
	rMonth
)

// near reports whether a word of the context ends at most within bytes before start.
func (s *Scanner) near(c context, start, within int) bool {
	d := start - s.seen[c]
	return d >= 0 && d <= within
}

// nearAhead reports whether a word of the context follows within as many bytes behind t[i],
// in the same sentence and line.
func (s *Scanner) nearAhead(t []byte, i int, c context, within int) bool {
	end := min(len(t), i+within)
	for i < end {
		b := t[i]
		if b == '\n' || b == '.' && i+1 < len(t) && t[i+1] == ' ' || b == ';' {
			return false
		}
		if class[b]&letter == 0 {
			if b >= 0xC3 {
				if w := lookForeign(t, i); w != nil && w.sets>>c&1 != 0 {
					return true
				}
			}
			i++
			continue
		}
		from := i
		for i < len(t) && class[t[i]]&letter != 0 {
			i++
		}
		s.work += i - from
		if w := lookWord(t, from, i); w != nil && w.sets>>c&1 != 0 {
			return true
		}
	}
	return false
}

// contextWord is a word that means something for what is near it.
type contextWord struct {
	word string
	then string // what has to follow it, for words of more than one part
	sets uint64 // contexts
	role role
}

// lookWord looks up the ASCII word t[start:end], in any case.
func lookWord(t []byte, start, end int) *contextWord {
	n := end - start
	if n < 2 || n > 20 {
		return nil
	}
	first := lowered(t[start]) - 'a'
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
			if order = int(lowered(t[start+j])) - int(w[j]); order != 0 {
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
				if hasFold(t, end, contextWords[lo].then) {
					return &contextWords[lo]
				}
			}
			return nil
		}
	}
	return nil
}

// lookForeign looks up the word in another script that begins at t[i]. Those with an é are
// the rest of né and née.
func lookForeign(t []byte, i int) *contextWord {
	if i+1 >= len(t) || foreignSecond[t[i+1]&63]>>(t[i]&31)&1 == 0 {
		return nil
	}
	for j := range foreignWords {
		w := &foreignWords[j]
		if w.word[0] == t[i] && len(t)-i >= len(w.word) && string(t[i:i+len(w.word)]) == w.word && (t[i] != 0xC3 || i > 0 && lowered(t[i-1]) == 'n' && (i == 1 || class[t[i-2]]&alnum == 0)) {
			return w
		}
	}
	return nil
}
