#!/usr/bin/env python3
"""What a run in shards costs with very many photographs.

    scripts/bench_shards.py [--few 40000] [--many 200000] [--shards 8] [--threads 2] [--binary PROGRAM]

Fifty small pictures of noise are linked together to few and to many photographs in a temporary folder; a report with the tests'
small network, twenty photographs in detail and no other experiment, is planned, worked on shard by shard, and merged. Printed
are seconds and peak memory of each command, the files and bytes of the plan before it is merged, those of the run, and the ratios
of many to few. Exit code 1 where plan or merge cost more than half as much again for each photograph, or more than 2 GB.
"""

import os
import subprocess
import sys
import time

from bench_common import MANY_LINE, ROOT, few_and_many, many_options

BOUND, MOST_BYTES = 1.5, 2e9


def main():
    parser = many_options(__doc__, 40_000, 200_000)
    parser.add_argument("--shards", type=int, default=8)
    arguments = parser.parse_args()
    few, many = few_and_many(arguments, lambda folder, scratch: chain(folder, scratch, arguments))
    growth = arguments.many / arguments.few
    holds = True
    for step in ("plan", "first merge", "last merge"):
        ratio, memory = many[step][0] / few[step][0] / growth, many[step][1]
        print(f"{step}: {ratio:.2f} times the seconds of a photograph among few (bound {BOUND}), {memory / 1e9:.2f} GB")
        holds = holds and ratio <= BOUND and memory <= MOST_BYTES
    return 0 if holds else 1


def chain(folder, scratch, arguments):
    """Carries out a plan; seconds and bytes of memory by step."""
    plan, run = (scratch / f"{what}-{folder.name}" for what in ("plan", "run"))
    cost = {}

    def step(name, *line):
        began = time.monotonic()
        child = subprocess.Popen([str(part) for part in (arguments.binary, *line)], cwd=ROOT)
        _, status, usage = os.wait4(child.pid, 0)
        if status != 0:
            sys.exit(f"{name} failed with status {status}")
        seconds, memory = cost.get(name, (0, 0))
        cost[name] = (seconds + time.monotonic() - began, max(memory, usage.ru_maxrss * 1024))

    threads = ["--threads", arguments.threads, "--quiet"]
    step("plan", "plan", folder, *MANY_LINE, "--threads", arguments.threads, "--shards", arguments.shards, "--out", plan)
    for name in ("first", "last"):
        for shard in range(arguments.shards):
            step(f"{name} work", "work", plan, "--shard", shard, *threads)
        if name == "first":
            tell(plan, f"{len(os.listdir(folder)):,} photographs in {arguments.shards} shards, the plan's folder")
        step(f"{name} merge", "merge", plan, "--out", run, *threads)
    tell(run, "    the run")
    for name, (seconds, memory) in cost.items():
        print(f"    {name}: {seconds:.1f} s, {memory / 2**20:.0f} MiB", flush=True)
    return cost


def tell(folder, what):
    sizes = [path.stat().st_size for path in folder.rglob("*") if path.is_file()]
    print(f"{what}: {len(sizes):,} files, {sum(sizes) / 1e6:.1f} MB", flush=True)


if __name__ == "__main__":
    sys.exit(main())
