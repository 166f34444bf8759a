"""Gives texts their ids with Hugging Face's tokenizers: oracle.py TOKENIZER_JSON MOST

Reads a JSON string a line, writes a JSON array of ids a line, at most MOST of them.
"""
import json
import sys

from tokenizers import Tokenizer

tokenizer = Tokenizer.from_file(sys.argv[1])
tokenizer.no_padding()
tokenizer.enable_truncation(int(sys.argv[2]))

lines = sys.stdin.buffer.readlines()
for at in range(0, len(lines), 1000):
    for encoding in tokenizer.encode_batch([json.loads(line) for line in lines[at:at + 1000]]):
        sys.stdout.write(json.dumps(encoding.ids, separators=(",", ":")) + "\n")
