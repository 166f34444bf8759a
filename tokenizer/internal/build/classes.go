package build

import (
	"bytes"
	"fmt"
)

// CodePoints is how many there are: U+0000 to U+10FFFF.
const CodePoints = 0x110000

// Classes packs the class of each code point (one byte each) into two levels: blocks of 256 code points, equal ones kept
// once, and after them, for each block of the code space in order, which of these it is. The first block is U+0000..U+00FF,
// so that a byte below 0x80 is its own index.
func Classes(all []byte) ([]byte, error) {
	if len(all) != CodePoints {
		return nil, fmt.Errorf("classes of %d code points, %d expected", len(all), CodePoints)
	}
	var blocks [][]byte
	var index []byte
	for at := 0; at < len(all); at += 256 {
		block, found := all[at:at+256], -1
		for i, b := range blocks {
			if bytes.Equal(b, block) {
				found = i
				break
			}
		}
		if found < 0 {
			found = len(blocks)
			blocks = append(blocks, block)
		}
		if found > 255 {
			return nil, fmt.Errorf("more than 256 different blocks of classes")
		}
		index = append(index, byte(found))
	}
	return append(bytes.Join(blocks, nil), index...), nil
}
