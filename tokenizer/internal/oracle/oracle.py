"""What tiktoken says, for the Go tests and for the generator of the character classes.

    oracle.py classes              one byte for each of the 1,114,112 code points: its class
    oracle.py encode NAME FILE     token ids; FILE is the vocabulary of encoding NAME, "base64 rank" a line

`encode` reads batches from stdin and answers each on stdout. Integers are 32 bits, little-endian.

    batch:  number of texts, then each text: length, bytes   (bytes that are not UTF-8 are read with errors="replace")
    answer: each text: number of ids, ids

The patterns are those of the installed tiktoken; its downloads are not used.
"""

import base64
import struct
import sys

import tiktoken
from tiktoken_ext import openai_public

VERSION = "0.14.0"
CODE_POINTS = 0x110000


def ranks(path):
    with open(path, "rb") as file:
        pairs = (line.split() for line in file.read().splitlines() if line)
        return {base64.b64decode(token): int(rank) for token, rank in pairs}


def encoding(name, path):
    openai_public.load_tiktoken_bpe = lambda *_, **__: ranks(path)
    parts = openai_public.ENCODING_CONSTRUCTORS[name]()
    return tiktoken.Encoding(
        name=name, pat_str=parts["pat_str"], mergeable_ranks=parts["mergeable_ranks"], special_tokens={}
    )


def matching(pattern):
    """The code points that tiktoken's regular expression engine matches with pattern."""
    single = tiktoken.Encoding(
        name="bytes", pat_str=pattern, mergeable_ranks={bytes([b]): b for b in range(256)}, special_tokens={}
    )
    text = "".join(chr(c) for c in range(CODE_POINTS) if not 0xD800 <= c <= 0xDFFF)
    return [ord(c) for c in bytes(single.encode_ordinary(text)).decode()]


def classes():
    out = bytearray(CODE_POINTS)
    # In the order of the class constants of tokenizer/classes.go; 0 is everything else.
    patterns = [r"\p{M}", r"[\p{Lu}\p{Lt}]", r"\p{Ll}", r"[\p{Lm}\p{Lo}]", r"\p{N}", r"[\s&&[^\r\n]]", r"[\r\n]"]
    for number, pattern in enumerate(patterns, 1):
        for c in matching(pattern):
            if out[c]:
                sys.exit(f"oracle.py: U+{c:04X} is in class {out[c]} and in class {number}")
            out[c] = number
    letters = [c for c in range(CODE_POINTS) if 2 <= out[c] <= 4]
    if matching(r"\p{L}") != letters:
        sys.exit("oracle.py: the classes of letters are not what \\p{L} matches")
    folded = "".join(chr(c) for c in matching(r"(?i:[stmdlrve])"))
    if folded != "DELMRSTVdelmrstvſ":
        sys.exit(f"oracle.py: contractions fold to {folded!r}")
    sys.stdout.buffer.write(out)


def integers(stream, count):
    data = stream.read(4 * count)
    if len(data) != 4 * count:
        return None
    return struct.unpack(f"<{count}I", data)


def encode(name, path):
    tokens = encoding(name, path)
    stdin, stdout = sys.stdin.buffer, sys.stdout.buffer
    while (header := integers(stdin, 1)) is not None:
        texts = [stdin.read(integers(stdin, 1)[0]).decode("utf-8", errors="replace") for _ in range(header[0])]
        for text in texts:
            ids = tokens.encode_ordinary(text)
            stdout.write(struct.pack(f"<{len(ids) + 1}I", len(ids), *ids))
        stdout.flush()


if __name__ == "__main__":
    if tiktoken.__version__ != VERSION:
        sys.exit(f"oracle.py: tiktoken is {tiktoken.__version__}, the oracle is {VERSION}: pip install tiktoken=={VERSION}")
    if sys.argv[1:] == ["classes"]:
        classes()
    elif len(sys.argv) == 4 and sys.argv[1] == "encode":
        encode(sys.argv[2], sys.argv[3])
    else:
        sys.exit(__doc__)
