package translate

import (
	"errors"
	"strconv"

	"github.com/sluice-gateway/sluice/jsontree"
)

// completionCall is a call of a tool whose pieces are still coming.
type completionCall struct {
	index     int64 // OpenAI's, -1 = it gave none
	id, name  string
	arguments jsonText // that the client has not seen: the inside of a JSON string
	begun     bool
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
func (s *CompletionStream) piece(t *jsonText, call jsontree.Value) error {
	function := completionFunction(call)
	index, indexed := call.Get("index").Int()
	if !indexed {
		index = -1
	}
	id, name := completionWord(call.Get("id")), completionWord(function.Get("name"))
	c := s.find(index, id, name)
	if c == nil {
		if name == "" {
			return errors.New("translate: a piece of a call that is not open")
		}
		if id == "" {
			id = completionID(s.c, s.calls)
		}
		s.calls++
		c = &completionCall{index: index, id: id, name: name}
		s.open = append(s.open, c)
	}
	more := function.Get("arguments").Inside()
	c.arguments.bytes("", more)
	s.waiting += len(more)
	s.tell(t)
	for len(s.open) > 1 && (s.waiting > maxWaiting || len(s.open) > maxWaitingCalls) {
		s.nextCall(t)
	}
	return nil
}

// find is the call that a piece belongs to, nil = it begins one. Some number every call
// 0, and some none.
func (s *CompletionStream) find(index int64, id, name string) *completionCall {
	for i := len(s.open) - 1; i >= 0; i-- {
		c := s.open[i]
		same := c.index == index
		if index < 0 {
			same = id != "" || name == ""
		}
		if same && (id == "" || c.id == id) {
			return c
		}
	}
	return nil
}

// tell writes what the first open call has so far.
func (s *CompletionStream) tell(t *jsonText) {
	c := s.open[0]
	if !c.begun {
		c.begun = true
		s.stopBlock(t)
		s.start(t, "tool_use")
		t.quoted(`,"id":`, c.id)
		t.quoted(`,"name":`, c.name)
		t.put(`,"input":{}}}` + "\n\n")
	}
	if len(c.arguments) > 0 {
		s.startDelta(t, "input_json_delta")
		t.bytes(`,"partial_json":"`, c.arguments)
		t.put("\"}}\n\n")
		s.waiting -= len(c.arguments)
		c.arguments = c.arguments[:0]
	}
}

// nextCall ends the first open call, and begins the next one, if there is one.
func (s *CompletionStream) nextCall(t *jsonText) {
	s.stopBlock(t)
	if s.open = s.open[1:]; len(s.open) > 0 {
		s.tell(t)
	}
}

// completionWord is a string of bounded length.
func completionWord(v jsontree.Value) string {
	word := v.Text()
	return word[:min(len(word), maxMessageWord)]
}

// completionID is for a call that has no id: the client has to name the call.
func completionID(c Context, n int64) string { return c.ID + "_" + strconv.FormatInt(n, 10) }
