package translate

import (
	"bytes"

	"github.com/sluice-gateway/sluice/jsonscan"
	"github.com/sluice-gateway/sluice/jsontree"
)

const chatPart = "messages[].content[]"

// parts writes the content of a message as Anthropic's blocks.
func (c *chatBody) parts(to *jsonText, content jsontree.Value) {
	switch kindOf(content) {
	case jsontree.Absent, jsontree.Null:
		return
	case jsontree.String:
		c.text(to, content, jsontree.Value{}, "messages[].content")
		return
	case jsontree.Array:
		for i, p := range elements(content) {
			c.index[1] = i
			c.part(to, p)
		}
		return
	}
	c.wrong("messages[].content", "is neither a string nor a list of parts")
}

func (c *chatBody) part(to *jsonText, p jsontree.Value) {
	if kindOf(p) != jsontree.Object {
		c.wrong(chatPart, "is not an object")
		return
	}
	typ := p.Get("type").Text()
	switch typ {
	case "text", "refusal", "image_url", "file":
	case "input_audio":
		c.without(chatPart+".input_audio", "is audio, which Anthropic's models do not take")
		return
	default:
		c.without(chatPart+".type", "is no type of part that has an equal in Anthropic's API")
		return
	}
	c.members(p, chatPart, chatPartMembers[:])
	switch typ {
	case "image_url":
		c.image(to, p)
		return
	case "file":
		c.file(to, p)
		return
	}
	c.text(to, p.Get(typ), p, chatPart+"."+typ)
}

// text writes a block of text. Anthropic takes none that is blank.
func (c *chatBody) text(to *jsonText, text, part jsontree.Value, path string) {
	if !isText(text) {
		c.wrong(path, "is not a string")
		return
	}
	if isBlank(text) {
		return
	}
	to.object(`{"type":"text"`)
	to.raw(`,"text":`, text)
	c.closeCached(to, part)
}

func (c *chatBody) image(to *jsonText, p jsontree.Value) {
	const path = chatPart + ".image_url"
	image := p.Get("image_url")
	c.members(image, path, chatImageMembers[:])
	url := chatURL(image.Get("url"))
	media, data, isData := chatData(url)
	switch {
	case isData:
		if string(media) == "image/jpg" { // wrong, and usual
			media = []byte("image/jpeg")
		}
		to.object(`{"type":"image","source":{"type":"base64"`)
		to.bytes(`,"media_type":"`, media)
		to.bytes(`","data":"`, data)
	case bytes.HasPrefix(url, []byte("https:")) || bytes.HasPrefix(url, []byte("http:")):
		to.object(`{"type":"image","source":{"type":"url"`)
		to.bytes(`,"url":"`, url)
	default:
		c.wrong(path+".url", "is neither an https URL nor a data URL in base64")
		return
	}
	to.put(`"}`)
	c.closeCached(to, p)
}

// file writes a document. Anthropic takes PDF in place; an id of OpenAI's it cannot know.
func (c *chatBody) file(to *jsonText, p jsontree.Value) {
	const path = chatPart + ".file"
	file := p.Get("file")
	c.members(file, path, chatFileMembers[:])
	content := file.Get("file_data")
	if !isPresent(content) {
		if isPresent(file.Get("file_id")) {
			c.without(path+".file_id", "is the id of a file at OpenAI")
			return
		}
		c.wrong(path, "has no file_data")
		return
	}
	media, data, isData := chatData(chatURL(content))
	if !isData {
		c.wrong(path+".file_data", "is not a data URL in base64")
		return
	}
	if string(media) != "application/pdf" {
		c.without(path+".file_data", "is of another media type than application/pdf")
		return
	}
	to.object(`{"type":"document","source":{"type":"base64"`)
	to.bytes(`,"media_type":"application/pdf","data":"`, data)
	to.put(`"}`)
	if name := file.Get("filename"); hasText(name) {
		to.raw(`,"title":`, name)
	}
	c.closeCached(to, p)
}

// closeCached closes a block or tool, with the cache_control of what it was made from.
// That is no member of OpenAI's, but known by it in front of Anthropic's models.
func (c *chatBody) closeCached(to *jsonText, from jsontree.Value) {
	if mark := from.Get("cache_control"); isPresent(mark) {
		to.raw(`,"cache_control":`, mark)
		c.marked = len(*to) + 1
	}
	to.put("}")
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
