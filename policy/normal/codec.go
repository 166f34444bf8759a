package normal

import (
	"strconv"
	"time"

	"github.com/sluice-gateway/sluice/jsonscan"
	"github.com/sluice-gateway/sluice/jsontree"
)

// codec goes over a policy once, to write it or to read it. Each of its methods takes the
// place of a value in the policy, and either writes that value or sets it.
//
// Its methods are called for each field of the policy, and what is generic is there once
// for each type: the less they take and hand back, the smaller is the module.
type codec struct {
	reading bool
	out     []byte // writing: the text so far

	// Reading:
	at     jsontree.Value // the value at hand
	name   string         // its name
	object                // the object that it is a member of
	around []object       // those that the object is in, outermost first
	odd    string         // the first name at which the text is not of this format
}

// object is one that is being read.
type object struct {
	members jsontree.Value
	known   int // so many of its members have been read
	called  string
}

// member goes to a member of the object.
func (c *codec) member(name string) {
	c.name = name
	if c.reading {
		c.known++
		c.at = c.members.Get(name)
		return
	}
	c.comma('{')
	c.out = append(append(append(c.out, '"'), name...), `":`...)
}

// comma separates from what stands before, if that is not the bracket.
func (c *codec) comma(open byte) {
	if c.out[len(c.out)-1] != open {
		c.out = append(c.out, ',')
	}
}

// expect notes where the text is not of this format.
func (c *codec) expect(ok bool) {
	if !ok && c.odd == "" {
		c.odd = c.name
	}
}

// enter goes into a member that is an object. leave goes back.
func (c *codec) enter(name string) {
	c.member(name)
	c.begin()
}

// begin goes into the value at hand, an object.
func (c *codec) begin() {
	if !c.reading {
		c.out = append(c.out, '{')
		return
	}
	c.expect(c.at.Kind() == jsontree.Object)
	c.around = append(c.around, c.object)
	c.object = object{members: c.at, called: c.name}
}

func (c *codec) leave() {
	if !c.reading {
		c.out = append(c.out, '}')
		return
	}
	c.name = c.called
	c.expect(c.members.Len() == c.known) // one more is a member that this package does not know
	last := len(c.around) - 1
	c.object, c.around = c.around[last], c.around[:last]
}

func (c *codec) text(name string, p *string) {
	c.member(name)
	if c.reading {
		c.expect(c.at.Kind() == jsontree.String)
		*p = c.at.Text()
	} else {
		c.out = jsonscan.AppendQuoted(c.out, *p)
	}
}

func (c *codec) number(name string, p *int64) {
	c.member(name)
	if c.reading {
		n, ok := c.at.Int()
		c.expect(ok)
		*p = n
	} else {
		c.out = strconv.AppendInt(c.out, *p, 10)
	}
}

func (c *codec) count(name string, p *int) {
	n := int64(*p)
	if c.number(name, &n); c.reading {
		*p = int(n)
	}
}

// milliseconds is a duration.
func (c *codec) milliseconds(name string, p *time.Duration) {
	n := int64(*p / time.Millisecond)
	if c.number(name, &n); c.reading {
		*p = time.Duration(n) * time.Millisecond
	}
}

// millionths is a fraction.
func (c *codec) millionths(name string, p *float64) {
	n := int64(*p*1e6 + 0.5)
	if c.number(name, &n); c.reading {
		*p = float64(n) / 1e6
	}
}

func (c *codec) flag(name string, p *bool) {
	c.member(name)
	if c.reading {
		*p = c.at.Bool()
		c.expect(*p || c.at.Kind() == jsontree.False)
	} else {
		c.out = strconv.AppendBool(c.out, *p)
	}
}

// choice is a flag that may be null.
func (c *codec) choice(name string, p **bool) {
	if c.reading {
		*p = nil
		if c.members.Get(name).Kind() != jsontree.Null {
			*p = new(bool)
		}
	}
	if *p != nil {
		c.flag(name, *p)
	} else {
		c.null(name)
	}
}

func (c *codec) null(name string) {
	c.member(name)
	if !c.reading {
		c.out = append(c.out, "null"...)
	}
}

// section is an object that may be null.
func section[T any](c *codec, name string, p **T, visit func(*codec, *T)) {
	if c.reading {
		*p = nil
		if c.members.Get(name).Kind() != jsontree.Null {
			*p = new(T)
		}
	}
	if *p == nil {
		c.null(name)
		return
	}
	c.enter(name)
	visit(c, *p)
	c.leave()
}

// list is a list of objects. An empty one is nil.
func list[T any](c *codec, name string, p *[]T, visit func(*codec, *T)) {
	values := c.open(name)
	if len(values) > 0 {
		*p = make([]T, len(values))
	}
	for i := range *p {
		c.beginElement(values, i)
		visit(c, &(*p)[i])
		c.leave()
	}
	c.close()
}

// open begins a list. Reading, it returns the elements.
func (c *codec) open(name string) []jsontree.Value {
	c.member(name)
	if !c.reading {
		c.out = append(c.out, '[')
		return nil
	}
	c.expect(c.at.Kind() == jsontree.Array)
	return c.at.Elements()
}

// beginElement goes into an element that is an object. In list it would be there once for
// each type.
//
//go:noinline
func (c *codec) beginElement(values []jsontree.Value, i int) {
	c.element(values, i)
	c.begin()
}

// element goes to an element.
func (c *codec) element(values []jsontree.Value, i int) {
	if c.reading {
		c.at = values[i]
	} else {
		c.comma('[')
	}
}

//go:noinline
func (c *codec) close() {
	if !c.reading {
		c.out = append(c.out, ']')
	}
}

func (c *codec) texts(name string, p *[]string) {
	for _, v := range c.open(name) {
		c.expect(v.Kind() == jsontree.String)
		*p = append(*p, v.Text())
	}
	for i := 0; !c.reading && i < len(*p); i++ {
		c.comma('[')
		c.out = jsonscan.AppendQuoted(c.out, (*p)[i])
	}
	c.close()
}

func (c *codec) numbers(name string, p *[]int64) {
	for _, v := range c.open(name) {
		n, ok := v.Int()
		c.expect(ok)
		*p = append(*p, n)
	}
	for i := 0; !c.reading && i < len(*p); i++ {
		c.comma('[')
		c.out = strconv.AppendInt(c.out, (*p)[i], 10)
	}
	c.close()
}

// places are indexes below n.
func (c *codec) places(name string, p *[]int, n int) {
	var places []int64
	for _, place := range *p {
		places = append(places, int64(place))
	}
	c.numbers(name, &places)
	if c.reading {
		for _, place := range places {
			c.expect(0 <= place && place < int64(n))
			*p = append(*p, int(place))
		}
	}
}
