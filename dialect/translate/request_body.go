package translate

import (
	"strconv"
	"strings"

	"github.com/sluice-gateway/sluice/dialect"
	"github.com/sluice-gateway/sluice/jsonscan"
	"github.com/sluice-gateway/sluice/jsontree"
)

// requestBody is a request on its way into the other dialect, whichever that is.
type requestBody struct {
	root  jsontree.Value
	there string // the API that the request is translated for, in words
	o     Options
	drops drops
	out   jsonText
	err   error  // the first thing wrong; what is written after it is for nothing
	index [2]int // the places in the lists around what is at hand: see place
}

// readRequest reads a body, which has to be an object.
func readRequest(body []byte, there string, o Options) (requestBody, error) {
	root, err := jsontree.Parse(body)
	problem := "the body is not a JSON object"
	if err != nil {
		problem = "the body cannot be read: " + err.Error()
	} else if kindOf(root) == jsontree.Object {
		return requestBody{
			root: root, there: there, o: o, drops: drops{may: o.Drop},
			out: make(jsonText, 0, 256+len(body)+len(body)/8),
		}, nil
	}
	return requestBody{}, &dialect.FieldError{Problem: problem}
}

// translated is the request when all of it has been written.
func (q *requestBody) translated() Request {
	q.out.put("}")
	return Request{Body: q.out, Dropped: q.drops.dropped}
}

// knownMember is a member of an object of a request. One that has no equal in the other
// API has a value that changes nothing, and may be there with it. null changes nothing
// anywhere.
type knownMember struct {
	name  string
	quiet string // that value as JSON, "" = there is none; or what the value has to be
}

// What a member has to be that is looked at elsewhere, or says nothing at all.
const (
	anyValue  = "*"
	isString  = "a string"
	isList    = "a list"
	isObject  = "an object"
	isBoolean = "true or false"
)

// members checks that an object has no member but those that are known, or change
// nothing. An object that is absent has none.
func (q *requestBody) members(v jsontree.Value, path string, known []knownMember) {
	if isPresent(v) && kindOf(v) != jsontree.Object {
		q.wrong(path, "is not an object")
	}
	for _, m := range elements(v) {
		if !isPresent(m) {
			continue
		}
		name := m.Name()
		quiet := ""
		for i := range known {
			if known[i].name == name {
				quiet = known[i].quiet
			}
		}
		if path != "" {
			name = path + "." + name
		}
		switch {
		case quiet == anyValue || quiet != "" && quiet == kindWords[kindOf(m)]:
		case quiet == isString || quiet == isList || quiet == isObject || quiet == isBoolean:
			q.wrong(name, "is not "+quiet)
		case quiet == "" || !sameValue(m, quiet):
			q.without(name, "has no equal in "+q.there)
		}
	}
}

var kindWords = [...]string{
	jsontree.False: isBoolean, jsontree.True: isBoolean, jsontree.String: isString, jsontree.Array: isList, jsontree.Object: isObject,
}

// sameValue tells that a value is the one of a short text: 0.0 is 0, and [ ] is [].
func sameValue(v jsontree.Value, text string) bool {
	raw := v.Raw()
	if len(raw) > 64 {
		return false
	}
	if kindOf(v) == jsontree.Number {
		return jsonscan.Millionths(raw) == jsonscan.Millionths([]byte(text))
	}
	out := make([]byte, 0, 64)
	for _, b := range raw {
		if b > ' ' {
			out = append(out, b)
		}
	}
	return string(out) == text
}

// without leaves out what stands at a path: see drops. A path has [] where the place in
// a list belongs.
//
//go:noinline
func (q *requestBody) without(path, why string) {
	if err := q.drops.without(q.place(path), strings.ReplaceAll(path, "[]", ""), why); err != nil && q.err == nil {
		q.err = err
	}
}

//go:noinline
func (q *requestBody) wrong(path, problem string) {
	if q.err == nil {
		q.err = &dialect.FieldError{Field: q.place(path), Problem: problem}
	}
}

// place is a path with the places in lists: messages[3].content[0].
func (q *requestBody) place(path string) string {
	for _, i := range q.index {
		before, behind, found := strings.Cut(path, "[]")
		if !found {
			break
		}
		path = before + "[" + strconv.Itoa(i) + "]" + behind
	}
	return path
}
