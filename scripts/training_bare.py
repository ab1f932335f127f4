#!/usr/bin/env python3
"""Photographs a second of a bare PyTorch loop on tensors in memory.

    python3 scripts/training_bare.py NETWORK BATCH STEPS threads|processes [--width 2]
    python3 scripts/training_bare.py NETWORK BATCH STEPS float32|tf32|bf16

Forward pass, loss, backward pass and SGD with momentum and decay, dropout in between, on one batch of drawn numbers again and again:
one loop with so many threads, or as many loops at once, each a process of one thread, or one on a GPU in that precision (bf16 by
autocast). The first steps are not counted. Prints one number.
"""

import argparse
import contextlib
import time

import torch
import torch.multiprocessing as multiprocessing
from torch.nn import functional as F

import training_networks

CLASSES = 10
PRECISIONS = "float32", "tf32", "bf16"
# Steps of a GPU before it is timed.
WARM = 8


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("network", choices=training_networks.NAMES)
    parser.add_argument("batch", type=int)
    parser.add_argument("steps", type=int)
    parser.add_argument("way", choices=["threads", "processes", *PRECISIONS])
    parser.add_argument("--width", type=int, default=2)
    asked = parser.parse_args()
    if asked.way in PRECISIONS:
        print(asked.batch * asked.steps / on_gpu(asked))
        return
    if asked.way == "threads":
        seconds = loop(asked, asked.width, lambda: None)
        loops = 1
    else:
        multiprocessing.set_start_method("spawn")
        together, times = multiprocessing.Barrier(asked.width), multiprocessing.SimpleQueue()
        loops = asked.width
        each = [multiprocessing.Process(target=one_of_many, args=(asked, together, times)) for _ in range(loops)]
        for process in each:
            process.start()
        seconds = max(times.get() for _ in each)
        for process in each:
            process.join()
    print(loops * asked.batch * asked.steps / seconds)


def one_of_many(asked, together, times):
    times.put(loop(asked, 1, together.wait))


def loop(asked, threads, begin):
    """Seconds of all steps but the first; `begin` is waited for behind that."""
    torch.set_num_threads(threads)
    step = steps(asked, "cpu")
    step()
    begin()
    began = time.perf_counter()
    for _ in range(asked.steps):
        step()
    return time.perf_counter() - began


def on_gpu(asked):
    """Seconds of all steps but those that warm it."""
    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = asked.way == "tf32"
    step = steps(asked, "cuda")
    for _ in range(WARM):
        step()
    torch.cuda.synchronize()
    began = time.perf_counter()
    for _ in range(asked.steps):
        step()
    torch.cuda.synchronize()
    return time.perf_counter() - began


def steps(asked, device):
    """What takes a step."""
    torch.manual_seed(0)
    side = training_networks.side(asked.network)
    net = training_networks.network(asked.network, CLASSES, None).to(device)
    net.train()
    descent = torch.optim.SGD(net.parameters(), lr=1e-4, momentum=0.9, weight_decay=5e-4)
    images = torch.randn(asked.batch, 3, side, side, device=device)
    classes = torch.randint(CLASSES, (asked.batch,), device=device)
    rounded = torch.autocast("cuda", torch.bfloat16) if asked.way == "bf16" else contextlib.nullcontext()

    def step():
        descent.zero_grad()
        with rounded:
            loss = F.cross_entropy(net(images), classes)
        loss.backward()
        descent.step()

    return step


if __name__ == "__main__":
    main()
