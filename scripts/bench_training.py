#!/usr/bin/env python3
"""Holds the speed of `deconvscope train` against a bare PyTorch loop on tensors in memory.

    python3 scripts/bench_training.py [--rounds 5] [--threads 2] [--only NETWORK] [--short]

For each network of TRAININGS, in turns: our training, all that its steps take (crops, mirror images, dropout, gradients, the changes of
parameters), on noise decoded into memory; one PyTorch loop with as many threads, and as many loops of one thread at once. Ours is
what the program says of its second epoch; it is ended then. A table tells medians, and ours over the better of PyTorch's. Exit
code 1 only where something cannot run. PyTorch's side needs a Python with torch and torchvision (.deps/golden, made where there is none).
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from bench_common import BINARY, ROOT, class_folders, reference_python, run, trained

# By network: photographs of a step, those passed at once, and steps that are measured.
TRAININGS = {"zfnet_small": (64, 32, 30), "resnet18": (32, 16, 4), "zfnet": (128, 32, 2)}
WAYS = ("ours", "threads", "processes")


def main():
    asked = parse()
    cargo = os.environ.get("CARGO", "cargo")
    subprocess.run([cargo, "build", "--locked", "--release"], cwd=ROOT, check=True)
    python = reference_python()
    print(run(BINARY, "--version").strip(), versions(python), f"{asked.threads} threads, {asked.rounds} rounds", sep=", ")
    print(f"{'network':14} {'batch':>5} {'ours':>8} {'threads':>8} {'loops':>8}  ours / better", flush=True)
    for network in [asked.only] if asked.only else TRAININGS:
        batch, micro, steps = TRAININGS[network]
        steps = 1 if asked.short else steps
        with tempfile.TemporaryDirectory(prefix="deconvscope-bench-") as scratch:
            photos = class_folders(Path(scratch), batch * steps, 2)
            measure = {
                "ours": lambda: ours(network, photos, (batch, micro), asked.threads),
                "threads": lambda: bare(python, network, batch, steps, "threads", asked.threads),
                "processes": lambda: bare(python, network, batch, steps, "processes", asked.threads),
            }
            found = {way: [] for way in WAYS}
            for _ in range(asked.rounds):
                for way in WAYS:
                    found[way].append(measure[way]())
        medians = [statistics.median(found[way]) for way in WAYS]
        ratio = medians[0] / max(medians[1:])
        columns = " ".join(f"{speed:8.1f}" for speed in medians)
        print(f"{network:14} {batch:5} {columns}  {ratio:.2f}", flush=True)


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--only", choices=list(TRAININGS))
    parser.add_argument("--short", action="store_true", help="one step each: to see that it runs")
    return parser.parse_args()


def versions(python):
    return run(python, "-c", "import torch, torchvision; print('PyTorch', torch.__version__, 'torchvision', torchvision.__version__)").strip()


def ours(network, photos, batches, threads):
    """What the program says of its second epoch."""
    try:
        return trained(BINARY, photos, network, *batches, "--threads", threads)
    except subprocess.CalledProcessError as error:
        sys.exit(f"the training of {network} said nothing of its second epoch:\n{error.stderr}")


def bare(python, network, batch, steps, way, threads):
    return float(run(python, "-W", "ignore", ROOT / "scripts/training_bare.py", network, batch, steps, way, "--width", threads))


if __name__ == "__main__":
    main()
