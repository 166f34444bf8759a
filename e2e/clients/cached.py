"""The vendors' own Python clients, unmodified but for base_url, and a gateway with a cache.

SLUICE_URL is the gateway's base URL. Each test has a team, and so a cache, of its own.
"""

import os
import time
import unittest
import uuid

import anthropic
import openai

URL = os.environ["SLUICE_URL"]
FIELDS = {"model": "house", "messages": [{"role": "user", "content": "How old is Uppsala's cathedral?"}]}


class Cached(unittest.TestCase):
    def setUp(self):
        headers = {"x-team": str(uuid.uuid4())}
        self.openai = openai.OpenAI(
            base_url=URL + "/v1", api_key=f"sk-{uuid.uuid4()}", timeout=60, max_retries=0, default_headers=headers
        )
        self.anthropic = anthropic.Anthropic(
            base_url=URL, api_key=f"sk-ant-{uuid.uuid4()}", timeout=60, max_retries=0, default_headers=headers
        )
        self.addCleanup(self.openai.close)
        self.addCleanup(self.anthropic.close)

    def completion(self):
        raw = self.openai.chat.completions.with_raw_response.create(**FIELDS, max_completion_tokens=60)
        answer = raw.parse()
        choice = answer.choices[0]
        return raw.headers["x-sluice-cache"], choice.message.content, choice.finish_reason, answer.usage.completion_tokens

    def completion_stream(self):
        raw = self.openai.chat.completions.with_raw_response.create(
            **FIELDS, max_completion_tokens=60, stream=True, stream_options={"include_usage": True}
        )
        chunks = list(raw.parse())
        choices = [c.choices[0] for c in chunks if c.choices]
        self.assertGreater(len(choices), 4)
        self.assertEqual(len({c.id for c in chunks}), 1)
        text = "".join(c.delta.content or "" for c in choices)
        return raw.headers["x-sluice-cache"], text, choices[-1].finish_reason, chunks[-1].usage.completion_tokens

    def message(self):
        raw = self.anthropic.messages.with_raw_response.create(**FIELDS, max_tokens=60)
        answer = raw.parse()
        return raw.headers["x-sluice-cache"], answer.content[0].text, answer.stop_reason, answer.usage.output_tokens

    def message_stream(self):
        with self.anthropic.messages.stream(**FIELDS, max_tokens=60) as stream:
            result = stream.response.headers["x-sluice-cache"]
            text = "".join(stream.text_stream)
            answer = stream.get_final_message()
        self.assertEqual(answer.content[0].text, text)
        self.assertGreater(answer.usage.input_tokens, 0)
        return result, text, answer.stop_reason, answer.usage.output_tokens

    def hit(self, ask):
        """Asks until what was answered before is kept, which takes a moment."""
        for _ in range(200):
            answer = ask()
            if answer[0] == "hit":
                return answer
            time.sleep(0.05)
        self.fail(f"no hit but a {answer[0]}")

    def test_hits(self):
        first = self.completion()
        self.assertEqual((first[0], first[2]), ("miss", "stop"))
        self.assertGreater(first[3], 0)
        for ask, finish in (
            (self.completion, "stop"),
            (self.completion_stream, "stop"),
            (self.message, "end_turn"),
            (self.message_stream, "end_turn"),
        ):
            with self.subTest(ask.__name__):
                self.assertEqual(self.hit(ask), ("hit", first[1], finish, first[3]))

    def test_hits_of_a_stream(self):
        first = self.message_stream()
        self.assertEqual((first[0], first[2]), ("miss", "end_turn"))
        for ask, finish in ((self.message, "end_turn"), (self.message_stream, "end_turn"), (self.completion_stream, "stop")):
            with self.subTest(ask.__name__):
                self.assertEqual(self.hit(ask), ("hit", first[1], finish, first[3]))


if __name__ == "__main__":
    unittest.main()
