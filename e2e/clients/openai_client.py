"""OpenAI's own Python client, unmodified but for base_url, against a gateway.

SLUICE_URL is the gateway's base URL. Each test has a key, and so a budget, of its own.
"""

import asyncio
import json
import os
import unittest
import uuid

import openai

URL = os.environ["SLUICE_URL"] + "/v1"
TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "get_weather",
            "parameters": {
                "type": "object",
                "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
                "required": ["city", "days"],
            },
        },
    }
]

def new_client(kind=openai.OpenAI, **options):
    return kind(base_url=URL, api_key=f"sk-{uuid.uuid4()}", timeout=60, **options)


def ask(prompt, **more):
    return {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": prompt}], **more}


class OpenAI(unittest.TestCase):
    def setUp(self):
        self.client = new_client(max_retries=0)
        self.addCleanup(self.client.close)

    def test_chat(self):
        answer = self.client.chat.completions.create(**ask("Say something."))
        self.assertTrue(answer.choices[0].message.content)
        self.assertEqual(answer.choices[0].finish_reason, "stop")
        self.assertGreater(answer.usage.completion_tokens, 0)

    def test_chat_with_raw_headers(self):
        raw = self.client.chat.completions.with_raw_response.create(**ask("Say something."))
        self.assertEqual(raw.headers["x-sluice-provider"], "openai")
        self.assertIn("x-ratelimit-remaining-tokens", raw.headers)

    def test_stream(self):
        chunks = list(self.client.chat.completions.create(**ask("Slowly."), stream=True))
        self.assertTrue("".join(c.choices[0].delta.content or "" for c in chunks))
        self.assertEqual(chunks[-1].choices[0].finish_reason, "stop")
        self.assertTrue(all(c.usage is None for c in chunks))

    def test_stream_with_usage(self):
        chunks = list(
            self.client.chat.completions.create(
                **ask("Slowly."), stream=True, stream_options={"include_usage": True}
            )
        )
        self.assertEqual(chunks[-1].choices, [])
        self.assertGreater(chunks[-1].usage.completion_tokens, 0)
        self.assertEqual(chunks[-2].choices[0].finish_reason, "stop")

    def test_streamed_tool_arguments(self):
        with self.client.chat.completions.stream(**ask("Use get_weather."), tools=TOOLS) as stream:
            message = stream.get_final_completion().choices[0].message
        call = message.tool_calls[0].function
        self.assertEqual(call.name, "get_weather")
        self.assertIsInstance(json.loads(call.arguments)["days"], int)

    def test_json_schema(self):
        schema = TOOLS[0]["function"]["parameters"] | {"additionalProperties": False}
        answer = self.client.chat.completions.create(
            **ask("As JSON."),
            response_format={
                "type": "json_schema",
                "json_schema": {"name": "weather", "strict": True, "schema": schema},
            },
        )
        self.assertIn("city", json.loads(answer.choices[0].message.content))

    def test_response(self):
        answer = self.client.responses.create(model="gpt-4o-mini", input="Say something.")
        self.assertTrue(answer.output_text)
        self.assertEqual(answer.status, "completed")
        self.assertGreater(answer.usage.output_tokens, 0)

    def test_streamed_response(self):
        with self.client.responses.stream(model="gpt-4o-mini", input="Slowly.") as stream:
            text = "".join(e.delta for e in stream if e.type == "response.output_text.delta")
            self.assertEqual(stream.get_final_response().output_text, text)

    def test_completions(self):
        answer = self.client.completions.create(model="gpt-3.5-turbo-instruct", prompt="Once")
        chunks = self.client.completions.create(
            model="gpt-3.5-turbo-instruct", prompt="Once", stream=True
        )
        self.assertEqual("".join(c.choices[0].text for c in chunks), answer.choices[0].text)

    def test_embeddings(self):
        answer = self.client.embeddings.create(model="text-embedding-3-small", input=["a", "b"])
        self.assertEqual([len(d.embedding) for d in answer.data], [1536, 1536])

    def test_async(self):
        async def run():
            async with new_client(openai.AsyncOpenAI) as client:
                stream = await client.chat.completions.create(**ask("Async."), stream=True)
                return [c async for c in stream]

        self.assertEqual(asyncio.run(run())[-1].choices[0].finish_reason, "stop")

    def test_over_the_budget(self):
        for stream in (False, True):
            with self.assertRaises(openai.RateLimitError) as caught:
                self.client.chat.completions.create(
                    **ask("?", max_completion_tokens=100_000_000), stream=stream
                )
            error = caught.exception
            self.assertEqual(error.code, "budget_exceeded")
            self.assertEqual(error.type, "rate_limit_exceeded")
            self.assertGreaterEqual(int(error.response.headers["retry-after"]), 1)
            self.assertIn('"key-month"', error.message)

    def test_errors(self):
        for fault, error in (
            ("{status: 400}", openai.BadRequestError),
            ("{status: 401}", openai.AuthenticationError),
            ("{status: 403}", openai.PermissionDeniedError),
            ("{status: 404}", openai.NotFoundError),
            ("{status: 429}", openai.RateLimitError),
            ("{status: 500}", openai.InternalServerError),
        ):
            for stream in (False, True):
                with self.subTest(fault=fault, stream=stream), self.assertRaises(error):
                    self.client.chat.completions.create(
                        **ask("Fail."), stream=stream, extra_headers={"x-mock-fault": fault}
                    )

    def test_bad_requests(self):
        with self.assertRaises(openai.BadRequestError) as caught:
            self.client.chat.completions.create(**ask("?", max_tokens="many"))
        self.assertEqual(caught.exception.param, "max_tokens")
        with self.assertRaises(openai.BadRequestError):
            self.client.post("/chat/completions", cast_to=object, content=b'{"model":')
        with self.assertRaises(openai.BadRequestError) as caught:
            self.client.responses.create(model="gpt-4o-mini", input="Later.", background=True)
        self.assertEqual(caught.exception.param, "background")

    def test_a_provider_that_is_down(self):
        with self.assertRaises(openai.InternalServerError):
            self.client.chat.completions.create(**ask("?") | {"model": "down-gpt"})

    def test_broken_streams_raise(self):
        for fault in (
            "{error_event: {after_events: 4}}",
            "{malformed: {after_events: 4}}",
            "{no_finish: true}",
            "{cut: {after_events: 4, how: end}}",
            "{cut: {after_events: 4, how: reset}}",
        ):
            seen = []
            with self.subTest(fault=fault):
                with self.assertRaises(Exception):
                    for event in self.client.chat.completions.create(
                        **ask("Break."), stream=True, extra_headers={"x-mock-fault": fault}
                    ):
                        seen.append(event)
                if "reset" not in fault:  # a reset may overtake what was sent before it
                    self.assertTrue(seen)
                self.assertTrue(all(event.choices[0].finish_reason is None for event in seen))


if __name__ == "__main__":
    unittest.main()
