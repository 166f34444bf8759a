"""tiktoken as a worker of the benchmark.

A line on stdin is "encoding path"; the answer on stdout is "tokens nanoseconds". Texts are read once and stay. The vocabularies are in
TIKTOKEN_CACHE_DIR, where tiktoken looks before it asks the network.
"""

import sys
import time

import tiktoken

encodings, texts = {}, {}
for line in sys.stdin:
    name, path = line.rstrip("\n").split(" ", 1)
    if name not in encodings:
        encodings[name] = tiktoken.get_encoding(name)
    if path not in texts:
        with open(path, encoding="utf-8", newline="") as file:
            texts[path] = file.read()
    encoding, text = encodings[name], texts[path]
    start = time.perf_counter_ns()
    tokens = len(encoding.encode_ordinary(text))
    took = time.perf_counter_ns() - start
    print(tokens, took, flush=True)
