#!/usr/bin/env python3
"""Whether the memory of a training stays the same, however many photographs there are.

    python3 scripts/training_growth.py [--few 1000] [--many 10000]

`deconvscope train` shows the tests' small network so many pictures of noise for an epoch, with frames kept in a file and kept nowhere;
printed is the peak memory of both numbers. Exit code 1 where the one is above 1.2 times the other.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from bench_common import BINARY, ROOT, class_folders

BOUND = 1.2


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--few", type=int, default=1000)
    parser.add_argument("--many", type=int, default=10000)
    asked = parser.parse_args()
    cargo = os.environ.get("CARGO", "cargo")
    subprocess.run([cargo, "build", "--locked", "--release"], cwd=ROOT, check=True)
    return 0 if all([holds(cache, (asked.few, asked.many)) for cache in ("file", "none")]) else 1


def holds(cache, counts):
    peaks = []
    for count in counts:
        with tempfile.TemporaryDirectory(prefix="deconvscope-bench-") as scratch:
            photos = class_folders(Path(scratch), count, 100)
            peaks.append(peak(photos, cache, Path(scratch) / "run"))
        print(f"train --cache {cache}: {count:,} photographs, peak memory {peaks[-1]:.0f} MiB", flush=True)
    ratio = peaks[1] / peaks[0]
    print(f"train --cache {cache}: peak memory {ratio:.2f} times (bound {BOUND})", flush=True)
    return ratio <= BOUND


def peak(photos, cache, out):
    """In MiB."""
    command = [BINARY, "train", photos, "--model", "tiny", "--recipe", "small", "--epochs", 1, "--cache", cache, "--detail", 0,
               "--threads", 2, "--quiet", "--out", out]
    child = subprocess.Popen([str(part) for part in command], cwd=ROOT)
    _, status, usage = os.wait4(child.pid, 0)
    if status != 0:
        sys.exit(f"the training failed with status {status}")
    return usage.ru_maxrss / 1024


if __name__ == "__main__":
    sys.exit(main())
