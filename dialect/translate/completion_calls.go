package translate

import (
	"errors"
	"strconv"

	"github.com/sluice-gateway/sluice/jsonscan"
	"github.com/sluice-gateway/sluice/jsontree"
)

// completionCall is a call of a tool whose pieces are still coming.
type completionCall struct {
	index     int64 // OpenAI's, -1 = it gave none
	id, name  string
	arguments []byte // while it waits: the inside of a JSON string
}

// maxWaiting bounds the arguments of the calls that wait, in bytes, and maxWaitingCalls
// their number.
const (
	maxWaiting      = 64 << 10
	maxWaitingCalls = 32
)

// piece takes a piece of a call. Its id and name come with the first one.
//
// Anthropic's blocks come one after the other, and OpenAI's calls may come in turns. So the
// first call goes to the client as it comes, and those behind it wait for its end, which is
// that of all of them: no piece says that it is a call's last. If more would wait than
// there is room for, what waits is taken to be whole, but for the last.
func (s *CompletionStream) piece(t *chatText, call, function jsontree.Value) error {
	index, indexed := call.Get("index").Int()
	if !indexed {
		index = -1
	}
	id, name := completionWord(call.Get("id")), completionWord(function.Get("name"))
	at := s.find(index, id, name)
	if at < 0 {
		if name == "" {
			return errors.New("translate: a piece of a call that is not open")
		}
		if id == "" {
			id = completionID(s.c, s.calls)
		}
		s.calls++
		at = len(s.open)
		s.open = append(s.open, completionCall{index: index, id: id, name: name})
		if at == 0 {
			s.stopBlock(t)
			s.startCall(t)
		}
	}
	arguments := function.Get("arguments")
	more := arguments.Inside()
	if chatKind(arguments) == jsontree.Object { // some write it as what it is
		more = jsonscan.AppendQuoted(nil, string(arguments.Raw()))
		more = more[1 : len(more)-1]
	}
	if len(more) > 0 && at == 0 {
		s.arguments(t, more)
	} else {
		s.open[at].arguments = append(s.open[at].arguments, more...)
		s.waiting += len(more)
	}
	for len(s.open) > 1 && (s.waiting > maxWaiting || len(s.open) > maxWaitingCalls) {
		s.nextCall(t)
	}
	return nil
}

// find is the place of the call that a piece belongs to, -1 = it begins one. Some number
// every call 0, and some none.
func (s *CompletionStream) find(index int64, id, name string) int {
	for i := len(s.open) - 1; i >= 0; i-- {
		c := &s.open[i]
		if index >= 0 && c.index == index && (id == "" || c.id == id) ||
			index < 0 && (id == "" && name == "" || id != "" && c.id == id) {
			return i
		}
	}
	return -1
}

// startCall begins the block of the first open call, and writes what it has so far.
func (s *CompletionStream) startCall(t *chatText) {
	c := &s.open[0]
	s.start(t, "tool_use")
	t.quoted(`,"id":`, c.id)
	t.quoted(`,"name":`, c.name)
	t.put(`,"input":{}}}` + "\n\n")
	if len(c.arguments) > 0 {
		s.arguments(t, c.arguments)
		s.waiting -= len(c.arguments)
		c.arguments = nil
	}
}

// nextCall ends the first open call, and begins the next one, if there is one.
func (s *CompletionStream) nextCall(t *chatText) {
	s.stopBlock(t)
	s.open = s.open[1:]
	if len(s.open) > 0 {
		s.startCall(t)
	}
}

func (s *CompletionStream) arguments(t *chatText, inside []byte) {
	s.startDelta(t, "input_json_delta")
	t.bytes(`,"partial_json":"`, inside)
	t.put("\"}}\n\n")
}

// completionWord is a string of bounded length.
func completionWord(v jsontree.Value) string {
	word := v.Text()
	return word[:min(len(word), maxMessageWord)]
}

// completionID is for a call that has no id: the client has to name the call.
func completionID(c Context, n int64) string { return c.ID + "_" + strconv.FormatInt(n, 10) }
