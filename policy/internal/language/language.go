// Package language is the policy's language as data: which fields there are, what
// each may hold and what it is when left out. The decoder walks this table, and so
// does the JSON Schema; a field exists in both or in neither.
package language

// Kind says how a value is written.
type Kind uint8

// The kinds of value.
const (
	Object   Kind = iota // Fields, no others
	Map                  // names of kind Key, each with a value of Elem
	List                 // values of Elem
	Bool                 // true or false
	Integer              // 12: in digits alone, from Min to Max
	Decimal              // 0.85 or "0.85": from Min to Max, in millionths
	Money                // 0.15 or "0.15" US dollars: from Min to Max, in micro-dollars
	Amount               // a whole number or Money: the neighbouring `unit` decides; from Min to Max
	Duration             // 1h30m: from Min to Max, in milliseconds
	Size                 // 8MiB, 512KiB, or a number of bytes: from Min to Max, in bytes
	Word                 // one of Words
	Name                 // our own names: they become cluster names and metric labels
	Header               // a header's name, in any case
	Variable             // an environment variable's name
	Endpoint             // a base URL
	Zone                 // an IANA time zone
	Property             // a path into the gateway's properties: a.b["c.d"]
	Path                 // a URL's path: /v1, /deployments/{model}
	Scheme               // the word in front of a key: Bearer
	Member               // a request's field without places in lists: seed, messages.content.input_audio; or *
	Text                 // anything printable of at most MaxText characters
	Schema               // request, or a JSON Schema as a mapping
	Template             // text of at most MaxTemplate characters, with line breaks, and {{variables}}
)

// MaxText bounds a Text, MaxTemplate a Template, MaxName a Name, MaxSchema a Schema as JSON.
const (
	MaxText     = 1024
	MaxTemplate = 16384
	MaxName     = 64
	MaxSchema   = 65536
)

// Shape is what one value must look like.
type Shape struct {
	Kind     Kind
	Fields   []Field
	OneOf    []string // of Object: fields of which exactly one is given
	Key      Kind     // of Map: Name or Text
	Elem     *Shape   // of Map and List
	Words    []string
	Min, Max int64  // bounds; of Map and List: the least number of elements
	Unique   bool   // of List: no value twice
	Secret   bool   // a user may have put a key here by mistake: no message repeats it
	Hint     string // added to every message about a value that is not of this shape
}

// Field is one field of an Object.
type Field struct {
	Name     string
	Shape    *Shape
	Required bool
	Default  string // as JSON; "" = left out is a state of its own
	Doc      string // one sentence for editors
}
