package compare

import "strings"

// Ways to ask how something is done in a few other languages, where the verb alone moves.
// They are written without accents, articles and politeness, as wordsAbroad leaves them.
var (
	// wishAbroad begin what is done with its verb first; in lastAbroad it comes last.
	wishAbroad = []string{
		"comment puis je", "comment est ce que je peux", "comment je peux", "comment peut on", "comment faire pour", "comment dois je", "comment pourrais je", "comment on peut", "comment je fais pour", "comment fait on pour", "comment", "je voudrais", "je veux", "jaimerais", "j aimerais", "je souhaite", "quelle est facon de", "quelle est maniere de",
		"como puedo", "como se puede", "como hago para", "como hacer para", "como podria", "como debo", "como puede uno", "como", "quiero", "quisiera", "me gustaria", "necesito", "cual es forma de", "cual es manera de", "cual es mejor forma de", "cual es mejor manera de", "que tengo que hacer para", "que debo hacer para",
		"come posso", "come si puo", "come faccio a", "come faccio per", "come si fa a", "come si fa per", "come potrei", "come fare per", "come fare a", "come", "vorrei", "voglio", "qual e modo per", "qual e modo migliore per", "cosa devo fare per",
		"como posso", "como faco para", "como fazer para", "quero", "gostaria de",
	}
	lastAbroad = []string{
		"wie kann ich", "wie koennte ich", "wie kann man", "wie soll ich", "wie muss ich", "wie koennen wir", "wie kann wir", "ich moechte", "ich will", "ich wuerde gern", "ich wuerde gerne", "ich muss",
		"hoe kan ik", "hoe kan je", "hoe kun je", "hoe moet ik", "ik wil", "ik zou", "ik moet",
	}
	// endsAbroad ask how behind a wish.
	endsAbroad = []string{
		"wie geht", "wie mache ich", "wie mach ich", "wie geht es", "wie", "was muss ich tun", "was muss ich machen", "was soll ich tun", "hoe doe ik dat", "hoe", "hoe werkt dat",
		"comment faire", "comment je fais", "comment", "como hago", "como lo hago", "como", "que tengo que hacer", "come faccio", "come si fa", "come posso fare",
	}
	// tellAbroad come before a clause whose verb is last.
	tellAbroad = []string{
		"koennen sie mir sagen", "koennten sie mir sagen", "kannst du mir sagen", "koenntest du mir sagen", "koennen sie mir erklaeren", "koennten sie mir erklaeren", "kannst du mir erklaeren", "weiss jemand", "wissen sie", "weisst du", "ich moechte wissen", "ich wuerde gern wissen", "ich wuerde gerne wissen", "erklaere mir", "zeig mir", "ich weiss nicht",
		"kunt u mij vertellen", "kun je me vertellen", "weet iemand", "weet je",
	}
	// whatAbroad ask what something is, or means.
	whatAbroad = []string{
		"was ist bedeutung von", "was versteht man unter", "was bedeutet", "was heisst", "was ist", "que veut dire", "que signifie", "quest ce que cest que", "quest ce que", "cest quoi", "que quiere decir", "que significa", "que es", "cosa vuol dire", "cosa significa", "che cosa significa", "cose", "che cose", "wat betekent", "wat is",
	}
	particlesAbroad = set{"an", "ab", "auf", "aus", "ein", "um", "zurueck", "hoch", "runter", "herunter", "los", "mit", "nach", "vor", "zu", "weg", "op", "uit", "af", "aan", "in", "terug"}
	modalsAbroad    = set{"kann", "koennte", "koennen", "soll", "muss", "kan", "kun", "moet", "ist", "sind", "war", "wird", "hat", "habe", "bin", "is", "zijn", "heb"}
)

// howAbroad brings the ways to ask how something is done, and what something is, to one.
func howAbroad(text string) string {
	text = strings.TrimSpace(text)
	if rest, ok := cutOne(text, whatAbroad); ok {
		return "?what " + rest
	}
	for _, f := range tellAbroad {
		rest, ok := strings.CutPrefix(text, f+" wie ")
		if !ok {
			if rest, ok = strings.CutPrefix(text, f+" hoe "); !ok {
				continue
			}
		}
		who, rest, _ := strings.Cut(rest, " ")
		switch who {
		case "ich", "man", "wir", "ik", "je":
			for _, can := range [...]string{" kann", " koennte", " kan"} {
				rest = strings.TrimSuffix(rest, can)
			}
			return verbLast(rest)
		}
		return text
	}
	wished := text
	for _, end := range endsAbroad {
		if rest, ok := strings.CutSuffix(text, " "+end); ok {
			wished = rest
			break
		}
	}
	if rest, ok := cutOne(wished, lastAbroad); ok {
		return verbLast(rest)
	}
	if w := strings.Fields(text); len(w) > 3 && (w[0] == "wie" || w[0] == "hoe") && (w[2] == "ich" || w[2] == "man" || w[2] == "ik") && !modalsAbroad.has(w[1]) {
		verb, rest := w[1], w[3:]
		if w[2] == "man" {
			verb = strings.TrimSuffix(verb, "t")
		}
		if last := rest[len(rest)-1]; particlesAbroad.has(last) && len(rest) > 1 {
			verb, rest = last+verb, rest[:len(rest)-1]
		}
		return verbLast(strings.Join(rest, " ") + " " + verb)
	}
	if rest, ok := cutOne(wished, wishAbroad); ok {
		if verb, _, _ := strings.Cut(rest, " "); len(verb) > 3 && (strings.HasSuffix(verb, "r") || strings.HasSuffix(verb, "re") || strings.HasSuffix(verb, "rse") || strings.HasSuffix(verb, "rsi") || strings.HasSuffix(verb, "rmi") || strings.HasSuffix(verb, "rme")) {
			return "?how " + rest
		}
	}
	return text
}

// cutOne cuts the first of the beginnings that the text has, of which longer ones are first.
func cutOne(text string, beginnings []string) (string, bool) {
	for _, f := range beginnings {
		if rest, ok := strings.CutPrefix(text, f+" "); ok {
			return rest, true
		}
	}
	return text, false
}

// verbLast takes the ending off the last word, which is the verb: aendern, aendere.
func verbLast(text string) string {
	for _, end := range [...]string{"en", "n", "e"} {
		if stem, ok := strings.CutSuffix(text, end); ok {
			return "?how " + stem
		}
	}
	return "?how " + text
}
