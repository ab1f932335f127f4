#!/usr/bin/env python3
"""Whether what a photograph costs stays the same, however many there are.

    scripts/bench_growth.py [PHOTOS] [--few 500] [--many 4000] [--threads 2] [--rounds 1] [--only occlusion|parts]

PHOTOS is a folder of photographs, by default DECONVSCOPE_PHOTOS; without one, pictures of noise. It is linked together to
few and to many photographs in a temporary folder. `report --occlusion all` and `report --parts`, the latter with two parts on
every photograph, are run on both with the tests' small network. Printed are seconds a photograph and peak memory at both
numbers, and their ratios; of several rounds the medians. Exit code 1 where a ratio is above its bound.
"""

import argparse
import os
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench_common import BINARY, ROOT, link, noise, photographs

TINY = ["--model", "tiny", "--weights", ROOT / "tests/fixtures/checkpoints/tiny.pth"]
# What is measured, and nothing beside it.
ALONE = ["--detail", 0, "--arrays", "none", "--features", "none", "--quiet"]
EXPERIMENTS = {
    "occlusion": ["--occlusion", "all"],
    "parts": ["--occlusion", "none", "--parts"],
}
TIME, MEMORY = 1.3, 1.2
# Left and top edge and side, as parts of the smaller side of a photograph.
PARTS = {"eye": (0.2, 0.2, 0.3), "nose": (0.5, 0.5, 0.3)}


def main():
    arguments = parse()
    cargo = os.environ.get("CARGO", "cargo")
    subprocess.run([cargo, "build", "--locked", "--release"], cwd=ROOT, check=True)
    with tempfile.TemporaryDirectory(prefix="deconvscope-bench-") as scratch:
        scratch = Path(scratch)
        photos = photographs(arguments.photos) if arguments.photos else noise(scratch / "noise")
        if not photos:
            sys.exit(f"no photographs in {arguments.photos}")
        folders = [link(photos, count, scratch / str(count)) for count in (arguments.few, arguments.many)]
        names = [arguments.only] if arguments.only else list(EXPERIMENTS)
        # A list: all of them are measured, whatever the first came to.
        return 0 if all([holds(name, folders, scratch, arguments) for name in names]) else 1


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    default = os.environ.get("DECONVSCOPE_PHOTOS")
    parser.add_argument("photos", nargs="?", type=Path, default=Path(default) if default else None)
    parser.add_argument("--few", type=int, default=500)
    parser.add_argument("--many", type=int, default=4000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--only", choices=list(EXPERIMENTS))
    return parser.parse_args()


def holds(name, folders, scratch, arguments):
    """Runs an experiment on both folders, prints what it cost, and says whether both ratios are within their bounds."""
    options = list(EXPERIMENTS[name])
    costs = []
    for folder in folders:
        table = [parts(folder, scratch / f"{folder.name}.csv")] if name == "parts" else []
        count = len(list(folder.iterdir()))
        rounds = [report(folder, [*options, *table], scratch, arguments.threads) for _ in range(arguments.rounds)]
        seconds, memory = (statistics.median(round[at] for round in rounds) for at in (0, 1))
        costs.append((seconds / count, memory))
        print(f"--{name}: {count:,} photographs: {1e3 * seconds / count:.1f} ms each, peak memory {memory:.0f} MiB", flush=True)
    (few_time, few_memory), (many_time, many_memory) = costs
    time_ratio, memory_ratio = many_time / few_time, many_memory / few_memory
    print(f"--{name}: time a photograph {time_ratio:.2f} times (bound {TIME}), peak memory {memory_ratio:.2f} times"
          f" (bound {MEMORY})", flush=True)
    return time_ratio <= TIME and memory_ratio <= MEMORY


def report(folder, options, scratch, threads):
    """Seconds and peak memory in MiB of a report."""
    with tempfile.TemporaryDirectory(dir=scratch) as out:
        command = [BINARY, "report", folder, *TINY, *ALONE, *options, "--threads", threads, "--out", Path(out) / "run"]
        started = time.monotonic()
        child = subprocess.Popen([str(part) for part in command], cwd=ROOT)
        _, status, usage = os.wait4(child.pid, 0)
        if status != 0:
            sys.exit(f"the report failed with status {status}")
        return time.monotonic() - started, usage.ru_maxrss / 1024


def parts(folder, table):
    """Writes the table of parts of a folder's photographs."""
    sizes = {}
    lines = ["image,part,x,y,width,height"]
    for path in sorted(folder.iterdir()):
        photo = path.resolve()
        if photo not in sizes:
            sizes[photo] = min(size(photo))
        for part, shares in PARTS.items():
            x, y, side = (int(share * sizes[photo]) for share in shares)
            lines.append(f"{path.name},{part},{x},{y},{side},{side}")
    table.write_text("\n".join(lines) + "\n")
    return table


def size(photo):
    """Width and height of a PNG or JPEG as they stand in the file."""
    data = photo.read_bytes()
    if data.startswith(b"\x89PNG"):
        return struct.unpack(">II", data[16:24])
    at = 2
    while data[at] == 0xFF:
        # The frame's header: all of SOF0 to SOF15 but tables (C4), extensions (C8) and conditioning (CC).
        if 0xC0 <= data[at + 1] <= 0xCF and data[at + 1] not in (0xC4, 0xC8, 0xCC):
            return struct.unpack(">HH", data[at + 5:at + 9])
        at += 2 + struct.unpack(">H", data[at + 2:at + 4])[0]
    sys.exit(f"{photo} has no size")


if __name__ == "__main__":
    sys.exit(main())
