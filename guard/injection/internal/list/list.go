// Package list is the published list of heuristics: what the generator compiles, and what docs/injection.md shows. It is native.
package list

// Family is what a heuristic tells of. The order is that of injection.Family.
type Family int

const (
	Override Family = iota
	Extraction
	Persona
	Delimiter
	Smuggling
	Exfiltration
	Tools
	Concealment
)

// Rule is one heuristic: words, or a pattern. Both meet folded text (docs/matching.md): lower case, no accents, look-alikes and
// invisible characters resolved.
type Rule struct {
	Name    string // begins with the family's
	Family  Family
	Weight  int // per cent
	Steps   []Step
	Pattern string
}

// Step is a group of words that must follow the step before with at most Gap words between, and in the same sentence.
type Step struct {
	Group string
	Gap   int
}

func then(gap int, group string) Step { return Step{group, gap} }

// words is a rule of groups.
func words(family Family, weight int, name string, steps ...Step) Rule {
	return Rule{Name: name, Family: family, Weight: weight, Steps: steps}
}

// looks is a rule of a pattern.
func looks(family Family, weight int, name, pattern string) Rule {
	return Rule{Name: name, Family: family, Weight: weight, Pattern: pattern}
}

// Rules are all of them.
var Rules = []Rule{
	words(Override, 70, "override.orders", then(0, "dismiss"), then(3, "prior"), then(3, "orders")),
	words(Override, 65, "override.orders-prior", then(0, "dismiss"), then(3, "orders"), then(2, "former")),
	words(Override, 65, "override.rules", then(0, "dismiss"), then(2, "yours"), then(2, "rules")),
	words(Override, 60, "override.safety", then(0, "dismiss"), then(1, "safety"), then(0, "protection")),
	words(Override, 60, "override.told", then(0, "dismiss"), then(2, "orders"), then(4, "given you")),
	words(Override, 60, "override.everything", then(0, "dismiss everything")),
	words(Override, 60, "override.above", then(0, "dismiss above")),
	words(Override, 60, "override.system", then(0, "dismiss"), then(2, "system prompt")),
	words(Override, 60, "override.any", then(0, "dismiss"), then(2, "pointed"), then(1, "orders")),
	words(Override, 60, "override.void", then(0, "yours"), then(2, "orders"), then(1, "void")),
	words(Override, 50, "override.void-rules", then(0, "your"), then(1, "rules"), then(1, "void")),
	words(Override, 50, "override.take-orders", then(0, "take orders from me")),
	words(Override, 65, "override.supersede", then(0, "supersede"), then(3, "orders")),
	words(Override, 60, "override.unbound", then(0, "unbound")),
	words(Override, 40, "override.new", then(0, "new orders")),
	words(Override, 55, "override.instead", then(0, "follow mine")),
	words(Override, 55, "override.yours", then(0, "your new orders")),
	words(Override, 50, "override.obey", then(0, "obey me")),
	words(Override, 55, "override.switch-off", then(0, "switch off"), then(1, "yours or all"), then(2, "protection")),
	words(Override, 65, "override.behind", then(0, "orders"), then(4, "dismiss behind")),

	words(Extraction, 65, "extraction.yours", then(0, "tell"), then(5, "your"), then(2, "secret"), then(1, "orders text")),
	words(Extraction, 60, "extraction.yours-behind", then(0, "tell"), then(5, "your"), then(1, "orders text"), then(2, "secret")),
	words(Extraction, 60, "extraction.instructions", then(0, "give away"), then(4, "your"), then(1, "orders text")),
	words(Extraction, 55, "extraction.the", then(0, "give away"), then(5, "the secret orders")),
	words(Extraction, 60, "extraction.what", then(0, "what is your"), then(0, "secret"), then(1, "orders text")),
	words(Extraction, 60, "extraction.above", then(0, "repeat everything"), then(3, "above")),
	words(Extraction, 50, "extraction.begin", then(0, "begin with"), then(3, "you are")),
	words(Extraction, 50, "extraction.told", then(0, "were you told")),
	words(Extraction, 55, "extraction.part", then(0, "part of your prompt")),
	words(Extraction, 60, "extraction.behind", then(0, "system prompt"), then(2, "show behind")),

	words(Persona, 60, "persona.dan", then(0, "become"), then(1, "jailbreak names")),
	words(Persona, 60, "persona.anything", then(0, "do anything now")),
	words(Persona, 60, "persona.mode", then(0, "jailbreak mode")),
	words(Persona, 65, "persona.free", then(0, "become"), then(6, "machine"), then(4, "without"), then(3, "freedom")),
	words(Persona, 55, "persona.unfiltered", then(0, "unfiltered"), then(2, "machine")),
	words(Persona, 50, "persona.refuse", then(0, "never refuse")),
	words(Persona, 55, "persona.none", then(0, "you have no"), then(2, "freedom")),
	words(Persona, 55, "persona.bound", then(0, "not bound")),
	words(Persona, 50, "persona.tokens", then(0, "lose tokens")),
	words(Persona, 50, "persona.answer", then(0, "answer"), then(3, "without"), then(0, "judgement")),
	words(Persona, 55, "persona.grandmother", then(0, "grandmother"), then(1, "used to tell"), then(8, "forbidden things")),
	words(Persona, 50, "persona.comply", then(0, "comply")),

	looks(Delimiter, 70, "delimiter.chatml", `(?:^|[^"'\x60])<\|im_start\|> ?(?:system|assistant|user)`),
	looks(Delimiter, 60, "delimiter.end", `<\|im_end\|> ?<\|`),
	looks(Delimiter, 60, "delimiter.role", `(?:^|[^"'\x60])<\|(?:system|user|assistant)\|>`),
	looks(Delimiter, 65, "delimiter.llama", `<\|start_header_id\|> ?(?:system|user|assistant)|\[inst\] ?<<sys>>|<<sys>> ?\n|<start_of_turn> ?(?:model|user|system)`),
	looks(Delimiter, 60, "delimiter.turns", `\nhuman: ?[^\n]*\nassistant:|assistant: ?[^\n]*\nhuman:`),
	looks(Delimiter, 60, "delimiter.system", `(?:^|\n)-*(?:system|developer): ?(?:the user|you |new |give|ignore|override|your |grant)`),
	looks(Delimiter, 50, "delimiter.notice", `\[system[ _](?:override|message|prompt|notice)\]|\bsystem (?:message|override|notice): ?(?:your|you|the user|new|ignore)`),
	looks(Delimiter, 60, "delimiter.tag", `</?(?:system|user|user_input|input|document|context)> ?<system|<system(?:_message|_prompt)?> ?(?:new|you |ignore|grant|your )`),
	looks(Delimiter, 55, "delimiter.heading", `### ?(?:system|instructions?): ?(?:you |ignore|disregard|new |override|your )`),
	looks(Delimiter, 55, "delimiter.json", `\{ ?"role": ?"system", ?"content"`),
	looks(Delimiter, 60, "delimiter.link", `\[system\]\(#`),
	looks(Delimiter, 55, "delimiter.over", `end of (?:the )?(?:user )?(?:input|prompt|document|context|text)[-. ]*(?:system:|ignore|new instructions)`),

	words(Smuggling, 50, "smuggling.decode", then(0, "decode"), then(8, "and obey")),
	words(Smuggling, 50, "smuggling.encoded", then(0, "obey"), then(2, "encoded instructions")),

	looks(Exfiltration, 60, "exfiltration.image", `\]\(https?://[^) ]*=(?:[{$\[%]|data\b)`),
	words(Exfiltration, 55, "exfiltration.image-url", then(0, "into an image")),
	words(Exfiltration, 55, "exfiltration.send", then(0, "send"), then(5, "private things"), then(4, "to outside")),
	words(Exfiltration, 55, "exfiltration.word", then(0, "exfiltrate")),
	words(Exfiltration, 50, "exfiltration.personal", then(0, "personal things"), then(4, "into the link")),
	words(Exfiltration, 35, "exfiltration.credentials", then(0, "credential files")),
	looks(Exfiltration, 55, "exfiltration.link", `[?&]\w*= followed by`),

	words(Tools, 35, "tools.call", then(0, "call"), then(3, "tool")),
	looks(Tools, 55, "tools.pipe", `\b(?:curl|wget) (?:-\w+ )?https?://[^ \n]* ?\| ?(?:ba)?sh\b`),
	words(Tools, 35, "tools.pass", then(0, "pass it on")),
	words(Tools, 50, "tools.reader", then(0, "to the machine")),

	words(Concealment, 35, "concealment.user", then(0, "do not tell the user")),
	words(Concealment, 35, "concealment.confirmation", then(0, "without asking")),
}
