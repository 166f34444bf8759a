package jsonscan_test

import (
	"fmt"

	"github.com/sluice-gateway/sluice/jsonscan"
)

const (
	atModel = iota + 1
	atText
	atTools
)

var requestPaths = jsonscan.NewPaths(map[string]int{
	"model":                     atModel,
	"messages[].content":        atText, // a string,
	"messages[].content[].text": atText, // or an array of parts
	"tools":                     atTools,
})

// requestReader counts the text of a request and notes what to change.
type requestReader struct {
	text, tools int
	edits       []jsonscan.Edit
}

func (r *requestReader) Event(e *jsonscan.Event) error {
	switch {
	case e.Path == atModel && e.Kind == jsonscan.EndString:
		r.edits = append(r.edits, jsonscan.Edit{Start: e.Start, End: e.End, With: []byte(`"gpt-4o-mini"`)})
	case e.Path == atText && e.Kind == jsonscan.StringChunk:
		r.text += len(e.Text)
	case e.Path == atTools && e.Kind == jsonscan.BeginArray:
		e.Raw()
	case e.Kind == jsonscan.RawChunk:
		r.tools += len(e.Text)
	}
	return nil
}

func Example() {
	body := []byte(`{"model":"smart","messages":[{"content":"caf\u00e9"},{"content":[{"text":"!"}]}],"tools":[{"a":1}]}`)
	var r requestReader
	s := jsonscan.New(&r, jsonscan.Options{Paths: requestPaths})
	for _, chunk := range [][]byte{body[:45], body[45:]} {
		if err := s.Write(chunk); err != nil {
			fmt.Println(err)
			return
		}
	}
	if err := s.Close(); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(r.text, r.tools)
	fmt.Printf("%s\n", jsonscan.Apply(nil, body, r.edits))

	fmt.Println(jsonscan.Scan([]byte(`{"model":"a","mod\u0065l":"b"}`), &r, jsonscan.Options{}))
	// Output:
	// 6 9
	// {"model":"gpt-4o-mini","messages":[{"content":"caf\u00e9"},{"content":[{"text":"!"}]}],"tools":[{"a":1}]}
	// json: byte 13, model: the same name as at byte 1 of the same object; readers differ in which of the two counts
}
