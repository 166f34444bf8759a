package main

import (
	"fmt"
	"io"
	"os"
	"strings"
)

// screen writes the tour. Colour is for terminals.
type screen struct {
	out    io.Writer
	colour bool
}

func newScreen(f *os.File) *screen {
	info, err := f.Stat()
	terminal := err == nil && info.Mode()&os.ModeCharDevice != 0
	return &screen{out: f, colour: terminal && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"}
}

// Styles, as terminals have understood them since ECMA-48.
const (
	bold = "\x1b[1m"
	dim  = "\x1b[2m"
	end  = "\x1b[0m"
)

func (s *screen) styled(style, text string) string {
	if !s.colour {
		return text
	}
	return style + text + end
}

// title begins a chapter.
func (s *screen) title(number int, text string) {
	fmt.Fprintf(s.out, "\n%s\n", s.styled(bold, fmt.Sprintf("%d  %s", number, text)))
}

// say writes a line of ours.
func (s *screen) say(format string, args ...any) {
	fmt.Fprintln(s.out, strings.TrimRight("   "+fmt.Sprintf(format, args...), " "))
}

// command shows what a user would type.
func (s *screen) command(lines ...string) {
	for i, line := range lines {
		mark := "   $ "
		if i > 0 {
			mark = "       "
		}
		fmt.Fprintln(s.out, s.styled(bold, mark+line))
	}
}

// quote shows what came back.
func (s *screen) quote(lines ...string) {
	for _, line := range lines {
		fmt.Fprintln(s.out, s.styled(dim, "   | "+short(line, width-5)))
	}
}

// width is what fits into a terminal of usual size.
const width = 100

// short cuts a line that is too long for the screen and shows that it did.
func short(line string, most int) string {
	runes := []rune(line)
	if len(runes) <= most {
		return line
	}
	return string(runes[:most-1]) + "…"
}

// wrapped is text in lines of at most so many characters.
func wrapped(text string, most int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && len(line)+1+len(word) > most {
			lines = append(lines, line)
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(lines, line)
}

// grouped is a number with its thousands apart.
func grouped(n int64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
