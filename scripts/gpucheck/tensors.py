"""Arrays of a run folder."""

import json

import torch


def read(path):
    """A safetensors file of float32 by the names of its arrays."""
    content = path.read_bytes()
    length = int.from_bytes(content[:8], "little")
    body = bytearray(content[8 + length:])
    arrays = {}
    for name, entry in json.loads(content[8:8 + length]).items():
        if name != "__metadata__":
            start, end = entry["data_offsets"]
            arrays[name] = torch.frombuffer(body, dtype=torch.float32, offset=start, count=(end - start) // 4)
    return arrays


def differ(a, b):
    """The largest difference of two arrays."""
    return (a - b).abs().max().item()
