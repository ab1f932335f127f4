#!/usr/bin/env python3
"""What the features of `deconvscope transfer` cost: their pass and their inner products against bare forward passes.

    scripts/bench_transfer.py PHOTOS [--networks alexnet,squeezenet1_1] [--threads 2] [--sample 500]

PHOTOS is a folder of class folders. For each network, with the weights that `make setup` and `make weights` install, printed are

  1. the seconds of the pass that makes all layers' features of all photographs, decoding among them, and of their inner products,
     together over those of bare forward passes of as many: these are timed before and after, through the whole network, on a sample
     of the photographs, decoded (benches/features);
  2. the peak memory of the command;
  3. how many classifiers were solved, and in what time: one number a class, one split, one penalty.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from bench_common import BINARY, ROOT, build, link, photographs, run

RATIO, GIGABYTES = 2.5, 4
TOLD = re.compile(r"features in ([\d.]+) s, inner products in ([\d.]+) s; (.*)")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path)
    parser.add_argument("--networks", default="alexnet,squeezenet1_1")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--sample", type=int, default=500)
    arguments = parser.parse_args()
    cargo = os.environ.get("CARGO", "cargo")
    subprocess.run([cargo, "build", "--locked", "--release"], cwd=ROOT, check=True)
    bench = build("features")
    with tempfile.TemporaryDirectory(prefix="deconvscope-bench-") as scratch:
        scratch = Path(scratch)
        photos = photographs(arguments.photos)
        sample = link(photos[::max(1, len(photos) // arguments.sample)][:arguments.sample], arguments.sample, scratch / "sample")
        for network in arguments.networks.split(","):
            bare = [bare_pass(bench, network, sample, arguments.threads)]
            features, products, classifiers, memory = transfer(network, scratch / network, arguments)
            bare.append(bare_pass(bench, network, sample, arguments.threads))
            of_all = sum(bare) / 2 * len(photos)
            print(f"{network}, {len(photos):,} photographs: features {features:.0f} s, inner products {products:.0f} s, bare forward"
                  f" passes {of_all:.0f} s, ratio {(features + products) / of_all:.2f} (bound {RATIO}); peak memory"
                  f" {memory:.2f} GB (bound {GIGABYTES}); {classifiers}", flush=True)


def bare_pass(bench, network, sample, threads):
    """Seconds a photograph."""
    found = json.loads(run(bench, "scan", network, sample, "--rounds", 1, "--threads", threads))
    return found["whole"] / found["photos"]


def transfer(network, out, arguments):
    command = [BINARY, "transfer", arguments.photos, "--model", network, "--per-class", 1, "--repeats", 1, "--c", 1,
               "--leave-out-small", "--threads", arguments.threads, "--out", out]
    child = subprocess.Popen([str(part) for part in command], cwd=ROOT, text=True, stdout=subprocess.DEVNULL,
                             stderr=subprocess.PIPE)
    said = child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    told = TOLD.search(said)
    if status != 0 or not told:
        sys.exit(f"deconvscope transfer failed with status {status}:\n{said}")
    return float(told[1]), float(told[2]), told[3], usage.ru_maxrss * 1024 / 1e9


if __name__ == "__main__":
    sys.exit(main())
