"""The vendors' own Python clients, each against a provider that speaks the other's API.

SLUICE_URL is the gateway's base URL, SLUICE_SAYS what the provider says.
"""

import json
import os
import unittest
import uuid

import anthropic
import openai

URL = os.environ["SLUICE_URL"]
SAYS = os.environ["SLUICE_SAYS"]
SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
    "required": ["city", "days"],
    "additionalProperties": False,
}
BROKEN = ("error_later", "malformed_later", "ended_later", "closed_later", "no_finish")


class OpenAIOverAnthropic(unittest.TestCase):
    def setUp(self):
        self.client = openai.OpenAI(
            base_url=URL + "/v1", api_key=f"sk-{uuid.uuid4()}", timeout=60, max_retries=0
        )
        self.addCleanup(self.client.close)

    def ask(self, prompt, **more):
        return self.client.chat.completions.create(
            model="over-anthropic", messages=[{"role": "user", "content": prompt}], **more
        )

    def test_text(self):
        answer = self.ask("Say something.")
        self.assertEqual(answer.choices[0].message.content, SAYS)
        self.assertEqual(answer.choices[0].finish_reason, "stop")
        self.assertGreater(answer.usage.prompt_tokens, 0)

    def test_stream(self):
        chunks = list(self.ask("Slowly.", stream=True, stream_options={"include_usage": True}))
        self.assertEqual("".join(c.choices[0].delta.content or "" for c in chunks if c.choices), SAYS)
        self.assertEqual(chunks[-1].choices, [])
        self.assertGreater(chunks[-1].usage.completion_tokens, 0)

    def test_tools(self):
        tools = [
            {"type": "function", "function": {"name": name, "parameters": SCHEMA}}
            for name in ("get_weather", "get_time")
        ]
        messages = [{"role": "user", "content": "[beta free] Use get_weather and get_time."}]
        with self.client.chat.completions.stream(
            model="over-anthropic", messages=messages, tools=tools
        ) as stream:
            message = stream.get_final_completion().choices[0].message
        self.assertEqual([c.function.name for c in message.tool_calls], ["get_weather", "get_time"])
        for call in message.tool_calls:
            self.assertIsInstance(json.loads(call.function.arguments)["days"], int)
        messages.append(message.to_dict())
        messages += [
            {"role": "tool", "tool_call_id": c.id, "content": "rain"} for c in message.tool_calls
        ]
        answer = self.client.chat.completions.create(
            model="over-anthropic", messages=messages, tools=tools
        )
        self.assertEqual(answer.choices[0].finish_reason, "stop")

    def test_schema(self):
        answer = self.ask(
            "[beta good]",
            response_format={
                "type": "json_schema",
                "json_schema": {"name": "weather", "strict": True, "schema": SCHEMA},
            },
        )
        self.assertEqual(json.loads(answer.choices[0].message.content)["city"], "Oslo")

    def test_errors(self):
        for behaviour, error in (
            ("400", openai.BadRequestError),
            ("404", openai.NotFoundError),
            ("429", openai.RateLimitError),
            ("500", openai.InternalServerError),
            ("529", openai.InternalServerError),
        ):
            for stream in (False, True):
                with self.subTest(behaviour=behaviour), self.assertRaises(error):
                    self.ask(f"[beta {behaviour}]", stream=stream)

    def test_broken_streams_raise(self):
        for behaviour in BROKEN:
            seen = []
            with self.subTest(behaviour=behaviour):
                with self.assertRaises(Exception):
                    for chunk in self.ask(f"[beta {behaviour}]", stream=True):
                        seen.append(chunk)
                self.assertTrue(seen)
                self.assertTrue(all(c.choices[0].finish_reason is None for c in seen))


class AnthropicOverOpenAI(unittest.TestCase):
    def setUp(self):
        self.client = anthropic.Anthropic(
            base_url=URL, api_key=f"sk-ant-{uuid.uuid4()}", timeout=60, max_retries=0
        )
        self.addCleanup(self.client.close)

    def asked(self, prompt, **more):
        return {
            "model": "over-openai",
            "max_tokens": 256,
            "messages": [{"role": "user", "content": prompt}],
            **more,
        }

    def test_text(self):
        answer = self.client.messages.create(**self.asked("Say something.", system="Be brief."))
        self.assertEqual(answer.content[0].text, SAYS)
        self.assertEqual(answer.stop_reason, "end_turn")
        self.assertGreater(answer.usage.input_tokens, 0)

    def test_stream(self):
        with self.client.messages.stream(**self.asked("Slowly.")) as stream:
            text = "".join(stream.text_stream)
            message = stream.get_final_message()
        self.assertEqual(text, SAYS)
        self.assertEqual(message.stop_reason, "end_turn")
        self.assertGreater(message.usage.output_tokens, 1)
        self.assertGreater(message.usage.input_tokens, 0)

    def test_tools(self):
        tools = [{"name": name, "input_schema": SCHEMA} for name in ("get_weather", "get_time")]
        request = self.asked("[beta free] Use get_weather and get_time.", tools=tools)
        with self.client.messages.stream(**request) as stream:
            message = stream.get_final_message()
        self.assertEqual(message.stop_reason, "tool_use")
        self.assertEqual([b.name for b in message.content], ["get_weather", "get_time"])
        self.assertTrue(all(isinstance(b.input["days"], int) for b in message.content))
        request["messages"] += [
            {"role": "assistant", "content": [b.to_dict() for b in message.content]},
            {
                "role": "user",
                "content": [
                    {"type": "tool_result", "tool_use_id": b.id, "content": "rain"}
                    for b in message.content
                ],
            },
        ]
        self.assertEqual(self.client.messages.create(**request).stop_reason, "end_turn")

    def test_errors(self):
        for behaviour, error in (
            ("400", anthropic.BadRequestError),
            ("404", anthropic.NotFoundError),
            ("429", anthropic.RateLimitError),
            ("500", anthropic.InternalServerError),
        ):
            for stream in (False, True):
                with self.subTest(behaviour=behaviour), self.assertRaises(error):
                    self.client.messages.create(**self.asked(f"[beta {behaviour}]"), stream=stream)

    def test_broken_streams_raise(self):
        for behaviour in BROKEN:
            seen = []
            with self.subTest(behaviour=behaviour):
                with self.assertRaises(Exception):
                    for event in self.client.messages.create(
                        **self.asked(f"[beta {behaviour}]"), stream=True
                    ):
                        seen.append(event)
                self.assertTrue(seen)
                self.assertTrue(all(e.type != "message_stop" for e in seen))


if __name__ == "__main__":
    unittest.main()
