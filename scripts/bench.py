#!/usr/bin/env python3
"""What a report costs beside the network's own work, and whether its memory stays flat.

    scripts/bench.py [PHOTOS] [--rounds 3] [--threads 2]

PHOTOS is a folder of photographs, by default DECONVSCOPE_PHOTOS or the sample; it is linked together to 400 and 4,000
photographs in a temporary folder. Printed are

  1. seconds of `deconvscope report --detail all --arrays none` for 400 photographs over the seconds that the same
     forward passes and projections take in a bare loop (benches/bare_loop.rs) at its best batch size, the two in
     turn, the median of the rounds' ratios;
  2. the peak memory of the same command for 4,000 photographs over that for 400;
  3. the seconds of `deconvscope index` over 500 archived runs, and the size of its front page;
  4. the seconds of loading an ONNX file of 240 MB over those of reading it from the page cache and copying it once
     (benches/load.rs: medians of nine, in turn), and the peak memory of that above the network itself.

`--only report` measures the first two alone, `--only index` and `--only load` the others.
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench_common import BINARY, ROOT, link, photographs


def main():
    arguments = parse()
    photos = photographs(arguments.photos)
    if not photos:
        sys.exit(f"no photographs in {arguments.photos}")
    build()
    with tempfile.TemporaryDirectory(prefix="deconvscope-bench-") as scratch:
        scratch = Path(scratch)
        if arguments.only in (None, "load"):
            load(scratch)
        if arguments.only in (None, "index"):
            index(photos, scratch, arguments)
        if arguments.only not in (None, "report"):
            return
        small = link(photos, 400, scratch / "400")
        large = link(photos, 4000, scratch / "4000")
        network_time(small, scratch, arguments)
        peak_memory(small, large, scratch, arguments)


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    default = os.environ.get("DECONVSCOPE_PHOTOS", ROOT / "datasets/sample")
    parser.add_argument("photos", nargs="?", type=Path, default=Path(default))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--only", choices=["report", "index", "load"])
    return parser.parse_args()


def build():
    cargo = os.environ.get("CARGO", "cargo")
    subprocess.run([cargo, "build", "--locked", "--release"], cwd=ROOT, check=True)
    for bench in "bare_loop", "load":
        subprocess.run([cargo, "bench", "--locked", "--no-run", "--bench", bench], cwd=ROOT, check=True)


def network_time(folder, scratch, arguments):
    ratios = []
    for number in range(arguments.rounds):
        bare = bare_loop(folder, arguments.threads)
        started = time.monotonic()
        report(folder, scratch / f"time-{number}", arguments.threads)
        whole = time.monotonic() - started
        ratios.append(whole / bare)
        print(f"round {number + 1}: report {whole:.1f} s, bare loop {bare:.1f} s, ratio {ratios[-1]:.2f}", flush=True)
    print(f"report / bare loop, 400 photographs in detail: median {statistics.median(ratios):.2f}"
          f" of {arguments.rounds} (bound 1.5)", flush=True)


def bare_loop(folder, threads):
    return float(re.search(r"([0-9.]+) seconds for", bench("bare_loop", folder, threads)).group(1))


def bench(name, *arguments):
    """What a Rust bench prints."""
    cargo = os.environ.get("CARGO", "cargo")
    command = [cargo, "bench", "--locked", "--bench", name, "--", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout


def report(folder, out, threads):
    """Runs the report and returns its peak memory in MiB."""
    command = [BINARY, "report", folder, "--detail", "all", "--arrays", "none", "--threads", str(threads),
               "--out", out, "--quiet"]
    child = subprocess.Popen([str(part) for part in command], cwd=ROOT)
    _, status, usage = os.wait4(child.pid, 0)
    if status != 0:
        sys.exit(f"the report failed with status {status}")
    return usage.ru_maxrss / 1024


def peak_memory(small, large, scratch, arguments):
    few = statistics.median(report(small, scratch / f"few-{n}", arguments.threads) for n in range(arguments.rounds))
    many = report(large, scratch / "many", arguments.threads)
    print(f"peak memory: {few:.0f} MiB for 400 photographs, {many:.0f} MiB for 4,000,"
          f" ratio {many / few:.3f} (bound 1.10)", flush=True)


def index(photos, scratch, arguments):
    """500 archives by their cards, made of one real one; the index reads nothing else."""
    few = link(photos, 8, scratch / "few")
    report(few, scratch / "one", arguments.threads)
    shelf = scratch / "archive"
    run = lambda *command: subprocess.run([BINARY, *command, "--quiet"], check=True, stdout=subprocess.DEVNULL)
    run("archive", scratch / "one", "--to", shelf)
    card = json.loads(next(shelf.glob("*.json")).read_text())
    for number in range(499):
        day, minute = 1 + number % 28, number // 28
        card["name"] = f"run-{number}"
        card["run"]["execution"]["finished"] = f"2026-{1 + number % 12:02}-{day:02}T10:{minute:02}:00Z"
        card["run"]["dataset"]["root"] = f"set-{number % 5}"
        (shelf / f"run-{number}.json").write_text(json.dumps(card))
    seconds = []
    for _ in range(arguments.rounds):
        started = time.monotonic()
        run("index", shelf)
        seconds.append(time.monotonic() - started)
    size = (shelf / "index.html").stat().st_size
    print(f"index of 500 archived runs: median {statistics.median(seconds):.2f} s (bound 5), front page {size / 1e3:.0f} kB"
          " (bound 1,000)", flush=True)


def load(scratch):
    file = scratch / "large.onnx"
    bench("load", "write", file)
    copied, loaded = map(float, bench("load", "time", file).split())
    above, size = map(float, bench("load", "memory", file).split())
    print(f"ONNX file of {size:.0f} MB: loaded in {loaded:.2f} s, read and copied in {copied:.2f} s,"
          f" ratio {loaded / copied:.2f} (bound 2)", flush=True)
    print(f"peak memory of loading it: {above:.0f} MB above the network (bound {size + 64:.0f})", flush=True)


if __name__ == "__main__":
    main()
