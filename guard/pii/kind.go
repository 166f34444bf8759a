package pii

// Kind is what a find is, in the policy's words.
type Kind uint8

// The kinds, in the order in which equal finds are preferred: the earlier one stays.
const (
	Secret     Kind = iota // keys, tokens, passwords
	Card                   // payment cards
	IBAN                   // international bank account numbers
	SSN                    // US social security numbers
	NationalID             // numbers of persons and firms that a state gave
	Email                  //
	Phone                  //
	Crypto                 // addresses of crypto currencies
	IP                     // IPv4 and IPv6
	MAC                    //
	Passport               // numbers and machine-readable zones
	BirthDate              // dates that are said to be of a birth
	kindCount
)

var kindWords = [kindCount]string{"secret", "card", "iban", "ssn", "national_id", "email", "phone", "crypto", "ip", "mac", "passport", "birth_date"}

// String is the kind's word in a policy: "email", "birth_date".
func (k Kind) String() string {
	if k >= kindCount {
		return "unknown"
	}
	return kindWords[k]
}

// ParseKind reads a policy's word.
func ParseKind(word string) (Kind, bool) {
	for k, w := range kindWords {
		if w == word {
			return Kind(k), true
		}
	}
	return 0, false
}

// Kinds is a set of kinds.
type Kinds uint32

// All has every kind.
const All Kinds = 1<<kindCount - 1

// Of is the set of these kinds.
func Of(kinds ...Kind) Kinds {
	var set Kinds
	for _, k := range kinds {
		set |= 1 << k
	}
	return set
}

// Has reports whether k is in the set.
func (s Kinds) Has(k Kind) bool { return s>>k&1 != 0 }
