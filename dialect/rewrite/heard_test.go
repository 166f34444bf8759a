package rewrite

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/dialect"
	"github.com/sluice-gateway/sluice/sse"
)

// loud writes upper case, and is late: it holds back the last bytes of what it was given.
type loud struct {
	late  int
	quiet bool // the case stays
	held  []byte
}

func (w *loud) Write(out, piece []byte) []byte {
	if !w.quiet {
		piece = bytes.ToUpper(piece)
	}
	w.held = append(w.held, piece...)
	n := max(0, len(w.held)-w.late)
	for n > 0 && n < len(w.held) && !utf8.RuneStart(w.held[n]) {
		n--
	}
	out = append(out, w.held[:n]...)
	w.held = append(w.held[:0], w.held[n:]...)
	return out
}

func (w *loud) End(out []byte) []byte {
	out = append(out, w.held...)
	w.held = nil
	return out
}

func (w *loud) Held() int { return len(w.held) }

func loudly(late int) Open { return func(Channel) Writer { return &loud{late: late} } }

// same writes what it is given.
type same struct{}

func (same) Write(out, piece []byte) []byte { return append(out, piece...) }
func (same) End(out []byte) []byte          { return out }
func (same) Held() int                      { return 0 }

// rewrite rewrites a stream, as it is framed.
func rewrite(op dialect.Op, open Open, stream string) string {
	var out []byte
	s := NewStream(op, open)
	r := sse.NewReader(0)
	r.Feed([]byte(stream))
	for ev, ok := r.Next(); ok; ev, ok = r.Next() {
		if !ev.HasData {
			out = append(out, ev.Raw...)
			continue
		}
		before, with := s.Event(ev.Type, ev.Data)
		out = append(out, before...)
		if with != nil {
			out = sse.AppendRewritten(out, ev, with)
		} else {
			out = append(out, ev.Raw...)
		}
	}
	return string(append(out, s.End()...))
}

// value is any JSON value; what is not there is null.
type value struct{ v any }

func (v value) get(path ...any) value {
	for _, step := range path {
		switch at := v.v.(type) {
		case map[string]any:
			name, _ := step.(string)
			v.v = at[name]
		default:
			v.v = nil
		}
	}
	return v
}

func (v value) list() (all []value) {
	list, _ := v.v.([]any)
	for _, e := range list {
		all = append(all, value{e})
	}
	return all
}

func (v value) text() string  { s, _ := v.v.(string); return s }
func (v value) number() int   { n, _ := v.v.(float64); return int(n) }
func (v value) present() bool { return v.v != nil }

func parse(t testing.TB, data []byte) value {
	var v any
	require.NoError(t, json.Unmarshal(data, &v), "%s", data)
	return value{v}
}

// heard is what a client has of a stream: its texts, by name. What is said again otherwise
// is there as well. It checks that nothing comes after its end, and that events are in order.
type heard struct {
	t        testing.TB
	texts    map[string]string
	closed   []string // no more comes of what begins so
	sequence int
}

func listen(t testing.TB, op dialect.Op, stream string) map[string]string {
	h := &heard{t: t, texts: map[string]string{}, sequence: -1}
	r := sse.NewReader(0)
	r.Feed([]byte(stream))
	for ev, ok := r.Next(); ok; ev, ok = r.Next() {
		if data := bytes.TrimSpace(ev.Data); len(data) == 0 || data[0] != '{' || !json.Valid(data) {
			continue
		}
		v := parse(t, ev.Data)
		switch op {
		case dialect.Messages:
			h.message(v, string(ev.Type))
		case dialect.Responses:
			h.response(v)
		default:
			h.chunk(v)
		}
	}
	return h.texts
}

func (h *heard) add(text string, name string, of ...any) {
	name = fmt.Sprintf(name, of...)
	if text == "" {
		return
	}
	for _, c := range h.closed {
		require.False(h.t, strings.HasPrefix(name, c), "%s: %q after its end", name, text)
	}
	h.texts[name] += text
}

func (h *heard) close(name string, of ...any) {
	h.closed = append(h.closed, fmt.Sprintf(name, of...))
}

