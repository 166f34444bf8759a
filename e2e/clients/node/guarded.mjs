// The vendors' own clients for Node, unmodified but for the base URL, and a gateway with
// guards: each at its own API and at the other one. Prints what they saw as JSON; the test
// in Go decides whether that is right. A header tells the provider what to answer.
//
// SLUICE_URL is the gateway's base URL, SLUICE_NODE where the clients are installed.

import { createRequire } from "node:module";
import { randomUUID } from "node:crypto";

const require = createRequire(`${process.env.SLUICE_NODE}/package.json`);
const OpenAI = require("openai").OpenAI;
const Anthropic = require("@anthropic-ai/sdk").Anthropic;

const url = process.env.SLUICE_URL;
const said = "I am canary.ann@example.com and my card is 4111 1111 1111 1111.";
const schema = { type: "object", properties: { to: { type: "string" }, say: { type: "string" } } };
const echo = { "x-mock-answer": "{echo: true}" };
const call = { "x-mock-answer": '{tools: [{name: mail, arguments: {to: "[EMAIL_1]", say: "\\"quoted\\" [CARD_1]"}}]}' };
const secret = { "x-mock-answer": '{text: "It is fine today and the launch code is seven as always"}' };
const split = { "x-mock-fault": "{split_bytes: 7}" };

// refused is how a client tells of an error: its class, its status and what it says.
async function refused(f) {
  try {
    return { error: "", message: JSON.stringify(await f()) };
  } catch (e) {
    return { error: e.constructor.name, status: e.status ?? 0, code: e.code ?? "", message: String(e.message) };
  }
}

async function openai(model) {
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: `sk-${randomUUID()}`, maxRetries: 0 });
  const asked = (content, more) => ({ model, max_tokens: 200, messages: [{ role: "user", content }], ...more });
  const tools = [{ type: "function", function: { name: "mail", parameters: schema } }];
  const create = (content, headers, more) => client.chat.completions.create(asked(content, more), { headers });
  const final = (content, headers, more) => client.chat.completions.stream(asked(content, more), { headers }).finalChatCompletion();
  const argumentsOf = (answer) => JSON.parse(answer.choices[0].message.tool_calls[0].function.arguments);
  const ended = (await final("News?", secret)).choices[0];
  return {
    whole: (await create(said, echo)).choices[0].message.content,
    streamed: (await final(said, { ...echo, ...split })).choices[0].message.content,
    called: argumentsOf(await create(said, call, { tools })),
    calledInPieces: argumentsOf(await final(said, { ...call, ...split }, { tools })),
    blocked: await refused(() => create("Project  Falcon", {})),
    blockedStream: await refused(() => create("Project  Falcon", {}, { stream: true })),
    answer: await refused(() => create("News?", secret)),
    seen: ended.message.content ?? "",
    finish: ended.finish_reason,
  };
}

async function anthropic(model) {
  const client = new Anthropic({ baseURL: url, apiKey: `sk-ant-${randomUUID()}`, maxRetries: 0 });
  const asked = (content, more) => ({ model, max_tokens: 200, messages: [{ role: "user", content }], ...more });
  const tools = [{ name: "mail", input_schema: schema }];
  const create = (content, headers, more) => client.messages.create(asked(content, more), { headers });
  const final = (content, headers, more) => client.messages.stream(asked(content, more), { headers }).finalMessage();
  const ended = await final("News?", secret);
  return {
    whole: (await create(said, echo)).content[0].text,
    streamed: (await final(said, { ...echo, ...split })).content[0].text,
    called: (await create(said, call, { tools })).content.at(-1).input,
    calledInPieces: (await final(said, { ...call, ...split }, { tools })).content.at(-1).input,
    blocked: await refused(() => create("Project  Falcon", {})),
    blockedStream: await refused(() => create("Project  Falcon", {}, { stream: true })),
    answer: await refused(() => create("News?", secret)),
    seen: ended.content.map((b) => b.text).join(""),
    finish: ended.stop_reason,
  };
}

console.log(JSON.stringify({
  "openai, its own API": await openai("gpt-4o-mini"),
  "openai, the other API": await openai("claude-haiku-4-5"),
  "anthropic, its own API": await anthropic("claude-haiku-4-5"),
  "anthropic, the other API": await anthropic("gpt-4o-mini"),
}));
