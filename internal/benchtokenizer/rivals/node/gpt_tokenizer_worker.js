// gpt-tokenizer as a worker of the benchmark. A line on stdin is "encoding path"; the answer on stdout is "tokens nanoseconds".
// Texts are read once and stay.
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { countTokens as cl100k_base } from 'gpt-tokenizer/encoding/cl100k_base'
import { countTokens as o200k_base } from 'gpt-tokenizer/encoding/o200k_base'

const encodings = { cl100k_base, o200k_base }
const texts = new Map()

createInterface({ input: process.stdin }).on('line', (line) => {
  const [name, path] = line.split(/ (.*)/)
  if (!texts.has(path)) texts.set(path, readFileSync(path, 'utf8'))
  const text = texts.get(path)
  const start = process.hrtime.bigint()
  const tokens = encodings[name](text)
  const took = process.hrtime.bigint() - start
  console.log(`${tokens} ${took}`)
})
