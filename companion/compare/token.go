package compare

// kind is what a token is compared as.
type kind uint8

const (
	word    kind = iota
	number       // 1234, 10 kg, 2nd
	date         // 3 May 2026
	clock        // 15:00
	ident        // /etc/hosts, v1.2.3, INV-2031, --force: equal or not, no spelling
	quoted       // a word inside quotation marks or code: as it stands
	symbol       // + = |
	passage      // a long run of words that both texts have
)

// token is one word of a text, or what counts as one.
type token struct {
	kind  kind
	text  string // lower case, in American spelling; what is compared first
	lemma string // the word that text is a form of
	raw   string // as written
	unit  string // of a number
	// ends tells how the text goes on after it.
	ends pause
	// name tells that it is written as a name is, in the middle of a sentence.
	name bool
	// mark is the preposition before it, negated a "not" before it.
	mark    string
	negated bool
	// soft is a number that goes without saying, as "one" does beside "a", or a "not" that
	// was a part of a contraction.
	soft bool
	// parts are the words that were made this one, as a phrase that the tables have.
	parts []token
	// under is the preposition that rules it, also from farther before; clause is the
	// conjunction that its clause begins with.
	under, clause string
	// article tells that an article or a possessive is before it: it is a thing.
	article bool
	// part counts the clauses before it.
	part int
	// free is a word that stands for how the question is put, and has no place in it.
	free bool
	// joined tells that "and", "or" or a comma is before it.
	joined bool
}

type pause uint8

const (
	none pause = iota
	comma
	stop
)
