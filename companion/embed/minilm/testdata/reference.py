"""Writes what the model makes of texts, computed in float64: reference.py MODEL_FOLDER

Reads texts.json beside it, writes vectors.f32 beside it: for each text 384 float32,
little-endian. Needs numpy and tokenizers; internal/requirements.txt has both. The weights
are taken as they are, float32. It follows the paper (BERT, arXiv 1810.04805) and
config.json, and shares nothing with the Go that it is to check.
"""
import json
import math
import pathlib
import struct
import sys

import numpy as np
from tokenizers import Tokenizer

here, model = pathlib.Path(__file__).parent, pathlib.Path(sys.argv[1])
config = json.loads((model / "config.json").read_text())
heads, layers, epsilon = config["num_attention_heads"], config["num_hidden_layers"], config["layer_norm_eps"]

raw = (model / "model.safetensors").read_bytes()
length, = struct.unpack("<Q", raw[:8])
header = json.loads(raw[8:8 + length])


def tensor(name):
    place = header[name]
    assert place["dtype"] == "F32"
    begin, end = place["data_offsets"]
    return np.frombuffer(raw[8 + length + begin:8 + length + end], "<f4").reshape(place["shape"]).astype(np.float64)


def dense(x, name):
    return x @ tensor(name + ".weight").T + tensor(name + ".bias")


def normalised(x, name):
    centred = x - x.mean(-1, keepdims=True)
    return centred / np.sqrt((centred ** 2).mean(-1, keepdims=True) + epsilon) * tensor(name + ".weight") + tensor(name + ".bias")


erf = np.vectorize(math.erf)


def forward(ids):
    x = tensor("embeddings.word_embeddings.weight")[ids]
    x = x + tensor("embeddings.position_embeddings.weight")[:len(ids)] + tensor("embeddings.token_type_embeddings.weight")[0]
    x = normalised(x, "embeddings.LayerNorm")
    size = x.shape[1] // heads
    for n in range(layers):
        name = f"encoder.layer.{n}."
        q, k, v = (dense(x, name + "attention.self." + part).reshape(len(ids), heads, size).transpose(1, 0, 2) for part in ("query", "key", "value"))
        scores = np.exp(q @ k.transpose(0, 2, 1) / math.sqrt(size))
        attended = (scores / scores.sum(-1, keepdims=True)) @ v
        attended = attended.transpose(1, 0, 2).reshape(len(ids), -1)
        x = normalised(x + dense(attended, name + "attention.output.dense"), name + "attention.output.LayerNorm")
        up = dense(x, name + "intermediate.dense")
        up = up * (1 + erf(up / math.sqrt(2))) / 2
        x = normalised(x + dense(up, name + "output.dense"), name + "output.LayerNorm")
    mean = x.mean(0)
    return mean / np.sqrt((mean ** 2).sum())


tokenizer = Tokenizer.from_file(str(model / "tokenizer.json"))
tokenizer.no_padding()
tokenizer.enable_truncation(256)

with open(here / "vectors.f32", "wb") as out:
    for text in json.loads((here / "texts.json").read_text()):
        out.write(forward(tokenizer.encode(text).ids).astype("<f4").tobytes())
