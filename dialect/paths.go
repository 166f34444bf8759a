package dialect

import "github.com/sluice-gateway/sluice/jsonscan"

// The places in a request's body that matter.
const (
	atNothing = iota // named only to keep a "**" off it
	atBody
	atModel
	atStream
	atMaxTokens
	atMaxCompletionTokens
	atN
	atBestOf
	atStreamOptions
	atIncludeUsage
	atTools
	atFormat
	atMessage
	atName
	atText
	atTokens
	atToolInput
	atAttachment
	atAttachmentData
	atAttachmentDetail
)

// Inside a message every string is text, so that a field this table has never
// heard of is rather counted than missed. Only what is known to be no text (types,
// ids, pictures) is named.
var requestPaths = [...]*jsonscan.Paths{
	ChatCompletions: jsonscan.NewPaths(map[string]int{
		"":                             atBody,
		"model":                        atModel,
		"stream":                       atStream,
		"max_tokens":                   atMaxTokens,
		"max_completion_tokens":        atMaxCompletionTokens,
		"n":                            atN,
		"stream_options":               atStreamOptions,
		"stream_options.include_usage": atIncludeUsage,
		"tools":                        atTools,
		"functions":                    atTools,
		"response_format":              atFormat,

		"messages[]":                            atMessage,
		"messages[].**":                         atText,
		"messages[].name":                       atName,
		"messages[].tool_call_id":               atNothing,
		"messages[].tool_calls[].id":            atNothing,
		"messages[].tool_calls[].type":          atNothing,
		"messages[].content[].type":             atNothing,
		"messages[].content[].image_url":        atAttachment,
		"messages[].content[].image_url.url":    atAttachmentData,
		"messages[].content[].image_url.detail": atAttachmentDetail,
		"messages[].content[].input_audio.**":   atNothing,
		"messages[].content[].file.**":          atNothing,
		"messages[].audio.**":                   atNothing,
		"messages[].cache_control.**":           atNothing,
		"messages[].content[].cache_control.**": atNothing,
	}),
	Completions: jsonscan.NewPaths(map[string]int{
		"":                             atBody,
		"model":                        atModel,
		"stream":                       atStream,
		"max_tokens":                   atMaxTokens,
		"n":                            atN,
		"best_of":                      atBestOf,
		"stream_options":               atStreamOptions,
		"stream_options.include_usage": atIncludeUsage,
		"prompt":                       atText,
		"prompt[]":                     atTokens,
		"prompt[][]":                   atTokens,
		"suffix":                       atText,
	}),
	Embeddings: jsonscan.NewPaths(map[string]int{
		"":          atBody,
		"model":     atModel,
		"input":     atText,
		"input[]":   atTokens,
		"input[][]": atTokens,
	}),
	Messages: jsonscan.NewPaths(map[string]int{
		"":           atBody,
		"model":      atModel,
		"stream":     atStream,
		"max_tokens": atMaxTokens,
		"tools":      atTools,

		"system":                                           atText,
		"system[].text":                                    atText,
		"messages[]":                                       atMessage,
		"messages[].**":                                    atText,
		"messages[].role":                                  atNothing,
		"messages[].content[].type":                        atNothing,
		"messages[].content[].id":                          atNothing,
		"messages[].content[].tool_use_id":                 atNothing,
		"messages[].content[].signature":                   atNothing,
		"messages[].content[].cache_control.**":            atNothing,
		"messages[].content[].input":                       atToolInput,
		"messages[].content[].source":                      atAttachment,
		"messages[].content[].source.type":                 atNothing,
		"messages[].content[].source.media_type":           atNothing,
		"messages[].content[].source.data":                 atAttachmentData,
		"messages[].content[].source.url":                  atNothing,
		"messages[].content[].content[].type":              atNothing,
		"messages[].content[].content[].source":            atAttachment,
		"messages[].content[].content[].source.type":       atNothing,
		"messages[].content[].content[].source.media_type": atNothing,
		"messages[].content[].content[].source.data":       atAttachmentData,
		"messages[].content[].content[].source.url":        atNothing,
		"messages[].content[].content[].cache_control.**":  atNothing,
	}),
}
