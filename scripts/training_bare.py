#!/usr/bin/env python3
"""Photographs a second of a bare PyTorch loop on tensors in memory.

    python3 scripts/training_bare.py NETWORK BATCH STEPS threads|processes [--width 2]

Forward pass, loss, backward pass and SGD with momentum and decay, dropout in between, on one batch of drawn numbers again and again:
one loop with so many threads, or as many loops at once, each a process of one thread. The first step is not counted. Prints one number.
"""

import argparse
import time

import torch
import torch.multiprocessing as multiprocessing
from torch.nn import functional as F

import training_networks

CLASSES = 10


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("network", choices=training_networks.NAMES)
    parser.add_argument("batch", type=int)
    parser.add_argument("steps", type=int)
    parser.add_argument("way", choices=["threads", "processes"])
    parser.add_argument("--width", type=int, default=2)
    asked = parser.parse_args()
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
    torch.manual_seed(0)
    side = training_networks.side(asked.network)
    net = training_networks.network(asked.network, CLASSES, None)
    net.train()
    descent = torch.optim.SGD(net.parameters(), lr=1e-4, momentum=0.9, weight_decay=5e-4)
    images = torch.rand(asked.batch, 3, side, side) * 3.4 - 1.7
    classes = torch.randint(0, CLASSES, (asked.batch,))
    for step in range(asked.steps + 1):
        if step == 1:
            begin()
            began = time.perf_counter()
        descent.zero_grad()
        F.cross_entropy(net(images), classes).backward()
        descent.step()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
