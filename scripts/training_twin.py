#!/usr/bin/env python3
"""Holds steps of a training against PyTorch's, state by state along a run of ours.

    python3 scripts/training_twin.py NETWORK [STATES]

NETWORK is zfnet, alexnet_original, zfnet_small or resnet18. `cargo bench --bench training -- steps NETWORK STATES FOLDER` trains on drawn pictures
and leaves, one after another, a step's state: parameters, statistics and velocities before and behind it, in float32 and of one step in
float64 from the same state, and what it was shown: images, classes, dropout's masks. PyTorch takes the same step from the same state.
Each tensor's change has to lie within 1e-4 of its norm in float32 and 1e-9 in float64. Needs torch, torchvision and safetensors.
"""

import os
import pathlib
import subprocess
import sys
import tempfile
import time

import torch
from safetensors.torch import load_file
from torch import nn
from torch.nn import functional as F

RATE, MOMENTUM, DECAY, MICRO = 0.01, 0.9, 5e-4, 4


def zfnet(x, p, masks):
    for number, stride, padding, pooled, normed in [
        (1, 2, 1, True, True),
        (2, p["second"], p["second_padding"], True, True),
        (3, 1, 1, False, False),
        (4, 1, 1, False, False),
        (5, 1, 1, True, False),
    ]:
        x = torch.relu(F.conv2d(x, p[f"conv{number}.weight"], p[f"conv{number}.bias"], stride, padding))
        if pooled:
            x = F.max_pool2d(x, 3, 2, ceil_mode=True)
        if normed:
            x = F.local_response_norm(x, 5, alpha=5e-4, beta=0.75, k=2.0)
    return head(x, p, masks)


def alexnet_original(x, p, masks):
    for number, stride, padding, groups, pooled, normed in [
        (1, 4, 0, 1, True, True),
        (2, 1, 2, 2, True, True),
        (3, 1, 1, 1, False, False),
        (4, 1, 1, 2, False, False),
        (5, 1, 1, 2, True, False),
    ]:
        weight, bias = p[f"conv{number}.weight"], p[f"conv{number}.bias"]
        x = torch.relu(F.conv2d(x, weight, bias, stride, padding, 1, groups))
        if normed:
            x = F.local_response_norm(x, 5, alpha=5e-4, beta=0.75, k=2.0)
        if pooled:
            x = F.max_pool2d(x, 3, 2)
    return head(x, p, masks)


def head(x, p, masks):
    x = x.flatten(1)
    for number in (6, 7):
        x = torch.relu(F.linear(x, p[f"fc{number}.weight"], p[f"fc{number}.bias"]))
        x = x * masks[f"drop{number}"].flatten(1)
    return F.linear(x, p["fc8.weight"], p["fc8.bias"])


def main():
    network, states = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 20
    folder = pathlib.Path(tempfile.mkdtemp(prefix="twin-"))
    ours = subprocess.Popen(
        ["cargo", "bench", "--offline", "--bench", "training", "--", "steps", network, str(states), str(folder)],
        stdout=subprocess.DEVNULL,
    )
    worst = {"float32": 0.0, "float64": 0.0}
    for state in range(states):
        path = folder / f"{state}.safetensors"
        while not path.exists():
            if ours.poll() not in (None, 0):
                sys.exit("ours ended")
            time.sleep(0.05)
        kept = load_file(path)
        os.remove(path)
        for precision, kind in (("float32", torch.float32), ("float64", torch.float64)):
            worst[precision] = max(worst[precision], compare(network, kept, precision, kind, state))
    ours.wait()
    folder.rmdir()
    print(f"{network}: {states} states; worst {worst['float32']:.1e} in float32, {worst['float64']:.1e} in float64")
    if worst["float32"] > 1e-4 or worst["float64"] > 1e-9:
        sys.exit(1)


def compare(network, kept, precision, kind, state):
    torch.set_num_threads(1)
    take = lambda start: {
        name[len(start):]: value.to(kind) for name, value in kept.items() if name.startswith(start)
    }
    before, velocity, masks = take("before/"), take("velocity/"), take("mask/")
    after = take(f"after/{precision}/")
    images, classes = kept["images"].to(kind), kept["classes"]
    count = len(images)
    if network == "resnet18":
        import torchvision

        net = torchvision.models.resnet18(num_classes=len(before["fc.bias"])).to(kind)
        net.load_state_dict(before, strict=False)
        net.train()
        parameters = dict(net.named_parameters())
        logits = lambda part: net(images[part])
    else:
        parameters = {name: value.clone().requires_grad_() for name, value in before.items()}
        walk = {"zfnet": zfnet, "zfnet_small": zfnet, "alexnet_original": alexnet_original}[network]
        more = {"second": 2, "second_padding": 0} if network != "zfnet_small" else {"second": 1, "second_padding": 2}
        logits = lambda part: walk(
            images[part], {**parameters, **more}, {name: mask[part] for name, mask in masks.items()}
        )
    descent = torch.optim.SGD(parameters.values(), lr=RATE, momentum=MOMENTUM, weight_decay=DECAY)
    for name, value in parameters.items():
        descent.state[value]["momentum_buffer"] = velocity[name].clone()
    for first in range(0, count, MICRO):
        part = slice(first, first + MICRO)
        (F.cross_entropy(logits(part), classes[part], reduction="sum") / count).backward()
    descent.step()
    found = {name: value.detach() for name, value in parameters.items()}
    if network == "resnet18":
        found.update({name: value for name, value in net.named_buffers() if name in before})
    worst = 0.0
    for name, value in found.items():
        change = value - before[name]
        distance = (after[name] - value).norm() / change.norm().clamp_min(1e-30)
        worst = max(worst, distance.item())
        if distance > (1e-4 if kind is torch.float32 else 1e-9):
            print(f"state {state}, {precision}: {name} is off by {distance:.1e} of its change")
    return worst


if __name__ == "__main__":
    main()
