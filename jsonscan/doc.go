// Package jsonscan reads a JSON text while it arrives and tells a handler what
// it sees: where each value begins and ends, and the decoded text of strings,
// piece by piece. Nothing is built in memory. It is made for a proxy that has
// to count, check and in a few places edit a request whose body comes in
// chunks, and that must read it exactly as the server behind it will.
//
// # Use
//
// Name the paths that matter, give a handler, write the chunks, close:
//
//	const (
//		atModel = iota + 1
//		atText
//	)
//
//	var paths = jsonscan.NewPaths(map[string]int{
//		"model":                     atModel,
//		"messages[].content":        atText,
//		"messages[].content[].text": atText,
//	})
//
//	s := jsonscan.New(reader, jsonscan.Options{Paths: paths})
//	for chunk := range chunks {
//		if err := s.Write(chunk); err != nil { … }
//	}
//	err := s.Close()
//
// The handler has one method, which is called once for each [Event] at a named
// path. Values at other paths are checked and passed over in silence. Every
// value's event has its absolute byte offsets, so what is to be changed can be
// noted as an [Edit] while reading and applied afterwards with [Apply].
//
// # What is accepted
//
// RFC 8259 and nothing else, in UTF-8. Where the RFC leaves a choice, or where
// readers in the field differ, the reading that nobody can dispute is taken:
//
//   - Bytes that are not UTF-8, and a byte order mark, are errors.
//   - Two members of one object with the same name, compared after unescaping,
//     are an error, at any depth, also in values that are passed over: one
//     server takes the first, another the last.
//   - An escaped surrogate without its other half (\ud83d alone) is accepted
//     and reads as U+FFFD, in text and in names. So two names that differ only
//     in such halves are the same name.
//   - \u0000 is accepted and reads as a zero byte.
//   - Numbers are checked and handed over as written, never converted. One
//     longer than [MaxNumber] bytes is an error.
//   - Any value may be the document, not only an object or array.
//   - Nesting deeper than Options.MaxDepth is an error.
//
// # Cost
//
// Time is linear in the bytes of the text, whatever the text: finding a name
// used twice takes at most a fixed number of steps for each bit of the name,
// and involves no hash that an attacker could aim at. Memory depends on the
// names of the objects that are open and not on the values: at most
// 2 × (length + 36) bytes for each name, limited by Options.MaxKeys and
// Options.MaxKeyBytes, 80 bytes for each level, and 9 KiB. Once these buffers
// have grown, scanning allocates nothing; [Scanner.Reset] keeps those of the
// usual size.
package jsonscan
