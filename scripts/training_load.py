#!/usr/bin/env python3
"""Loads networks that `deconvscope train` leaves into PyTorch, and holds what both say of the same inputs against each other.

    python3 scripts/training_load.py NETWORK [RECIPE]

NETWORK (zfnet, alexnet_original, zfnet_small, resnet18) is trained for an epoch of a few pictures of noise by RECIPE (small); `report --model
RUN` looks at the pictures with it. `load_state_dict(..., strict=True)` has to take `network.safetensors` as it is, and the
probabilities of the inputs that the report kept have to be the report's within 1e-5. Needs torch, torchvision and safetensors.
"""

import csv
import sys
import tempfile
from pathlib import Path

import torch
from safetensors.torch import load_file

import training_networks
from bench_common import BINARY, class_folders, run

BOUND = 1e-5


def main():
    network, recipe = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "small"
    with tempfile.TemporaryDirectory(prefix="load-") as scratch:
        scratch = Path(scratch)
        photos = class_folders(scratch, 16, 4)
        run(BINARY, "train", photos, "--model", network, "--recipe", recipe, "--epochs", 1, "--batch", 8, "--micro-batch", 8, "--lr", 1e-4,
            "--detail", 0, "--quiet", "--out", scratch / "run")
        run(BINARY, "report", photos, "--model", scratch / "run", "--split", "val", "--detail", "all", "--features", "none",
            "--occlusion", "none", "--quiet", "--out", scratch / "report")
        kept = load_file(scratch / "run/network.safetensors")
        net = loaded(network, kept)
        said, worst = probabilities(scratch / "report"), 0.0
        for image, told in said.items():
            shown = load_file(scratch / f"report/arrays/{image}.safetensors")["original/input"]
            with torch.no_grad():
                found = net(shown[None]).softmax(1)[0]
            worst = max(worst, (found - told).abs().max().item())
    print(f"{network}, recipe {recipe}: {len(kept)} tensors loaded; probabilities of {len(said)} pictures,"
          f" {told.min():.3f} to {told.max():.3f} of the last, off by {worst:.1e} at most")
    return 0 if said and worst <= BOUND else 1


def loaded(network, kept):
    mean = kept.get("pixel_mean.bias")
    net = training_networks.network(network, 2, None if mean is None else mean.shape)
    net.load_state_dict(kept, strict=True)
    return net.eval()


def probabilities(report):
    """By photograph what the report says of it."""
    with open(report / "data/predictions.csv", newline="", encoding="utf-8") as file:
        order = list(dict.fromkeys(row["image_id"] for row in csv.DictReader(file)))
    return dict(zip(order, load_file(report / "data/probabilities.safetensors")["original"], strict=True))


if __name__ == "__main__":
    sys.exit(main())
