// The vendors' own clients for Node, unmodified but for the base URL, and a gateway with a
// cache: the first request is answered by the provider, all others from the cache. Prints
// what they saw as JSON; the test in Go decides whether that is right.
//
// SLUICE_URL is the gateway's base URL, SLUICE_NODE where the clients are installed.

import { createRequire } from "node:module";
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

const require = createRequire(`${process.env.SLUICE_NODE}/package.json`);
const OpenAI = require("openai").OpenAI;
const Anthropic = require("@anthropic-ai/sdk").Anthropic;

const url = process.env.SLUICE_URL;
const defaultHeaders = { "x-team": randomUUID() };
const fields = { model: "house", messages: [{ role: "user", content: "How old is Lund's cathedral?" }] };
const openai = new OpenAI({ baseURL: `${url}/v1`, apiKey: `sk-${randomUUID()}`, maxRetries: 0, defaultHeaders });
const anthropic = new Anthropic({ baseURL: url, apiKey: `sk-ant-${randomUUID()}`, maxRetries: 0, defaultHeaders });

async function completion() {
  const { data, response } = await openai.chat.completions.create({ ...fields, max_completion_tokens: 60 }).withResponse();
  const choice = data.choices[0];
  return { result: response.headers.get("x-sluice-cache"), text: choice.message.content, finish: choice.finish_reason, usage: data.usage.completion_tokens };
}

async function completionStream() {
  const asked = { ...fields, max_completion_tokens: 60, stream: true, stream_options: { include_usage: true } };
  const { data, response } = await openai.chat.completions.create(asked).withResponse();
  const seen = { result: response.headers.get("x-sluice-cache"), text: "", pieces: 0 };
  for await (const chunk of data) {
    const choice = chunk.choices[0];
    seen.text += choice?.delta.content ?? "";
    seen.finish = choice?.finish_reason ?? seen.finish;
    seen.usage = chunk.usage?.completion_tokens ?? seen.usage;
    seen.pieces++;
  }
  return seen;
}

async function message() {
  const { data, response } = await anthropic.messages.create({ ...fields, max_tokens: 60 }).withResponse();
  return { result: response.headers.get("x-sluice-cache"), text: data.content[0].text, finish: data.stop_reason, usage: data.usage.output_tokens };
}

async function messageStream() {
  const stream = anthropic.messages.stream({ ...fields, max_tokens: 60 });
  const { response } = await stream.withResponse();
  let pieces = 0;
  stream.on("text", () => pieces++);
  const data = await stream.finalMessage();
  return { result: response.headers.get("x-sluice-cache"), text: data.content[0].text, finish: data.stop_reason, usage: data.usage.output_tokens, pieces };
}

// hit asks until what was answered before is kept, which takes a moment.
async function hit(ask) {
  for (let i = 0; ; i++) {
    const seen = await ask();
    if (seen.result === "hit" || i === 200) return seen;
    await sleep(50);
  }
}

const seen = { first: await completionStream() };
for (const ask of [completion, completionStream, message, messageStream]) seen[ask.name] = await hit(ask);
console.log(JSON.stringify(seen));
