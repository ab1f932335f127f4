#!/usr/bin/env python3
"""Holds steps of a training against PyTorch's.

    python3 scripts/training_twin.py NETWORK [--states 20] [--row 20]

NETWORK is zfnet, alexnet_original, zfnet_small or resnet18. `cargo bench --bench training` trains on drawn pictures and leaves what
PyTorch needs to do the same: images, classes, dropout's masks. Two questions:

states: what one step comes to, from each of the states along a run of ours, PyTorch's values lying channels last as ours do. Each
tensor's change has to lie within 1e-4 of its norm in float32 and 1e-9 in float64, running statistics likewise; where float32's does not,
because rounding turned a rectifier or a pool's switch, it has to be as near to PyTorch's in float64 as three times PyTorch's own in float32, which is
printed. A filter whose root mean square is above 0.1 has to have 0.1 behind the bound, and every other the bits that it had.

row: what so many steps one after another come to, from one start, by ours and by PyTorch: in float64 the losses have to lie within 2 %.
In float32 rounding decides which cell of a pool is the largest, and steps drift apart whoever takes them: how far ours do is printed
beside how far PyTorch's own do, with two threads instead of one and with values channels last, as ours lie.

Needs torch, torchvision and safetensors.
"""

import argparse
import contextlib
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import torch
from safetensors.torch import load_file
from torch.nn import functional as F

import training_networks

CLASSES, MICRO = 10, 4
MOMENTUM, DECAY = 0.9, 5e-4
BOUNDS = {"float32": 1e-4, "float64": 1e-9}
TIMES_PYTORCH = 3
KINDS = {"float32": torch.float32, "float64": torch.float64}
FILTER_RMS = 0.1
CURVE = 0.02


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("network", choices=training_networks.NAMES)
    parser.add_argument("--states", type=int, default=20)
    parser.add_argument("--row", type=int, default=20)
    asked = parser.parse_args()
    # A list: both are looked at, whatever the first came to.
    asked_for = [(states, asked.states), (row, asked.row)]
    return 0 if all([question(asked.network, count) for question, count in asked_for if count]) else 1


def states(network, count):
    torch.set_num_threads(1)
    worst, filters, held, holds = dict.fromkeys(BOUNDS, 0.0), 0.0, 0, True
    with ours("states", network, count) as left:
        for state in range(count):
            kept = left(str(state))
            for precision in BOUNDS:
                off, is_held = step_from(network, kept, precision, state)
                worst[precision], holds = max(worst[precision], off), holds and is_held
            off, more = bound_filters(kept)
            filters, held = max(filters, off), held + more
    print(f"{network}: {count} states; worst {worst['float32']:.1e} in float32, {worst['float64']:.1e} in float64;"
          f" {held} filters held, off by {filters:.1e} at most", flush=True)
    return holds and filters <= 1e-6


def step_from(network, kept, precision, state):
    """How far a step's changes are from PyTorch's, from the state that was kept: the worst tensor's, and whether all are as near as they
    have to be."""
    before, after = part(kept, "before/", KINDS[precision]), part(kept, f"after/{precision}/", KINDS[precision])
    # Values lie as ours do: another layout may set a pool's switch to another cell.
    theirs = stepped(network, kept, KINDS[precision], torch.channels_last)
    distances = {name: distance(after[name], theirs[name], before[name]) for name in before}
    far = {name: off for name, off in distances.items() if off > BOUNDS[precision]}
    holds = True
    for name, off in far.items():
        told = f"state {state}, {precision}: {name} is off by {off:.1e} of its change"
        if precision == "float64":
            holds = False
            print(told)
            continue
        exact = stepped(network, kept, torch.float64, torch.channels_last)[name]
        ours, own = (distance(value.double(), exact, before[name].double()) for value in (after[name], theirs[name]))
        other = stepped(network, kept, torch.float32, torch.contiguous_format)[name]
        own = max(own, distance(other.double(), exact, before[name].double()))
        print(f"{told}; of PyTorch's in float64 ours is off by {ours:.1e}, PyTorch's own by {own:.1e}")
        holds = holds and ours <= TIMES_PYTORCH * own
    return max(distances.values()), holds


def distance(found, expected, before):
    """Of a change, as a part of its norm."""
    return ((found - expected).norm() / (expected - before).norm().clamp_min(1e-30)).item()


def stepped(network, kept, kind, layout):
    """PyTorch's values behind a step from the state that was kept."""
    net = begun(network, part(kept, "before/", kind)).to(kind).to(memory_format=layout)
    velocity, descent = part(kept, "velocity/", kind), sgd(net, 0.01)
    for name, value in net.named_parameters():
        descent.state[value]["momentum_buffer"] = velocity[name].clone()
    step(net, descent, kept, layout)
    return net.state_dict()


