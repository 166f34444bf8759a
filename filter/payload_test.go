package main_test

// What clients ask, what providers answer, and what clients must get.

const (
	asksOne    = `{"model":"gpt-4o","messages":[{"role":"user","content":"Say hello in one word."}],"max_tokens":50}`
	asksStream = `{"model":"gpt-4o","messages":[{"role":"user","content":"Say hello in one word."}],"max_tokens":50,"stream":true}`
	asksUsage  = `{"model":"gpt-4o","messages":[{"role":"user","content":"Say hello in one word."}],"max_tokens":50,"stream":true,"stream_options":{"include_usage":true}}`
	asksClaude = `{"model":"claude-haiku-4-5","messages":[{"role":"user","content":"Say hello in one word."}],"max_tokens":50}`
	streClaude = `{"model":"claude-haiku-4-5","messages":[{"role":"user","content":"Say hello in one word."}],"max_tokens":50,"stream":true}`
	uncapped   = `{"model":"gpt-4o","messages":[{"role":"user","content":"Say hello in one word."}]}`
)

const (
	chatAnswer = `{"id":"c1","object":"chat.completion","created":1,"model":"gpt-4o-2024-08-06","choices":[{"index":0,"message":{"role":"assistant","content":"Grüß Gott"},"finish_reason":"stop"}],"usage":{"prompt_tokens":13,"completion_tokens":7,"total_tokens":20}}`

	claudeAnswer = `{"id":"m1","type":"message","role":"assistant","model":"claude-haiku-4-5","content":[{"type":"text","text":"Hello"}],"stop_reason":"end_turn","usage":{"input_tokens":13,"output_tokens":7}}`

	// An OpenAI stream that was asked for usage, and what a client sees that did not ask.
	streamHead   = `data: {"id":"c1","object":"chat.completion.chunk","model":"gpt-4o","choices":[{"index":0,"delta":{"role":"assistant","content":"Grüß"},"finish_reason":null}]`
	streamTail   = `data: {"id":"c1","object":"chat.completion.chunk","model":"gpt-4o","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]`
	withNull     = `,"usage":null}` + "\n\n"
	without      = "}\n\n"
	streamUsage  = `data: {"id":"c1","object":"chat.completion.chunk","model":"gpt-4o","choices":[],"usage":{"prompt_tokens":13,"completion_tokens":7,"total_tokens":20}}` + "\n\n"
	streamDone   = "data: [DONE]\n\n"
	chatStream   = streamHead + withNull + streamTail + withNull + streamUsage + streamDone
	hiddenStream = streamHead + without + streamTail + without + streamDone

	claudeHead = "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m1\",\"model\":\"claude-haiku-4-5\",\"usage\":{\"input_tokens\":13,\"output_tokens\":1}}}\n\n" +
		"event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n" +
		"event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"Hello\"}}\n\n"
	claudeTail = "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n" +
		"event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\",\"stop_sequence\":null},\"usage\":{\"output_tokens\":7}}\n\n" +
		"event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"
	claudeStream = claudeHead + claudeTail
)

const used = 20 // tokens, as every provider above reports
