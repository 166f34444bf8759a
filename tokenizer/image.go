package tokenizer

import (
	"math"
	"strings"
)

// Images is what a picture costs, by its size in pixels. There are three published ways of counting.
type Images struct {
	way  imageWay
	base int // tiles: for every picture, and all that detail "low" costs
	tile int // tiles: for each of 512 by 512

	patches  int // patches: at most so many
	side     int // patches, blocks: the longest side, in pixels
	perMille int // patches: tokens for 1000

	original        int  // patches: at most so many with detail "original"; 0: there is no such detail
	originalDefault bool // detail "auto" or none is "original"
}

type imageWay uint8

const (
	byTiles   imageWay = iota // OpenAI: tiles of 512 by 512
	byPatches                 // OpenAI: patches of 32 by 32
	byBlocks                  // Anthropic: blocks of 28 by 28
)

func tiles(base, tile int) Images { return Images{way: byTiles, base: base, tile: tile} }

func patches(most, perMille int) Images {
	return Images{way: byPatches, patches: most, side: 2048, perMille: perMille}
}

// imagesOpenAI is developers.openai.com/api/docs/guides/images-vision, "Model sizing behavior" and "Calculating costs", as of
// 2026. Three things are not on that page. gpt-5.2 and 5.3 have no multiplier there, but are billed 1.2 times their patches
// (community.openai.com/t/1372291). What the mini and nano models are billed has been measured as less than the page says
// (gpt-5-mini 1.2, not 1.62); the page's figure is kept, since it is the larger. And detail "low" saves nothing in patches: the page
// gives no figure, and measured requests cost the same (community.openai.com/t/1262691).
func imagesOpenAI(model string) Images {
	small := strings.Contains(model, "-mini")
	tiny := strings.Contains(model, "-nano")
	has := func(prefixes ...string) bool {
		for _, prefix := range prefixes {
			if strings.HasPrefix(model, prefix) {
				return true
			}
		}
		return false
	}
	switch {
	case has("gpt-4o-mini"):
		return tiles(2833, 5667)
	case has("o4-mini"):
		return patches(1536, 1720)
	case has("gpt-5", "gpt-6", "gpt-4.1") && tiny:
		return patches(1536, 2460)
	case has("gpt-5", "gpt-6", "gpt-4.1") && small:
		return patches(1536, 1620)
	case has("gpt-5.2", "gpt-5.3"):
		return patches(1536, 1200)
	case has("gpt-5.4"):
		p := patches(2500, 1200)
		p.original = 10_000
		return p
	case has("gpt-5.", "gpt-6") && !has("gpt-5.1"):
		p := patches(2500, 1200)
		p.original, p.originalDefault = 10_000, true
		return p
	case has("gpt-5"):
		return tiles(70, 140)
	case has("o1", "o3"):
		return tiles(75, 150)
	case has("computer-use"):
		return tiles(65, 129)
	}
	return tiles(85, 170)
}

// imagesAnthropic is platform.claude.com/docs/en/build-with-claude/vision and vision-coordinates, as of 2026: a token for each block
// of 28 by 28, after the picture was made smaller to have no more than 1568 of them and no side longer than 1568; 4784 and 2576
// for Claude 4.7 and later.
func imagesAnthropic(model string) Images {
	if beforeClaude47(model) {
		return Images{way: byBlocks, patches: 1568, side: 1568}
	}
	return Images{way: byBlocks, patches: 4784, side: 2576}
}

// Tokens returns what a picture of width by height pixels costs. detail is OpenAI's: low, high, original, auto or nothing. A size of
// 0 by 0 is one that is not known, as of a picture that is given by its address: the most that any costs.
func (m Images) Tokens(width, height int, detail string) int {
	if width <= 0 || height <= 0 {
		return m.most(detail)
	}
	switch m.way {
	case byTiles:
		if detail == "low" {
			return m.base
		}
		return m.base + m.tile*tileCount(width, height)
	case byPatches:
		budget, side := m.budget(detail)
		return (patchCount(width, height, budget, side)*m.perMille + 999) / 1000
	default:
		return blockCount(width, height, m.patches, m.side)
	}
}

func (m Images) most(detail string) int {
	switch m.way {
	case byTiles:
		if detail == "low" {
			return m.base
		}
		return m.base + m.tile*8 // 768 by 2048
	case byPatches:
		budget, _ := m.budget(detail)
		return (budget*m.perMille + 999) / 1000
	default:
		return m.patches
	}
}

func (m Images) budget(detail string) (patches, side int) {
	if m.original > 0 && (detail == "original" || m.originalDefault && (detail == "" || detail == "auto")) {
		return m.original, 6000
	}
	return m.patches, m.side
}

// tileCount: made smaller to fit 2048 by 2048, then for the shorter side to be 768, then covered by tiles of 512. Pictures that are
// smaller are not enlarged.
func tileCount(width, height int) int {
	w, h := float64(width), float64(height)
	if long := max(w, h); long > 2048 {
		w, h = w*2048/long, h*2048/long
	}
	if short := min(w, h); short > 768 {
		w, h = w*768/short, h*768/short
	}
	return cover(w, 512) * cover(h, 512)
}

// patchCount: covered by patches of 32, after it was made smaller, if need be, to have no more than budget and no side over side.
func patchCount(width, height, budget, side int) int {
	w, h := float64(width), float64(height)
	if long := max(w, h); long > float64(side) {
		w, h = w*float64(side)/long, h*float64(side)/long
	}
	n := cover(w, 32) * cover(h, 32)
	if n <= budget {
		return n
	}
	shrink := math.Sqrt(32 * 32 * float64(budget) / (w * h))
	across, down := w*shrink/32, h*shrink/32
	shrink *= min(math.Floor(across)/across, math.Floor(down)/down)
	return min(budget, max(1, cover(math.Floor(w*shrink+1e-6), 32)*cover(math.Floor(h*shrink+1e-6), 32)))
}

// blockCount: covered by blocks of 28, at the largest size of the same shape that has no more than budget of them and, covered,
// no side over side.
func blockCount(width, height, budget, side int) int {
	long, short := max(width, height), min(width, height)
	blocks := func(l int) int { // of the picture made smaller to a long side of l
		s := math.RoundToEven(float64(l) * float64(short) / float64(long))
		return cover(float64(l), 28) * max(1, cover(s, 28))
	}
	fits := func(l int) bool { return cover(float64(l), 28)*28 <= side && blocks(l) <= budget }
	if fits(long) {
		return blocks(long)
	}
	low, high := 1, long // the largest that fits is in low..high-1
	for low+1 < high {
		if middle := (low + high) / 2; fits(middle) {
			low = middle
		} else {
			high = middle
		}
	}
	return blocks(low)
}

// cover is how many of a unit cover a length. A length that is whole but for rounding is whole.
func cover(length, unit float64) int { return int(math.Ceil(length/unit - 1e-9)) }
