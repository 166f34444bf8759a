"""This module in wasmtime, as a worker of the benchmark: wasmtime_worker.py MODULE.

A line on stdin is "encoding path"; the answer on stdout is "tokens nanoseconds".
"""

import sys
import time

from wasmtime import Engine, Linker, Module, Store, WasiConfig

NUMBERS = {"o200k_base": 0, "cl100k_base": 1}


engine = Engine()
module = Module.from_file(engine, sys.argv[1])
store = Store(engine)
store.set_wasi(WasiConfig())
linker = Linker(engine)
linker.define_wasi()
for imported in module.imports:
    if imported.module == "env":  # the host calls of a proxy, which only its callbacks make
        linker.define_func("env", imported.name, imported.type, lambda *_: 0)
exports = linker.instantiate(store, module).exports(store)
exports["_initialize"](store)

for line in sys.stdin:
    name, path = line.rstrip("\n").split(" ", 1)
    with open(path, "rb") as file:
        text = file.read()
    exports["memory"].write(store, text, exports["room"](store, len(text)))
    start = time.perf_counter_ns()
    tokens = exports["count"](store, NUMBERS[name])
    took = time.perf_counter_ns() - start
    print(tokens, took, flush=True)
