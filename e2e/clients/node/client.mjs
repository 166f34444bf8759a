// The vendors' own clients for Node, unmodified but for the base URL, against a gateway:
// each at its own API and at the other one. Prints what they saw as JSON; the test in Go
// decides whether that is right.
//
// SLUICE_URL is the gateway's base URL, SLUICE_NODE where the clients are installed.

import { createRequire } from "node:module";
import { randomUUID } from "node:crypto";

const require = createRequire(`${process.env.SLUICE_NODE}/package.json`);
const OpenAI = require("openai").OpenAI;
const Anthropic = require("@anthropic-ai/sdk").Anthropic;

const url = process.env.SLUICE_URL;
const schema = {
  type: "object",
  properties: { city: { type: "string" }, days: { type: "integer" } },
  required: ["city", "days"],
  additionalProperties: false,
};
const names = ["get_weather", "get_time"];
const broken = ["error_later", "malformed_later", "ended_later", "closed_later", "no_finish"];

// attempt is what came of a promise: its value, or the class and status of its error.
async function attempt(f) {
  try {
    return { value: await f() };
  } catch (e) {
    return { error: e.constructor.name, status: e.status ?? 0, message: String(e.message) };
  }
}

async function openai(model) {
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: `sk-${randomUUID()}`, maxRetries: 0 });
  const ask = (prompt, more) =>
    client.chat.completions.create({ model, messages: [{ role: "user", content: prompt }], ...more });
  const seen = {};

  const whole = await ask("Say something.");
  seen.text = whole.choices[0].message.content;
  seen.finish = whole.choices[0].finish_reason;
  seen.usage = whole.usage.completion_tokens;

  seen.streamed = "";
  for await (const chunk of await ask("Say something.", { stream: true, stream_options: { include_usage: true } })) {
    seen.streamed += chunk.choices[0]?.delta.content ?? "";
    if (chunk.usage) seen.streamedUsage = chunk.usage.completion_tokens;
  }

  const tools = names.map((name) => ({ type: "function", function: { name, parameters: schema } }));
  const messages = [{ role: "user", content: "[beta free] Use get_weather and get_time." }];
  const turn = await client.chat.completions.stream({ model, messages, tools }).finalChatCompletion();
  const calls = turn.choices[0].message.tool_calls;
  seen.calls = calls.map((c) => c.function.name);
  seen.days = calls.map((c) => typeof JSON.parse(c.function.arguments).days);
  messages.push({ role: "assistant", content: null, tool_calls: calls.map(({ id, type, function: f }) => ({ id, type, function: { name: f.name, arguments: f.arguments } })) });
  for (const c of calls) messages.push({ role: "tool", tool_call_id: c.id, content: "rain" });
  seen.after = (await client.chat.completions.create({ model, messages, tools })).choices[0].finish_reason;

  seen.errors = {};
  for (const b of ["400", "404", "429", "500"]) seen.errors[b] = await attempt(() => ask(`[beta ${b}]`));
  seen.broken = {};
  for (const b of broken) {
    seen.broken[b] = await attempt(async () => {
      let ends = 0;
      for await (const chunk of await ask(`[beta ${b}]`, { stream: true })) if (chunk.choices[0]?.finish_reason) ends++;
      return ends;
    });
  }
  return seen;
}

async function anthropic(model) {
  const client = new Anthropic({ baseURL: url, apiKey: `sk-ant-${randomUUID()}`, maxRetries: 0 });
  const asked = (prompt, more) => ({ model, max_tokens: 256, messages: [{ role: "user", content: prompt }], ...more });
  const seen = {};

  const whole = await client.messages.create(asked("Say something.", { system: "Be brief." }));
  seen.text = whole.content[0].text;
  seen.finish = whole.stop_reason;
  seen.usage = whole.usage.output_tokens;

  const streamed = await client.messages.stream(asked("Say something.")).finalMessage();
  seen.streamed = streamed.content[0].text;
  seen.streamedUsage = streamed.usage.output_tokens;

  const request = asked("[beta free] Use get_weather and get_time.", { tools: names.map((name) => ({ name, input_schema: schema })) });
  const turn = await client.messages.stream(request).finalMessage();
  seen.calls = turn.content.map((b) => b.name);
  seen.days = turn.content.map((b) => typeof b.input.days);
  request.messages.push(
    { role: "assistant", content: turn.content.map(({ type, id, name, input }) => ({ type, id, name, input })) },
    { role: "user", content: turn.content.map((b) => ({ type: "tool_result", tool_use_id: b.id, content: "rain" })) },
  );
  seen.after = (await client.messages.create(request)).stop_reason;

  seen.errors = {};
  for (const b of ["400", "404", "429", "500"]) seen.errors[b] = await attempt(() => client.messages.create(asked(`[beta ${b}]`)));
  seen.broken = {};
  for (const b of broken) {
    seen.broken[b] = await attempt(async () => {
      let ends = 0;
      for await (const event of await client.messages.create(asked(`[beta ${b}]`, { stream: true }))) if (event.type === "message_stop") ends++;
      return ends;
    });
  }
  return seen;
}

console.log(JSON.stringify({
  "openai, its own API": await openai("own-openai"),
  "openai, the other API": await openai("over-anthropic"),
  "anthropic, its own API": await anthropic("own-anthropic"),
  "anthropic, the other API": await anthropic("over-openai"),
}));
