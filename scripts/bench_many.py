#!/usr/bin/env python3
"""What records, tables and pages of very many photographs cost.

    scripts/bench_many.py [--few 25000] [--many 100000] [--threads 2] [--binary PROGRAM]

Fifty small pictures of noise are linked together to few and to many photographs in a temporary folder, and reported on with
the tests' small network, twenty in detail and no other experiment. Printed are the run's own seconds by phase, peak memory, the
files and bytes that records, tables and pages took, and the ratios of many to few. Exit code 1 where tables or pages cost more
than half as much again for each photograph.
"""

import json
import os
import subprocess
import sys
import threading

from bench_common import MANY_LINE, ROOT, few_and_many, many_options

BOUND = 1.5


def main():
    arguments = many_options(__doc__, 25_000, 100_000).parse_args()
    few, many = few_and_many(arguments, lambda folder, scratch: report(folder, scratch / f"run-{folder.name}", arguments))
    growth = arguments.many / arguments.few
    ratios = {phase: many[phase] / few[phase] / growth for phase in ("tables", "pages")}
    for phase, ratio in ratios.items():
        print(f"{phase}: {ratio:.2f} times the seconds of a photograph among few (bound {BOUND})")
    return 1 if any(ratio > BOUND for ratio in ratios.values()) else 0


def report(folder, run, arguments):
    """Runs a report, prints what it cost, and gives its seconds by phase."""
    command = [arguments.binary, "report", folder, *MANY_LINE, "--threads", arguments.threads, "--out", run]
    child = subprocess.Popen([str(part) for part in command], cwd=ROOT)
    records = Records(run / "records")
    _, status, usage = os.wait4(child.pid, 0)
    files, size = records.ended()
    if status != 0:
        sys.exit(f"the report failed with status {status}")
    seconds = json.loads((run / "run.json").read_text())["execution"]["seconds"]
    phases = ", ".join(f"{phase} {took:.1f} s" for phase, took in seconds.items())
    print(f"{len(os.listdir(folder)):,} photographs: {phases}; peak memory {usage.ru_maxrss / 1024:.0f} MiB")
    print(f"    records: {files:,} files, {size / 1e6:.1f} MB", flush=True)
    for part in ("data", "pages"):
        paths = [path for path in (run / part).rglob("*") if path.is_file()]
        print(f"    {part}: {len(paths):,} files, {sum(path.stat().st_size for path in paths) / 1e6:.1f} MB", flush=True)
    return seconds


class Records:
    """Most files and bytes of a run's records at any time."""

    def __init__(self, folder):
        self.folder = folder
        self.most = (0, 0)
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.watch)
        self.thread.start()

    def watch(self):
        while not self.over.wait(0.2):
            sizes = []
            for path in self.folder.rglob("*"):
                try:
                    sizes.append(path.stat().st_size if path.is_file() else None)
                except FileNotFoundError:
                    pass
            sizes = [size for size in sizes if size is not None]
            self.most = max(self.most, (len(sizes), sum(sizes)))

    def ended(self):
        self.over.set()
        self.thread.join()
        return self.most


if __name__ == "__main__":
    sys.exit(main())