def bound_filters(kept):
    """How far filters behind the bound are from what it says, as a part of their root mean square, and how many were held."""
    before, after = part(kept, "after/float32/"), part(kept, "held/")
    worst, held = 0.0, 0
    for name, filters in before.items():
        if filters.dim() != 4:
            worst = max(worst, float(not torch.equal(filters, after[name])))
            continue
        size = filters.double().square().mean((1, 2, 3)).sqrt()
        above = size > FILTER_RMS
        expected = torch.where(above, FILTER_RMS / size, 1.0)[:, None, None, None] * filters.double()
        off = (after[name].double() - expected).square().mean((1, 2, 3)).sqrt() / size.clamp_max(FILTER_RMS)
        # Next to the bound float32 and float64 may disagree.
        clear = (size / FILTER_RMS - 1).abs() > 1e-6
        off = torch.where(above | ~clear, off, (after[name] != filters).flatten(1).any(1).double())
        worst, held = max(worst, off.max().item()), held + int(above.sum())
    return worst, held


def row(network, count):
    with ours("row", network, count) as left:
        start = part(left("start"), "before/")
        # Threads, how values lie, and in how many digits.
        plain, last = torch.contiguous_format, torch.channels_last
        ways = {"one": (1, plain, torch.float32), "two": (2, plain, torch.float32), "last": (1, last, torch.float32),
                "exact": (2, plain, torch.float64)}
        nets = {way: begun(network, start).to(memory_format=layout).to(kind) for way, (_, layout, kind) in ways.items()}
        descents = {way: sgd(net, 0.002) for way, net in nets.items()}
        losses = {way: [] for way in ("float32", "float64", *ways)}
        for number in range(count):
            kept = left(str(number))
            for precision in KINDS:
                losses[precision].append(kept[f"loss/{precision}"].item())
            for way, (threads, layout, _) in ways.items():
                torch.set_num_threads(threads)
                losses[way].append(step(nets[way], descents[way], kept, layout))
    apart = lambda one, other: max(abs(a - b) / b for a, b in zip(losses[one], losses[other]))
    curve = ", ".join(f"{loss:.3f}" for loss in losses["float64"])
    off = apart("float64", "exact")
    print(f"{network}: {count} steps in a row; loss {curve}")
    print(f"{network}: in float64 ours are off PyTorch's by {off:.1e} at most; in float32 by {apart('float32', 'last'):.1e} where both"
          f" lie channels last, by {apart('float32', 'one'):.1e} else; PyTorch's own with two threads by {apart('two', 'one'):.1e}, channels last by"
          f" {apart('last', 'one'):.1e}; from float64 ours are {apart('float32', 'exact'):.1e}, PyTorch's {apart('one', 'exact'):.1e} off", flush=True)
    return off <= CURVE


def begun(network, values):
    net = training_networks.network(network, CLASSES, None)
    net.load_state_dict(values)
    return net.train()


def sgd(net, rate):
    return torch.optim.SGD(net.parameters(), lr=rate, momentum=MOMENTUM, weight_decay=DECAY)


def step(net, descent, kept, layout=torch.contiguous_format):
    """A step made of micro-batches; its mean loss."""
    images = kept["images"].to(next(net.parameters()).dtype).to(memory_format=layout)
    classes = kept["classes"]
    masks = part(kept, "mask/", images.dtype)
    count, total = len(images), 0.0
    descent.zero_grad()
    for first in range(0, count, MICRO):
        some = slice(first, first + MICRO)
        dropped = [{name: mask[some] for name, mask in masks.items()}] if masks else []
        loss = F.cross_entropy(net(images[some], *dropped), classes[some], reduction="sum") / count
        loss.backward()
        total += loss.item()
    descent.step()
    return total


def part(kept, start, kind=torch.float32):
    return {name[len(start):]: value.to(kind) for name, value in kept.items() if name.startswith(start)}


@contextlib.contextmanager
def ours(question, network, count):
    """Lets ours run, and hands out a function that takes away a file that it leaves."""
    with tempfile.TemporaryDirectory(prefix="twin-") as folder:
        cargo = os.environ.get("CARGO", "cargo")
        command = [cargo, "bench", "--locked", "--bench", "training", "--", question, network, str(count), folder]
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL)

        def left(name):
            path = pathlib.Path(folder) / f"{name}.safetensors"
            while not path.exists():
                if child.poll() not in (None, 0):
                    sys.exit("ours ended")
                time.sleep(0.05)
            kept = load_file(path)
            path.unlink()
            return kept

        try:
            yield left
            child.wait()
        finally:
            child.kill()


if __name__ == "__main__":
    sys.exit(main())
