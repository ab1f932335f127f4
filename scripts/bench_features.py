#!/usr/bin/env python3
"""What feature maps cost: their strongest units projected, against Captum, and the scan, against bare forward passes.

    scripts/bench_features.py [PHOTOS] [--rounds 3] [--threads 2] [--device cpu|cuda:0] [--memory]
                              [--only projections|scan|memory]

PHOTOS is a folder of photographs, by default DECONVSCOPE_PHOTOS; without one, 250 pictures of noise. Printed are

  1. for layers of AlexNet and VGG16 (He-normal filters) the milliseconds that a unit takes, of the nine strongest of each
     of 64 maps: its projection alone, given its photo's trace, and the whole second pass, given decoded inputs (a forward
     pass for each photo up to the last pooling, then its units), against those of Captum's NeuronDeconvolution. That has
     no such halves: it is called for one unit after the other, on an even sample of them, and runs the network each time.
     Captum's threads wait for each other as they do by default, which is
     ten times slower beside other programs, and idly; the faster of the two counts in each round. Before, some projections
     are held against Captum's: where they differ by more than 1e-4 of the greatest value it ends there;
  2. the seconds of scanning decoded inputs over those of bare forward passes, up to the last layer that the scan looks at
     and through the whole network;
  3. with --memory the peak memory of `deconvscope features --maps 1` for 20,000 photographs over that for 1,000, links to
     the same: up to the last tenth of the pass that classifies and scans them, and of the whole command, of which the
     projections take the most. Once as it is, and once with large pieces of memory given back when they are freed
     (MALLOC_MMAP_THRESHOLD_=131072), so that the peak is what is in use at once and not what glibc's allocator holds on to,
     which grows for the first thousands of photographs, with a scan and without.

The rounds are taken in turn; figures are medians of the rounds' seconds and of their ratios.

Captum needs PyTorch, torchvision and Captum: `PYTHON` names a Python that has them, else scripts/reference_python.sh makes an
environment of 2.8 GB once.
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from bench_common import BINARY, ROOT, build, link, photographs, reference_python, run

# Network, stage, torchvision's module, what is to be reached by projections and by the second pass, further options.
LAYERS = [
    ("alexnet", "conv1", "features.1", 300, 50, []),
    ("alexnet", "conv3", "features.7", 40, 10, []),
    ("alexnet", "conv5", "features.11", 12, 5, []),
    ("vgg16", "conv5_3", "features.29", 3, None, ["--limit", 100, "--sample", 8]),
]
AGREEMENT = 1e-4
SCANNED = [("alexnet", ["--seeded"]), ("squeezenet1_1", [])]
NOISE = 250
FEW, MANY = 1000, 20000


def main():
    arguments = parse()
    bench = build("features")
    with tempfile.TemporaryDirectory(prefix="deconvscope-bench-") as scratch:
        scratch = Path(scratch)
        photos = arguments.photos
        if photos is None:
            photos = scratch / "noise"
            photos.mkdir()
            run(bench, "noise", photos, NOISE)
        photos = photos.resolve()
        if arguments.only in (None, "projections"):
            projections(bench, photos, scratch, arguments)
        if arguments.only in (None, "scan"):
            scan(bench, photos, arguments)
        if arguments.only == "memory" or arguments.memory:
            memory(photos, scratch, arguments)


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    default = os.environ.get("DECONVSCOPE_PHOTOS")
    parser.add_argument("photos", nargs="?", type=Path, default=default and Path(default))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--memory", action="store_true")
    parser.add_argument("--only", choices=["projections", "scan", "memory"])
    return parser.parse_args()


class Side:
    """A process that says something when it is ready, and then answers each line with a round."""

    def __init__(self, *command, **environment):
        self.process = subprocess.Popen([str(part) for part in command], cwd=ROOT, text=True, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, env={**os.environ, **environment})
        self.ready = self.answer()

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"{self.process.args[0]} ended with status {self.process.wait()}")
        return json.loads(line)

    def round(self):
        print(file=self.process.stdin, flush=True)
        return self.answer()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()


def projections(bench, photos, scratch, arguments):
    python = reference_python()
    print(f"{'network':8} {'layer':8} {'units':>5} {'photos':>6} {'projection ms':>13} {'Captum ms':>9} {'ratio':>6} {'goal':>5}"
          f" {'second pass ms':>14} {'ratio':>6} {'goal':>5} {'differ by':>9}", flush=True)
    reference = scratch / "reference.safetensors"
    for network, stage, module, goal, goal_of_pass, options in LAYERS:
        ours = [bench, "projections", network, stage, photos, reference, "--threads", arguments.threads,
                "--device", arguments.device, *options]
        where = arguments.threads if arguments.device == "cpu" else "cuda"
        captum = [python, "-W", "ignore", "scripts/features_captum.py", network, module, reference, where]
        with Side(*ours) as ours, Side(*captum) as usual, Side(*captum, OMP_WAIT_POLICY="passive") as passive:
            worst, units = usual.ready["worst"], ours.ready["units"]
            if not worst <= AGREEMENT:
                sys.exit(f"error: projections of {network} {stage} differ from Captum's by {worst:.1e}")
            rounds = [(ours.round(), min(side.round()["seconds"] for side in (usual, passive)))
                      for _ in range(arguments.rounds)]
        median = lambda of: statistics.median(of(each, theirs) for each, theirs in rounds)
        columns = [median(lambda ours, captum: captum)]
        for what in "projections", "second_pass":
            columns.append(median(lambda ours, captum: ours[what] / units))
            columns.append(median(lambda ours, captum: captum * units / ours[what]))
        captum_ms, ours_ms, ratio, pass_ms, ratio_of_pass = columns
        print(f"{network:8} {stage:8} {units:5} {ours.ready['photos']:6} {ours_ms * 1e3:13.3f} {captum_ms * 1e3:9.2f}"
              f" {ratio:6.1f} {goal:5} {pass_ms * 1e3:14.3f} {ratio_of_pass:6.1f} {goal_of_pass or '-':>5}"
              f" {worst:9.1e}", flush=True)


def scan(bench, photos, arguments):
    for network, options in SCANNED:
        found = json.loads(run(bench, "scan", network, photos, "--rounds", arguments.rounds, "--threads", arguments.threads,
                               "--device", arguments.device, *options))
        each = lambda what: f"{found[what] / found['photos'] * 1e3:.2f} ms"
        print(f"scan of {network}: {each('scan')} a photo, bare forward passes {each('bare')}, ratio {found['ratio']:.3f}"
              f" (goal 1.15); through the whole network {each('whole')}, ratio {found['ratio_whole']:.3f}", flush=True)


def memory(photos, scratch, arguments):
    cargo = os.environ.get("CARGO", "cargo")
    subprocess.run([cargo, "build", "--locked", "--release"], cwd=ROOT, check=True)
    photos = photographs(photos)
    if not photos:
        sys.exit("no photographs to link")

    folders = {count: link(photos, count, scratch / str(count)) for count in (FEW, MANY)}

    def peaks(count, name, environment):
        command = [BINARY, "features", folders[count], "--maps", 1, "--randomisation", 0, "--threads", arguments.threads,
                   "--out", scratch / f"out-{count}-{name}"]
        child = subprocess.Popen([str(part) for part in command], cwd=ROOT, text=True, stdout=subprocess.DEVNULL,
                                 stderr=subprocess.PIPE, env={**os.environ, **environment})
        scanned = None
        for line in child.stderr:
            # Not the last line: when that is read the projections may have begun, which take more.
            if re.match(r"classifying: (\d+) of (?!\1 )", line):
                scanned = peak_so_far(child.pid)
        _, status, usage = os.wait4(child.pid, 0)
        if status != 0 or scanned is None:
            sys.exit(f"deconvscope features failed with status {status}")
        return scanned, usage.ru_maxrss / 1024

    for name, environment in ("in use", {"MALLOC_MMAP_THRESHOLD_": "131072"}), ("held", {}):
        of_few, of_many = (peaks(count, name, environment) for count in (FEW, MANY))
        for what, few, many in zip(("up to the last tenth of the scan", "of the whole command"), of_few, of_many):
            goal = " (goal 1.05)" if "scan" in what else ""
            print(f"peak memory {name} {what}: {few:.0f} MiB for {FEW:,} photographs, {many:.0f} MiB for {MANY:,},"
                  f" ratio {many / few:.3f}{goal}", flush=True)


def peak_so_far(process):
    status = Path(f"/proc/{process}/status").read_text()
    return int(re.search(r"VmHWM:\s*(\d+) kB", status).group(1)) / 1024


if __name__ == "__main__":
    sys.exit(main())
