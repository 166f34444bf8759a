package module

import "fmt"

// nameSection is the name of the custom section with the functions' names:
// https://webassembly.github.io/spec/core/appendix/custom.html#name-section.
const nameSection = "name"

// functionNames are the indices of a module's functions by their names.
func functionNames(wasm []byte) (map[string]uint32, error) {
	const functions = 1
	names := map[string]uint32{}
	err := eachSection(wasm, func(id byte, contents []byte) error {
		s := &reader{rest: contents}
		if id != sectionCustom || string(s.bytes()) != nameSection {
			return nil
		}
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
				return fmt.Errorf("names of functions: %w", part.err)
			}
		}
		if s.err != nil {
			return fmt.Errorf("names: %w", s.err)
		}
		return nil
	})
	return names, err
}

// nameless is a module without the names of its functions.
func nameless(wasm []byte) ([]byte, error) {
	return changed(wasm, func(id byte, contents []byte) ([]byte, error) {
		if s := (&reader{rest: contents}); id == sectionCustom && string(s.bytes()) == nameSection {
			return nil, nil
		}
		return contents, nil
	})
}
