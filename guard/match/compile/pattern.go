package compile

import (
	"fmt"
	"regexp/syntax"
	"unicode"
	"unicode/utf8"

	"github.com/sluice-gateway/sluice/guard/match/internal/fold"
)

type pattern struct {
	rule int
	text string
	re   *syntax.Regexp
	fold fold.Options
}

func parse(rule int, text string, o Options) (pattern, error) {
	flags := syntax.Perl
	if !o.CaseSensitive || o.Normalise {
		flags |= syntax.FoldCase
	}
	re, err := syntax.Parse(text, flags)
	if err != nil {
		return pattern{}, &Error{Rule: rule, Pattern: text, Reason: err.Error(), Remedy: "the syntax is RE2's, without look-around and back references"}
	}
	p := pattern{rule: rule, text: text, re: re.Simplify(), fold: o.fold()}
	b := newBuilder(p.fold)
	from, to := b.node(), b.node()
	if err := b.add(p.re, from, to); err != nil {
		return pattern{}, &Error{Rule: rule, Pattern: text, Reason: err.Error(), Remedy: remedy}
	}
	if b.graph.reachable(from, to) {
		return pattern{}, &Error{Rule: rule, Pattern: text, Reason: "it can match the empty text, which is everywhere", Remedy: "write + in place of *, or ask for something that must be there"}
	}
	return p, nil
}

// builder makes the graph of patterns.
type builder struct {
	graph graph
	fold  fold.Options
}

func newBuilder(f fold.Options) *builder { return &builder{fold: f} }

// mostNodes bounds what a pattern such as (\pL{1000}) makes before it is known to be too large.
const mostNodes = 50_000

func (b *builder) node() int32 {
	b.graph.jumps = append(b.graph.jumps, nil)
	b.graph.steps = append(b.graph.steps, nil)
	return int32(len(b.graph.jumps) - 1)
}

func (b *builder) jump(from, to int32, when condition) {
	b.graph.jumps[from] = append(b.graph.jumps[from], jump{to, when})
	b.graph.conditions = b.graph.conditions || when != 0
}

// add makes the ways from one node to another that re describes. It adds no way back to from, and none onward from to.
func (b *builder) add(re *syntax.Regexp, from, to int32) error {
	if len(b.graph.jumps) > mostNodes {
		return fmt.Errorf("it has more than %d places", mostNodes)
	}
	switch re.Op {
	case syntax.OpNoMatch:
	case syntax.OpEmptyMatch:
		b.jump(from, to, 0)
	case syntax.OpLiteral:
		b.literal(re, from, to)
	case syntax.OpCharClass:
		b.class(re.Rune, from, to)
	case syntax.OpAnyCharNotNL:
		b.runes([]rune{0, '\n' - 1, '\n' + 1, unicode.MaxRune}, from, to)
	case syntax.OpAnyChar:
		b.runes([]rune{0, unicode.MaxRune}, from, to)
	case syntax.OpBeginLine:
		b.jump(from, to, beginLine)
	case syntax.OpEndLine:
		b.jump(from, to, endLine)
	case syntax.OpBeginText:
		b.jump(from, to, beginText)
	case syntax.OpEndText:
		b.jump(from, to, endText)
	case syntax.OpWordBoundary:
		b.jump(from, to, wordEdge)
	case syntax.OpNoWordBoundary:
		b.jump(from, to, noWordEdge)
	case syntax.OpCapture:
		return b.add(re.Sub[0], from, to)
	case syntax.OpQuest:
		b.jump(from, to, 0)
		return b.add(re.Sub[0], from, to)
	case syntax.OpStar:
		loop := b.node()
		b.jump(from, loop, 0)
		b.jump(loop, to, 0)
		return b.add(re.Sub[0], loop, loop)
	case syntax.OpPlus:
		begin, end := b.node(), b.node()
		b.jump(from, begin, 0)
		b.jump(end, begin, 0)
		b.jump(end, to, 0)
		return b.add(re.Sub[0], begin, end)
	case syntax.OpAlternate:
		for _, sub := range re.Sub {
			if err := b.add(sub, from, to); err != nil {
				return err
			}
		}
	case syntax.OpConcat:
		for i, sub := range re.Sub {
			next := to
			if i < len(re.Sub)-1 {
				next = b.node()
			}
			if err := b.add(sub, from, next); err != nil {
				return err
			}
			from = next
		}
	default:
		return fmt.Errorf("the operator %v is not supported", re.Op)
	}
	return nil
}

func (b *builder) literal(re *syntax.Regexp, from, to int32) {
	if b.fold&fold.Alike != 0 {
		b.folded(fold.String(string(re.Rune), b.fold), from, to)
		return
	}
	for i, r := range re.Rune {
		next := to
		if i < len(re.Rune)-1 {
			next = b.node()
		}
		set := []rune{r, r}
		if re.Flags&syntax.FoldCase != 0 {
			for other := unicode.SimpleFold(r); other != r; other = unicode.SimpleFold(other) {
				set = append(set, other, other)
			}
		}
		b.runes(set, from, next)
		from = next
	}
}

// folded adds text that is folded already, in which a space is what the text has for any white space.
func (b *builder) folded(text string, from, to int32) {
	if text == "" {
		b.jump(from, to, 0)
	}
	for text != "" {
		r, size := utf8.DecodeRuneInString(text)
		text = text[size:]
		next := to
		if text != "" {
			next = b.node()
		}
		if r == ' ' {
			b.runes([]rune{' ', ' ', '\n', '\n'}, from, next)
		} else {
			b.runes([]rune{r, r}, from, next)
		}
		from = next
	}
}

// smallClass is how many characters a class may have to be folded one by one. A larger one has the letters' folded forms in it.
const smallClass = 4096

func (b *builder) class(ranges []rune, from, to int32) {
	count := 0
	for i := 0; i < len(ranges); i += 2 {
		count += int(ranges[i+1]-ranges[i]) + 1
	}
	if b.fold&fold.Alike == 0 || count > smallClass {
		b.runes(ranges, from, to)
		return
	}
	seen := map[string]bool{}
	var set []rune
	for i := 0; i < len(ranges); i += 2 {
		for r := ranges[i]; r <= ranges[i+1]; r++ {
			text := fold.String(string(r), b.fold)
			if seen[text] || text == "" {
				continue
			}
			seen[text] = true
			if only, size := utf8.DecodeRuneInString(text); size == len(text) && only != ' ' {
				set = append(set, only, only)
			} else {
				b.folded(text, from, to)
			}
		}
	}
	b.runes(set, from, to)
}
