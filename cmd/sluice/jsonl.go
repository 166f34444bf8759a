package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// lines counts each line on its own. What has been counted is written out before the
// next read may wait, so that another program can talk with this one line by line.
func (j *counting) lines(in io.Reader) error {
	reader := bufio.NewReaderSize(in, 64<<10)
	var line []byte
	for number := 1; ; number++ {
		line = line[:0]
		for {
			part, err := reader.ReadSlice('\n')
			line = append(line, part...)
			if err == nil {
				break
			}
			if err == io.EOF {
				if len(line) == 0 {
					return nil
				}
				break
			}
			if !errors.Is(err, bufio.ErrBufferFull) {
				return err
			}
		}
		text, ok := jsonString(line)
		if !ok {
			return fmt.Errorf("line %d is not a JSON string", number)
		}
		j.text(text)
		if reader.Buffered() == 0 {
			if err := j.out.Flush(); err != nil {
				return err
			}
		}
	}
}

// jsonString is the text of a line that holds a JSON string. A surrogate without its
// other half reads as U+FFFD. Bytes that are not UTF-8 stay as they are: what they
// count as is the tokenizer's to say, and encoding/json would say it differently.
func jsonString(line []byte) ([]byte, bool) {
	literal := bytes.Trim(line, " \t\r\n")
	if len(literal) < 2 || literal[0] != '"' || !json.Valid(literal) {
		return nil, false
	}
	if utf8.Valid(literal) {
		return unescape(literal), true
	}
	var text []byte
	rest := literal[1 : len(literal)-1]
	for {
		start := bytes.IndexByte(rest, '\\')
		if start < 0 {
			return append(text, rest...), true
		}
		text = append(text, rest[:start]...)
		end := start
		for end < len(rest) && rest[end] == '\\' { // the whole run: halves of a pair stand together
			if end += 2; rest[end-1] == 'u' {
				end += 4
			}
		}
		text = append(text, unescape([]byte(`"`+string(rest[start:end])+`"`))...)
		rest = rest[end:]
	}
}

// unescape reads a valid JSON string.
func unescape(literal []byte) []byte {
	if bytes.IndexByte(literal, '\\') < 0 {
		return literal[1 : len(literal)-1]
	}
	var text string
	if err := json.Unmarshal(literal, &text); err != nil {
		panic(err) // its caller has checked it
	}
	return []byte(text)
}
