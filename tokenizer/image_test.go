package tokenizer

import (
	"bytes"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestImageTokens(t *testing.T) {
	for _, v := range []struct {
		model         string
		width, height int
		detail        string
		tokens        int
		why           string
	}{
		{"gpt-4o", 1024, 1024, "high", 765, "OpenAI's first example"},
		{"gpt-4o", 2048, 4096, "high", 1105, "OpenAI's second example"},
		{"gpt-4o", 4096, 8192, "low", 85, "OpenAI's third example"},
		{"gpt-4o", 128, 64, "high", 255, "not enlarged: measured, community.openai.com/t/1262691"},
		{"gpt-4o-mini-2024-07-18", 128, 64, "low", 2833, "the same measurement"},
		{"gpt-4o-mini", 128, 64, "high", 8500, "the same measurement"},
		{"gpt-4o", 0, 0, "auto", 85 + 8*170, "an address"},
		{"gpt-4o", 768, 2048, "", 85 + 8*170, "no picture is more"},
		{"gpt-4o", 0, 0, "low", 85, ""},
		{"o1", 512, 512, "high", 225, ""},
		{"gpt-5-chat-latest", 512, 513, "high", 70 + 2*140, ""},
		{"gpt-4.1-mini", 1024, 1024, "", 1659, "1024 patches * 1.62"},
		{"gpt-4.1-mini", 1800, 2400, "", 2353, "OpenAI's example: 1452 patches * 1.62"},
		{"o4-mini", 0, 0, "", 2642, "1536 * 1.72"},
		{"gpt-5-nano", 32, 32, "low", 3, "1 * 2.46"},
		{"gpt-5.5", 0, 0, "", 12000, "10000 patches: no detail is original"},
		{"gpt-5.5", 0, 0, "high", 3000, ""},
		{"gpt-5.4", 0, 0, "", 3000, "no detail is high"},
		{"claude-sonnet-4-5", 1920, 1080, "", 1560, "1456 by 819, Anthropic's example"},
		{"claude-sonnet-4-5", 1075, 1520, "", 33 * 47, "924 by 1307, Anthropic's example"},
		{"claude-sonnet-4-5", 200, 200, "", 64, ""},
		{"claude-sonnet-4-5", 0, 0, "", 1568, "an address"},
		{"claude-opus-4-7", 6000, 4000, "", 84 * 56, "2352 by 1568"},
		{"claude-opus-4-7", 2576, 1673, "", 85 * 56, "2380 by 1546"},
		{"claude-opus-4-7", 2000, 1299, "", 72 * 47, "as it is"},
		{"claude-opus-4-7", 8000, 10, "", 92, "a side of 2576"},
	} {
		require.Equal(t, v.tokens, ForModel(v.model).Overhead.Images.Tokens(v.width, v.height, v.detail), "%s %dx%d %s: %s", v.model, v.width, v.height, v.detail, v.why)
	}
}

// No picture costs more than one whose size is not known.
func TestImageMost(t *testing.T) {
	for _, model := range []string{"gpt-4o", "gpt-4o-mini", "o3", "gpt-5", "gpt-5-mini", "gpt-5.2", "gpt-5.4", "gpt-5.5", "gpt-4.1-nano", "claude-sonnet-4", "claude-opus-4-8", "gemini-2.5-pro"} {
		images := ForModel(model).Overhead.Images
		for _, detail := range []string{"", "auto", "low", "high", "original"} {
			most := images.Tokens(0, 0, detail)
			for w := 1; w < 9000; w += 1 + w/7 {
				for h := 1; h < 9000; h += 1 + h/7 {
					n := images.Tokens(w, h, detail)
					require.Positive(t, n, "%s %dx%d", model, w, h)
					require.LessOrEqual(t, n, most, "%s %dx%d %s", model, w, h, detail)
				}
			}
		}
	}
}

func pictures(t testing.TB) map[string][]byte {
	picture := image.NewPaletted(image.Rect(0, 0, 321, 123), color.Palette{color.Black, color.White})
	var p, g, j bytes.Buffer
	require.NoError(t, png.Encode(&p, picture))
	require.NoError(t, gif.Encode(&g, picture, nil))
	require.NoError(t, jpeg.Encode(&j, picture, nil))
	exif := append([]byte("\xff\xd8\xff\xe1\x10\x02"), make([]byte, 0x1000)...)
	return map[string][]byte{
		"png": p.Bytes(), "gif": g.Bytes(), "jpeg": j.Bytes(),
		"jpeg with metadata": append(exif, j.Bytes()[2:]...),
		"webp lossy":         []byte("RIFF\x00\x00\x00\x00WEBPVP8 \x00\x00\x00\x00\x00\x00\x00\x9d\x01\x2a\x41\x01\x7b\x00"),
		"webp lossless":      append([]byte("RIFF\x00\x00\x00\x00WEBPVP8L\x00\x00\x00\x00\x2f\x40\x81\x1e\x00"), 0, 0, 0, 0, 0),
		"webp extended":      []byte("RIFF\x00\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x00\x00\x00\x00\x40\x01\x00\x7a\x00\x00"),
	}
}

func TestImageSize(t *testing.T) {
	for name, file := range pictures(t) {
		w, h, ok := ImageSize(file)
		require.True(t, ok, name)
		require.Equal(t, [2]int{321, 123}, [2]int{w, h}, name)
	}
	_, _, ok := ImageSize([]byte("%PDF-1.7 and nothing that is a picture"))
	require.False(t, ok)
}

func FuzzImageSize(f *testing.F) {
	for _, file := range pictures(f) {
		f.Add(file[:min(len(file), 100)])
	}
	f.Fuzz(func(t *testing.T, head []byte) {
		w, h, ok := ImageSize(head)
		require.Equal(t, w > 0 && h > 0, ok)
		for n := range head { // a shorter head knows the same or nothing
			if w2, h2, ok2 := ImageSize(head[:n]); ok2 {
				require.Equal(t, [2]int{w, h}, [2]int{w2, h2})
			}
		}
	})
}
