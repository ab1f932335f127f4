#!/usr/bin/env python3
"""How fast an occlusion map is made, against full inference of every position and against Captum.

    scripts/bench_occlusion.py [--rounds 3] [--threads 2] [--networks vgg16,alexnet,...] [--no-captum]

For each network the rounds are taken in turn: full inference, windows, whole maps through the windows' kernels and the fast
mode (benches/occlusion.rs), then Captum's Occlusion (scripts/occlusion_captum.py), each in its fastest batch, searched
before. Printed are medians of seconds and of the rounds' ratios, beside what the arithmetic allows: multiplications of full
inference over those of windows of one size, of each position's own window, and of the changed inputs alone. Then the same
for a square of 16 pixels every 4 (Krypton's setting), and the peak memory of VGG16's map.

Captum needs PyTorch, torchvision and Captum: `PYTHON` names a Python that has them, else scripts/reference_python.sh makes an
environment of 2.8 GB once.
"""

import argparse
import json
import statistics
import sys

from bench_common import build, reference_python, run

# Occluder, stride, and what is to be reached against full inference.
SETTINGS = {
    "vgg16": (32, 16, 6.0),
    "alexnet": (32, 8, 2.4),
    "squeezenet1_1": (32, 8, 2.4),
    "resnet18": (32, 8, 2.1),
}
KRYPTON = {"vgg16": (16, 4, 5.4), "resnet18": (16, 4, 2.1)}
FAST = {"vgg16": (32, 8, 20.0)}


def main():
    arguments = parse()
    bench = build("occlusion")
    networks = arguments.networks.split(",")
    python = None if arguments.no_captum else reference_python()
    print(f"{'network':14} {'square':>6} {'stride':>6} {'full s':>8} {'ours s':>7} {'ratio':>6} {'goal':>5}"
          f" {'same kernels':>12} {'arithmetic':>16} {'of middle':>9} {'fast':>6} {'Captum s':>9} {'ratio':>6}")
    for settings in (SETTINGS, KRYPTON, FAST):
        for network in networks:
            if network in settings:
                # Captum's thousands of whole passes add nothing to the other settings.
                row(bench, python if settings is SETTINGS else None, network, *settings[network], arguments)
    if "vgg16" in networks:
        before, peak = run(bench, "memory", "vgg16", "32", "8").split()
        print(f"peak memory of VGG16's map, square 32, stride 8: {peak} MB (bound 1,500), of which {before} MB"
              " before it was begun")


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--networks", default=",".join(SETTINGS))
    parser.add_argument("--no-captum", action="store_true")
    return parser.parse_args()


def row(bench, python, network, size, stride, goal, arguments):
    threads = str(arguments.threads)
    ours, captum = [], []
    way, per_eval = [], []
    for _ in range(arguments.rounds):
        found = json.loads(run(bench, "time", network, size, stride, "--threads", threads, "--rounds", 1, *way))
        way = ["--full", f"{found['workers']},{found['batch']}"]
        ours.append(found)
        if python:
            found = json.loads(run(python, "-W", "ignore", "scripts/occlusion_captum.py", network, size, stride, threads,
                                   1, *per_eval))
            per_eval = [found["perturbations_per_eval"]]
            captum.append(found["seconds"])
    median = lambda key: statistics.median(each[key] for each in ours)
    bounds = "/".join(f"{ours[0][f'bound_{kind}']:.1f}" for kind in ("one_size", "windows", "changed"))
    line = (f"{network:14} {size:6} {stride:6} {median('full'):8.2f} {median('windows'):7.2f} {median('ratio'):6.2f}"
            f" {goal:5.1f} {median('ratio_whole'):12.2f} {bounds:>16}"
            f" {median('ratio') / ours[0]['bound_windows']:8.0%} {median('ratio_fast'):6.1f}")
    if captum:
        ratios = [c / o["windows"] for c, o in zip(captum, ours)]
        line += f" {statistics.median(captum):9.2f} {statistics.median(ratios):6.2f}"
    best = f" (full: {way[1].replace(',', ' workers, batch ')}"
    best += f"; Captum: {per_eval[0]} perturbations an evaluation)" if captum else ")"
    print(line + best, flush=True)


if __name__ == "__main__":
    sys.exit(main())
