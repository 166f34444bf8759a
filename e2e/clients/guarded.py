"""The vendors' own Python clients, unmodified but for base_url, and a gateway with guards.

SLUICE_URL is the gateway's base URL. The provider is told by a header what to answer: it
sees placeholders where these clients wrote and read personal data.
"""

import json
import os
import unittest
import uuid

import anthropic
import openai

URL = os.environ["SLUICE_URL"]
MAIL, CARD = "canary.ann@example.com", "4111 1111 1111 1111"
SAID = f"I am {MAIL} and my card is {CARD}."
ARGUMENTS = {"to": MAIL, "say": f'"quoted" {CARD}', "more": [f"<{MAIL}>", 7]}
CALL = {"x-mock-answer": '{tools: [{name: mail, arguments: {to: "[EMAIL_1]", say: "\\"quoted\\" [CARD_1]", more: ["<[EMAIL_1]>", 7]}}]}'}
SPLIT = {"x-mock-fault": "{split_bytes: 7}"}
SECRET = {"x-mock-answer": '{text: "It is fine today and the launch code is seven as always"}'}
SCHEMA = {"type": "object", "properties": {"to": {"type": "string"}, "say": {"type": "string"}}}
ECHO = {"x-mock-answer": "{echo: true}"}


def ask(text, **more):
    return {"messages": [{"role": "user", "content": text}], "max_tokens": 200, **more}


class Guarded(unittest.TestCase):
    def blocked(self, error, rule):
        self.assertEqual(error.status_code, 400)
        self.assertIn(f"({rule})", str(error))
        self.assertNotIn(MAIL, str(error))


class OpenAI(Guarded):
    def setUp(self):
        self.client = openai.OpenAI(base_url=URL + "/v1", api_key=f"sk-{uuid.uuid4()}", timeout=60, max_retries=0)
        self.addCleanup(self.client.close)

    models = ("gpt-4o-mini", "claude-haiku-4-5")  # the second is of the other API

    def test_whole(self):
        for model in self.models:
            with self.subTest(model):
                answer = self.client.chat.completions.create(**ask(SAID, model=model), extra_headers=ECHO)
                self.assertEqual(answer.choices[0].message.content, SAID)
                answer = self.client.chat.completions.create(**ask(SAID, model=model, tools=self.tools), extra_headers=CALL)
                self.assertEqual(json.loads(answer.choices[0].message.tool_calls[0].function.arguments), ARGUMENTS)

    tools = [{"type": "function", "function": {"name": "mail", "parameters": SCHEMA}}]

    def test_streamed(self):
        for model in self.models:
            with self.subTest(model):
                chunks = self.client.chat.completions.create(**ask(SAID, model=model), stream=True, extra_headers=ECHO | SPLIT)
                self.assertEqual("".join(c.choices[0].delta.content or "" for c in chunks if c.choices), SAID)
                with self.client.chat.completions.stream(
                    **ask(SAID, model=model), tools=self.tools, extra_headers=CALL | SPLIT
                ) as stream:
                    choice = stream.get_final_completion().choices[0]
                self.assertEqual(json.loads(choice.message.tool_calls[0].function.arguments), ARGUMENTS)
                self.assertEqual(choice.finish_reason, "tool_calls")

    def test_response(self):
        answer = self.client.responses.create(model="gpt-4o-mini", input=SAID, extra_headers=ECHO)
        self.assertEqual(answer.output_text, SAID)
        with self.client.responses.stream(model="gpt-4o-mini", input=SAID, extra_headers=ECHO | SPLIT) as stream:
            pieces = "".join(e.delta for e in stream if e.type == "response.output_text.delta")
            self.assertEqual(stream.get_final_response().output_text, SAID)
        self.assertEqual(pieces, SAID)

    def test_blocked(self):
        for stream in (False, True):
            with self.assertRaises(openai.BadRequestError) as raised:
                self.client.chat.completions.create(**ask(f"Project  Falcon for {MAIL}", model="gpt-4o-mini"), stream=stream)
            self.blocked(raised.exception, "falcon")
            self.assertEqual(raised.exception.code, "blocked_by_guard")

    def test_answer_rule(self):
        with self.assertRaises(openai.BadRequestError) as raised:
            self.client.chat.completions.create(**ask("News?", model="gpt-4o-mini"), extra_headers=SECRET)
        self.assertEqual(raised.exception.code, "blocked_by_guard")
        self.blocked(raised.exception, "code")
        for model in self.models:
            with self.subTest(model):
                chunks = list(self.client.chat.completions.create(**ask("News?", model=model), stream=True, extra_headers=SECRET))
                self.assertEqual([c.choices[0].finish_reason for c in chunks if c.choices][-1], "content_filter")
                text = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
                self.assertTrue("It is fine today and the ".startswith(text), text)
                # The helper that puts a stream together has an error of its own for it.
                with self.client.chat.completions.stream(**ask("News?", model=model), extra_headers=SECRET) as stream:
                    with self.assertRaises(openai.ContentFilterFinishReasonError):
                        stream.get_final_completion()


class Anthropic(Guarded):
    def setUp(self):
        self.client = anthropic.Anthropic(base_url=URL, api_key=f"sk-ant-{uuid.uuid4()}", timeout=60, max_retries=0)
        self.addCleanup(self.client.close)

    models = ("claude-haiku-4-5", "gpt-4o-mini")
    tools = [{"name": "mail", "input_schema": SCHEMA}]

    def test_whole(self):
        for model in self.models:
            with self.subTest(model):
                answer = self.client.messages.create(**ask(SAID, model=model), extra_headers=ECHO)
                self.assertEqual(answer.content[0].text, SAID)
                answer = self.client.messages.create(**ask(SAID, model=model, tools=self.tools), extra_headers=CALL)
                self.assertEqual(answer.content[-1].input, ARGUMENTS)

    def test_streamed(self):
        for model in self.models:
            with self.subTest(model):
                with self.client.messages.stream(**ask(SAID, model=model), extra_headers=ECHO | SPLIT) as stream:
                    self.assertEqual("".join(stream.text_stream), SAID)
                with self.client.messages.stream(**ask(SAID, model=model, tools=self.tools), extra_headers=CALL | SPLIT) as stream:
                    message = stream.get_final_message()
                self.assertEqual(message.content[-1].input, ARGUMENTS)
                self.assertEqual(message.stop_reason, "tool_use")

    def test_blocked(self):
        for create in (self.client.messages.create, lambda **m: self.client.messages.create(**m, stream=True)):
            with self.assertRaises(anthropic.BadRequestError) as raised:
                create(**ask(f"Project  Falcon for {MAIL}", model="claude-haiku-4-5"))
            self.blocked(raised.exception, "falcon")
            self.assertEqual(raised.exception.body["error"]["type"], "invalid_request_error")

    def test_answer_rule(self):
        with self.assertRaises(anthropic.BadRequestError) as raised:
            self.client.messages.create(**ask("News?", model="claude-haiku-4-5"), extra_headers=SECRET)
        self.blocked(raised.exception, "code")
        for model in self.models:
            with self.subTest(model):
                with self.client.messages.stream(**ask("News?", model=model), extra_headers=SECRET) as stream:
                    message = stream.get_final_message()
                self.assertEqual(message.stop_reason, "refusal")
                text = "".join(b.text for b in message.content)
                self.assertTrue("It is fine today and the ".startswith(text), text)


if __name__ == "__main__":
    unittest.main()
