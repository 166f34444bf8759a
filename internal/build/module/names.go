package module

import "fmt"

// nameSection is the name of the custom section with the functions' names:
// https://webassembly.github.io/spec/core/appendix/custom.html#name-section.
const nameSection = "name"

// functionNames are the indices of a module's functions by their names.
func functionNames(wasm []byte) (map[string]uint32, error) {
	const functions = 1
	names := map[string]uint32{}
	for r := (&reader{rest: wasm[headerSize:]}); len(r.rest) > 0; {
		id := r.byte()
		s := &reader{rest: r.bytes()}
		if id == sectionCustom && string(s.bytes()) == nameSection {
			for len(s.rest) > 0 {
				kind := s.byte()
				part := &reader{rest: s.bytes()}
				if kind != functions {
					continue
				}
				for n := part.uint32(); n > 0 && part.err == nil; n-- {
					index := part.uint32()
					names[string(part.bytes())] = index
				}
				if part.err != nil {
					return nil, fmt.Errorf("names of functions: %w", part.err)
				}
			}
			if s.err != nil {
				return nil, fmt.Errorf("names: %w", s.err)
			}
		}
		if r.err != nil {
			return nil, r.err
		}
	}
	return names, nil
}

// nameless is a module without the names of its functions.
func nameless(wasm []byte) ([]byte, error) {
	out := append([]byte(nil), wasm[:headerSize]...)
	r := &reader{rest: wasm[headerSize:]}
	for len(r.rest) > 0 {
		id := r.byte()
		contents := r.bytes()
		if s := (&reader{rest: contents}); id != sectionCustom || string(s.bytes()) != nameSection {
			out = appendSized(append(out, id), contents)
		}
	}
	return out, r.err
}
