package tokenizer

// ImageSize reads the size of a picture in pixels from the beginning of its file: PNG, GIF, WebP or JPEG. A few dozen bytes are
// enough, but for JPEG, whose size stands behind whatever metadata it carries. ok is false if head is too short or something else.
func ImageSize(head []byte) (width, height int, ok bool) {
	s := bytesAsString(head)
	switch {
	case len(s) >= 24 && s[:8] == "\x89PNG\r\n\x1a\n" && s[12:16] == "IHDR": // PNG, 11.2.2
		width, height = int(big32(s, 16)), int(big32(s, 20))
	case len(s) >= 10 && (s[:6] == "GIF87a" || s[:6] == "GIF89a"): // GIF89a, 18: the logical screen
		width, height = int(load16(s, 6)), int(load16(s, 8))
	case len(s) >= 30 && s[:4] == "RIFF" && s[8:12] == "WEBP":
		width, height = webpSize(s)
	case len(s) >= 4 && s[:2] == "\xff\xd8":
		width, height = jpegSize(s)
	}
	return width, height, width > 0 && height > 0
}

// webpSize: RFC 9649, 2.5 (VP8), 2.6 (VP8L), 2.7 (VP8X). s has 30 bytes.
func webpSize(s string) (width, height int) {
	switch s[12:16] {
	case "VP8 ":
		if s[23:26] == "\x9d\x01\x2a" { // the start code of a key frame
			return int(load16(s, 26) & 0x3fff), int(load16(s, 28) & 0x3fff)
		}
	case "VP8L":
		if s[20] == 0x2f {
			bits := load32(s, 21)
			return int(bits&0x3fff) + 1, int(bits>>14&0x3fff) + 1
		}
	case "VP8X":
		return int(load32(s, 24)&0xffffff) + 1, int(load32(s, 26)>>8) + 1
	}
	return 0, 0
}

// jpegSize: ITU-T T.81, B.1.1.4 and B.2.2: segments of a marker and a length, up to the frame header.
func jpegSize(s string) (width, height int) {
	for i := 2; i+9 <= len(s); {
		if s[i] != 0xff {
			return 0, 0
		}
		switch marker := s[i+1]; {
		case marker == 0xff: // fill
			i++
			continue
		case marker == 0x01 || marker >= 0xd0 && marker <= 0xd7: // without a length
			i += 2
			continue
		case marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc: // SOF
			return int(s[i+7])<<8 | int(s[i+8]), int(s[i+5])<<8 | int(s[i+6])
		case marker == 0xd8 || marker == 0xd9 || marker == 0xda: // no frame header before the data
			return 0, 0
		}
		length := int(s[i+2])<<8 | int(s[i+3])
		if length < 2 {
			return 0, 0
		}
		i += 2 + length
	}
	return 0, 0
}

func big32(s string, i int) uint32 {
	return uint32(s[i])<<24 | uint32(s[i+1])<<16 | uint32(s[i+2])<<8 | uint32(s[i+3])
}