func (h *heard) chunk(v value) {
	for _, c := range v.get("choices").list() {
		i := c.get("index").number()
		d := c.get("delta")
		h.add(c.get("text").text(), "%d text", i)
		for _, name := range []string{"content", "refusal", "reasoning", "reasoning_content"} {
			h.add(d.get(name).text(), "%d %s", i, name)
		}
		for _, part := range d.get("content").list() {
			h.add(part.get("text").text(), "%d part", i)
			for _, thought := range part.get("thinking").list() {
				h.add(thought.get("text").text(), "%d thought", i)
			}
		}
		for _, block := range d.get("thinking_blocks").list() {
			h.add(block.get("thinking").text(), "%d thinking %d", i, block.get("index").number())
			if block.get("signature").text() != "" {
				h.close("%d thinking %d", i, block.get("index").number())
			}
		}
		for _, detail := range d.get("reasoning_details").list() {
			n := detail.get("index").number()
			h.add(detail.get("text").text(), "%d detail %d", i, n)
			h.add(detail.get("summary").text(), "%d summary %d", i, n)
			if detail.get("signature").text() != "" {
				h.close("%d detail %d", i, n)
			}
		}
		h.add(d.get("audio", "transcript").text(), "%d transcript", i)
		h.add(d.get("function_call", "arguments").text(), "%d function", i)
		for _, call := range d.get("tool_calls").list() {
			n := call.get("index").number()
			h.add(call.get("function", "arguments").text(), "%d call %d", i, n)
			h.add(call.get("custom", "input").text(), "%d custom call %d", i, n)
		}
		if c.get("finish_reason").text() != "" {
			h.close("%d ", i)
		}
	}
}

func (h *heard) message(v value, typ string) {
	i := v.get("index").number()
	if kind := v.get("type").text(); kind != "" {
		typ = kind
	}
	switch typ {
	case "content_block_start":
		h.add(v.get("content_block", "text").text(), "%d text", i)
		h.add(v.get("content_block", "thinking").text(), "%d thinking", i)
	case "content_block_delta":
		h.add(v.get("delta", "text").text(), "%d text", i)
		h.add(v.get("delta", "partial_json").text(), "%d json", i)
		h.add(v.get("delta", "thinking").text(), "%d thinking", i)
		if v.get("delta", "signature").text() != "" {
			h.close("%d ", i)
		}
	case "content_block_stop":
		h.close("%d ", i)
	case "message_delta":
		h.close("")
	}
}

// whole is the member that says the text of an event again.
var whole = map[string]string{"function_call_arguments": "arguments", "refusal": "refusal", "custom_tool_call_input": "input",
	"mcp_call_arguments": "arguments", "code_interpreter_call_code": "code"}

func (h *heard) response(v value) {
	if v.get("sequence_number").present() {
		n := v.get("sequence_number").number()
		require.Greater(h.t, n, h.sequence)
		h.sequence = n
	}
	item, part := v.get("output_index").number(), v.get("content_index").number()+v.get("summary_index").number()
	kind := strings.TrimPrefix(v.get("type").text(), "response.")
	does := kind[strings.LastIndexByte(kind, '.')+1:]
	switch stem := strings.TrimSuffix(kind, "."+does); {
	case stem == "audio" || stem == "unheard_of": // not texts that we know
	case does == "delta":
		h.add(v.get("delta").text(), "%d %d %s", item, part, stem)
	case does == "done" && stem == "output_item":
		h.item(item, v.get("item"))
		h.close("%d ", item)
	case does == "done" && v.get("part").present():
		h.part(item, part, v.get("part"))
		h.close("%d %d ", item, part)
	case does == "done":
		member := whole[stem]
		if member == "" {
			member = "text"
		}
		h.again(v.get(member).text(), "%d %d %s", item, part, stem)
		h.close("%d %d %s", item, part, stem)
	case kind == "completed" || kind == "incomplete":
		for i, it := range v.get("response", "output").list() {
			h.item(i, it)
		}
		h.close("")
	}
}

func (h *heard) again(text, name string, of ...any) {
	name = fmt.Sprintf(name, of...)
	if before, ok := h.texts[name]; ok && text != "" && text != before {
		h.texts["not "+name] = text
	}
}

func (h *heard) item(i int, v value) {
	h.again(v.get("arguments").text(), "%d 0 function_call_arguments", i)
	h.again(v.get("input").text(), "%d 0 custom_tool_call_input", i)
	for j, p := range v.get("content").list() {
		h.part(i, j, p)
	}
	for j, p := range v.get("summary").list() {
		h.again(p.get("text").text(), "%d %d reasoning_summary_text", i, j)
	}
}

func (h *heard) part(i, j int, v value) {
	h.again(v.get("refusal").text(), "%d %d refusal", i, j)
	stem := map[string]string{"output_text": "output_text", "reasoning_text": "reasoning_text", "summary_text": "reasoning_summary_text"}[v.get("type").text()]
	h.again(v.get("text").text(), "%d %d %s", i, j, stem)
}
