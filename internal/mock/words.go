package mock

import "strings"

// The generated prose is made of words that are one token each, with a space before
// them and with a capital, in o200k_base and in cl100k_base; a full stop is one token
// as well. So n tokens of it are n pieces, and no tokenizer has to run. A test holds
// it against the tokenizer.
var words = strings.Fields(`
the of to and in is it that for on with as this by from at or an be are was one all not but can more when if each
other than then time people could water first long been call now find down day did get come made may part over new
sound take only little work know place year live back give most very after thing our just name good sentence man
think say great where help through much before line right too mean old any same tell boy follow want show also
around form three small set put end does another well large must big even such because turn here why ask men read
need land different home us move try kind hand picture again change off play spell air away animal house point page
letter mother answer found study still learn should world high every near add food between own below country plant
last school father keep tree never start city earth eye light thought head under story left few while along close
something next hard open example begin life always those both paper together got group often run important until
children side car night walk white sea grow river four state once book stop without second later miss enough eat
face watch far really almost let above girl sometimes mountain cut young talk soon list song being leave family`)

// spaced and capital are the words as they stand inside and at the beginning of a
// sentence.
var spaced, capital = inSentences(words)

func inSentences(words []string) (spaced, capital []string) {
	for _, w := range words {
		spaced = append(spaced, " "+w)
		capital = append(capital, " "+strings.ToUpper(w[:1])+w[1:])
	}
	return spaced, capital
}

// prose is n tokens of text chosen by seed: sentences of 6 to 15 words.
func prose(seed uint64, n int64) []string {
	pieces := make([]string, n)
	left := 0 // what is still to come of the sentence, its full stop included
	for i, state := 0, seed; i < len(pieces); i++ {
		state = mix(state)
		word := int(state % uint64(len(words)))
		switch left {
		case 0:
			pieces[i] = capital[word]
			left = 6 + int(state>>40%10)
			continue
		case 1:
			pieces[i] = "."
		default:
			pieces[i] = spaced[word]
		}
		left--
	}
	if n > 0 {
		pieces[0] = pieces[0][1:] // no space before the first
	}
	return pieces
}
