// The module in Node's V8, as a worker of the benchmark: module_worker.js MODULE VOCABULARIES. A line on stdin is "encoding path"; the answer
// on stdout is "tokens nanoseconds". To "start PATH" it makes a new instance, and answers with four numbers: the nanoseconds until
// it was there and of its first count, of a word; the bytes of its linear memory before that, and after counting PATH in each of
// its vocabularies.
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { WASI } from 'node:wasi'

const numbers = { o200k_base: 0, cl100k_base: 1 }
const module = new WebAssembly.Module(readFileSync(process.argv[2]))

function instantiate() {
  const wasi = new WASI({ version: 'preview1' })
  const imports = { ...wasi.getImportObject(), env: {} }
  for (const { module: from, name } of WebAssembly.Module.imports(module)) {
    if (from === 'env') imports.env[name] = () => 0 // the host calls of a proxy, which only its callbacks make
  }
  const instance = new WebAssembly.Instance(module, imports)
  wasi.initialize(instance)
  return instance.exports
}

function count({ room, memory, count }, name, bytes) {
  const at = room(bytes.length) >>> 0
  new Uint8Array(memory.buffer, at, bytes.length).set(bytes)
  const start = process.hrtime.bigint()
  const tokens = count(numbers[name])
  return [tokens, process.hrtime.bigint() - start]
}

function start(path) {
  const before = process.hrtime.bigint()
  const fresh = instantiate()
  const there = process.hrtime.bigint() - before
  const memory = fresh.memory.buffer.byteLength
  if (process.argv[3] === '0') return [there, 0, memory, memory]
  const [, first] = count(fresh, 'o200k_base', Buffer.from('word'))
  for (const name of Object.keys(numbers).slice(0, process.argv[3])) count(fresh, name, readFileSync(path))
  return [there, first, memory, fresh.memory.buffer.byteLength]
}

const running = instantiate()
createInterface({ input: process.stdin }).on('line', (line) => {
  const [name, path] = line.split(/ (.*)/)
  console.log((name === 'start' ? start(path) : count(running, name, readFileSync(path))).join(' '))
})
