"""Anthropic's own Python client, unmodified but for base_url, against a gateway.

SLUICE_URL is the gateway's base URL. Each test has a key, and so a budget, of its own.
"""

import asyncio
import os
import unittest
import uuid

import anthropic

URL = os.environ["SLUICE_URL"]
TOOLS = [
    {
        "name": "get_weather",
        "input_schema": {
            "type": "object",
            "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
            "required": ["city", "days"],
        },
    }
]

def new_client(kind=anthropic.Anthropic, **options):
    return kind(base_url=URL, api_key=f"sk-ant-{uuid.uuid4()}", timeout=60, **options)


def ask(prompt, **more):
    return {
        "model": "claude-haiku-4-5",
        "max_tokens": 256,
        "messages": [{"role": "user", "content": prompt}],
        **more,
    }


class Anthropic(unittest.TestCase):
    def setUp(self):
        self.client = new_client(max_retries=0)
        self.addCleanup(self.client.close)

    def test_messages(self):
        answer = self.client.messages.create(**ask("Say something."))
        self.assertTrue(answer.content[0].text)
        self.assertEqual(answer.stop_reason, "end_turn")
        self.assertGreater(answer.usage.output_tokens, 0)

    def test_stream(self):
        with self.client.messages.stream(**ask("Slowly.", system="Be brief.")) as stream:
            text = "".join(stream.text_stream)
            message = stream.get_final_message()
        self.assertEqual(message.content[0].text, text)
        self.assertEqual(message.stop_reason, "end_turn")
        self.assertGreater(message.usage.output_tokens, 1)

    def test_cap(self):
        answer = self.client.messages.create(**ask("Say a lot.", max_tokens=3))
        self.assertEqual(answer.stop_reason, "max_tokens")
        self.assertEqual(answer.usage.output_tokens, 3)

    def test_streamed_tool_arguments(self):
        with self.client.messages.stream(**ask("Use get_weather."), tools=TOOLS) as stream:
            message = stream.get_final_message()
        self.assertEqual(message.stop_reason, "tool_use")
        self.assertEqual(message.content[0].name, "get_weather")
        self.assertIsInstance(message.content[0].input["days"], int)

    def test_async(self):
        async def run():
            async with new_client(anthropic.AsyncAnthropic) as client:
                async with client.messages.stream(**ask("Async.")) as stream:
                    return await stream.get_final_message()

        self.assertEqual(asyncio.run(run()).stop_reason, "end_turn")

    def test_over_the_budget(self):
        with self.assertRaises(anthropic.RateLimitError) as caught:
            self.client.messages.create(**ask("?", max_tokens=100_000_000), stream=True)
        error = caught.exception
        self.assertEqual(error.body["error"]["type"], "rate_limit_error")
        self.assertGreaterEqual(int(error.response.headers["retry-after"]), 1)
        self.assertIn('"key-month"', error.message)

    def test_errors(self):
        for fault, error in (
            ("{status: 400}", anthropic.BadRequestError),
            ("{status: 401}", anthropic.AuthenticationError),
            ("{status: 403}", anthropic.PermissionDeniedError),
            ("{status: 404}", anthropic.NotFoundError),
            ("{status: 429}", anthropic.RateLimitError),
            ("{status: 500}", anthropic.InternalServerError),
            ("{status: 529}", anthropic.InternalServerError),
        ):
            for stream in (False, True):
                with self.subTest(fault=fault, stream=stream), self.assertRaises(error):
                    self.client.messages.create(
                        **ask("Fail."), stream=stream, extra_headers={"x-mock-fault": fault}
                    )

    def test_bad_requests(self):
        with self.assertRaises(anthropic.BadRequestError):
            self.client.messages.create(**ask("?", max_tokens="many"))
        with self.assertRaises(anthropic.BadRequestError):
            self.client.post("/v1/messages", cast_to=object, content=b'{"model":')

    def test_a_provider_that_is_down(self):
        with self.assertRaises(anthropic.InternalServerError):
            self.client.messages.create(**ask("?") | {"model": "down-claude"})

    def test_broken_streams_raise(self):
        for fault in (
            "{error_event: {after_events: 6}}",
            "{malformed: {after_events: 6}}",
            "{no_finish: true}",
            "{cut: {after_events: 6, how: end}}",
            "{cut: {after_events: 6, how: reset}}",
        ):
            seen = []
            with self.subTest(fault=fault):
                with self.assertRaises(Exception):
                    for event in self.client.messages.create(
                        **ask("Break."), stream=True, extra_headers={"x-mock-fault": fault}
                    ):
                        seen.append(event)
                if "reset" not in fault:  # a reset may overtake what was sent before it
                    self.assertTrue(seen)
                self.assertTrue(all(event.type != "message_stop" for event in seen))


if __name__ == "__main__":
    unittest.main()
