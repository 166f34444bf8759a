// Package normal is a policy as the plugin's configuration has it: every default filled
// in, durations in milliseconds, money in micro-dollars, endpoints taken apart, a rule's
// targets as places in the list. `sluice render` writes it, and the module reads it.
//
//	{"format":5,"version":1,"providers":[{"name":"openai","dialect":"openai",…}],…}
//
// It is JSON with names that say what they hold, since people read it in a gateway's
// config dump. It is no language to write: there is exactly one way to say each thing,
// nothing may be left out, and nothing may be added. A reader knows one format. So there is
// nothing here that could decide anything, and a module carries no more than it takes to
// copy values.
//
// Writing and reading are one walk over the policy (policy.go), so that neither can know a
// field that the other does not.
package normal

import (
	"errors"
	"strconv"

	"github.com/sluice-gateway/sluice/jsontree"
	"github.com/sluice-gateway/sluice/policy"
)

// Format is the number of the format that this package writes and reads. It is another
// one as soon as a member comes, goes, or means something else.
const Format = 5

// Append writes a policy that package strict has let pass. Fractions have at most six
// decimals there, and durations are whole milliseconds: what is finer is lost.
func Append(dst []byte, p *policy.Policy) []byte {
	c := codec{out: dst}
	c.root(p)
	return c.out
}

// Read reads what Append has written, in any order of the members and with any spaces
// between them, as configuration servers leave it.
func Read(text []byte) (*policy.Policy, error) {
	root, err := jsontree.Parse(text)
	if err != nil {
		return nil, errors.New("the policy: " + err.Error())
	}
	if format, ok := root.Get("format").Int(); ok && format != Format {
		return nil, errors.New("the policy was rendered by another version of sluice (format " + strconv.FormatInt(format, 10) +
			", and this module reads " + strconv.Itoa(Format) + ")" + remedy)
	}
	c := codec{reading: true, at: root, name: "policy"}
	p := &policy.Policy{}
	c.root(p)
	if c.odd != "" {
		return nil, errors.New(`the policy was rendered by another version of sluice, or by none (at "` + c.odd + `")` + remedy)
	}
	return p, nil
}

const remedy = ": render it again with the sluice that this module came with"

func (c *codec) root(p *policy.Policy) {
	c.begin()
	format := int64(Format)
	c.number("format", &format)
	visit(c, p)
	c.leave()
}
