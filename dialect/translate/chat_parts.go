package translate

import (
	"bytes"

	"github.com/sluice-gateway/sluice/jsonscan"
	"github.com/sluice-gateway/sluice/jsontree"
)

const chatPart = "messages[].content[]"

// parts writes the content of a message as Anthropic's blocks.
func (c *chatBody) parts(dst []byte, content jsontree.Value) (_ []byte, err error) {
	switch content.Kind() {
	case jsontree.Absent, jsontree.Null:
		return dst, nil
	case jsontree.String:
		return c.text(dst, content, jsontree.Value{}, "messages[].content")
	case jsontree.Array:
		for i, p := range content.Elements() {
			c.index[1] = i
			if dst, err = c.part(dst, p); err != nil {
				return dst, err
			}
		}
		return dst, nil
	}
	return dst, c.wrong("messages[].content", "is neither a string nor a list of parts")
}

func (c *chatBody) part(dst []byte, p jsontree.Value) ([]byte, error) {
	if p.Kind() != jsontree.Object {
		return dst, c.wrong(chatPart, "is not an object")
	}
	typ := p.Get("type").Text()
	switch typ {
	case "text", "refusal", "image_url", "file":
	case "input_audio":
		return dst, c.without(chatPart+".input_audio", "is audio, which Anthropic's models do not take")
	default:
		return dst, c.without(chatPart+".type", "is no type of part that has an equal in Anthropic's API")
	}
	if err := c.members(p, chatPart, chatPartMembers[:]); err != nil {
		return dst, err
	}
	switch typ {
	case "image_url":
		return c.image(dst, p)
	case "file":
		return c.file(dst, p)
	}
	return c.text(dst, p.Get(typ), p, chatPart+"."+typ)
}

// text writes a block of text. Anthropic takes none that is blank.
func (c *chatBody) text(dst []byte, text, part jsontree.Value, path string) ([]byte, error) {
	if text.Kind() != jsontree.String {
		return dst, c.wrong(path, "is not a string")
	}
	if chatBlank(text) {
		return dst, nil
	}
	dst = append(chatComma(dst), `{"type":"text","text":`...)
	dst = append(dst, text.Raw()...)
	dst, err := c.cache(dst, part, chatPart)
	return append(dst, '}'), err
}

// chatBlank tells that a string has nothing but spaces and line ends.
func chatBlank(text jsontree.Value) bool {
	raw := text.Inside()
	for i := 0; i < len(raw); i++ {
		if raw[i] == ' ' {
			continue
		}
		if raw[i] != '\\' {
			return false
		}
		i++
		if b := raw[i]; b != 'n' && b != 't' && b != 'r' {
			return false
		}
	}
	return true
}

func (c *chatBody) image(dst []byte, p jsontree.Value) ([]byte, error) {
	const path = chatPart + ".image_url"
	image := p.Get("image_url")
	if err := c.members(image, path, chatImageMembers[:]); err != nil {
		return dst, err
	}
	url := chatURL(image.Get("url"))
	media, data, isData := chatData(url)
	switch {
	case isData:
		if string(media) == "image/jpg" { // wrong, and usual
			media = []byte("image/jpeg")
		}
		dst = append(chatComma(dst), `{"type":"image","source":{"type":"base64","media_type":"`...)
		dst = append(append(append(dst, media...), `","data":"`...), data...)
	case bytes.HasPrefix(url, []byte("https:")) || bytes.HasPrefix(url, []byte("http:")):
		dst = append(chatComma(dst), `{"type":"image","source":{"type":"url","url":"`...)
		dst = append(dst, url...)
	default:
		return dst, c.wrong(path+".url", "is neither an https URL nor a data URL in base64")
	}
	dst, err := c.cache(append(dst, '"', '}'), p, chatPart)
	return append(dst, '}'), err
}

// file writes a document. Anthropic takes PDF in place; an id of OpenAI's it cannot know.
func (c *chatBody) file(dst []byte, p jsontree.Value) ([]byte, error) {
	const path = chatPart + ".file"
	file := p.Get("file")
	if err := c.members(file, path, chatFileMembers[:]); err != nil {
		return dst, err
	}
	content := file.Get("file_data")
	if !content.Present() {
		if file.Get("file_id").Present() {
			return dst, c.without(path+".file_id", "is the id of a file at OpenAI")
		}
		return dst, c.wrong(path, "has no file_data")
	}
	media, data, isData := chatData(chatURL(content))
	if !isData {
		return dst, c.wrong(path+".file_data", "is not a data URL in base64")
	}
	if string(media) != "application/pdf" {
		return dst, c.without(path+".file_data", "is of another media type than application/pdf")
	}
	dst = append(chatComma(dst), `{"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"`...)
	dst = append(append(dst, data...), '"', '}')
	if name := file.Get("filename"); len(name.Inside()) > 0 {
		dst = append(append(dst, `,"title":`...), name.Raw()...)
	}
	dst, err := c.cache(dst, p, chatPart)
	return append(dst, '}'), err
}

// chatURL is a URL as it is to stand between quotes. Its beginning, which is looked at,
// has no escapes: some write data:image\/png.
func chatURL(v jsontree.Value) []byte {
	url := v.Inside()
	if bytes.IndexByte(url[:min(len(url), 128)], '\\') >= 0 {
		url = jsonscan.AppendQuoted(nil, v.Text())
		url = url[1 : len(url)-1]
	}
	return url
}

// chatData takes a data URL in base64 apart: data:image/png;base64,iVBORw0…
// (RFC 2397). What stands between type and base64 is for text.
func chatData(url []byte) (media, data []byte, ok bool) {
	rest, ok := bytes.CutPrefix(url, []byte("data:"))
	if !ok {
		return nil, nil, false
	}
	head, data, ok := bytes.Cut(rest, []byte(","))
	head, base64 := bytes.CutSuffix(head, []byte(";base64"))
	media, _, _ = bytes.Cut(head, []byte(";"))
	return media, data, ok && base64 && len(media) > 0
}
