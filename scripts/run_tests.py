#!/usr/bin/env python3
"""Runs the tests' programs side by side, all of them whatever fails, and says how long each took.

    python3 scripts/run_tests.py                     every test
    python3 scripts/run_tests.py --quick             without the proofs: tests in modules named `proofs`
    python3 scripts/run_tests.py --proofs            those alone
    python3 scripts/run_tests.py --proofs --drawn 8  eight of them, drawn by lot for this commit
    python3 scripts/run_tests.py --only naive,src/network
                                                     the programs of these names, a room's own tests by its folder
    python3 scripts/run_tests.py --instructions sse41
                                                     with libtorch held to these instructions of the processor
    python3 scripts/run_tests.py --instructions list says which there are here

As many programs run at a time as there are cores. What a program printed follows when it has ended: all of it where a test
failed or --show is given, the last lines otherwise. Exit code 1 where a test failed.
"""

import argparse
import json
import os
import queue
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

from lot import drawn

ROOT = Path(__file__).resolve().parents[1]
CARGO = os.environ.get("CARGO", "cargo")
PROOFS = "proofs::"
# These began first in the order of what they took: the longest last would leave a core idle.
LONGEST = ("occlusion", "run_folder", "experiments", "resume", "shards", "training", "replicate", "docs", "bad_input", "ci", "archive",
           "features", "report", "cli")
# As --instructions of deconvscope report (src/engine/instructions.rs) says it to libtorch's libraries.
INSTRUCTIONS = {
    "sse41": ("sse4_1", {"ATEN_CPU_CAPABILITY": "default", "ONEDNN_MAX_CPU_ISA": "SSE41", "MKL_CBWR": "COMPATIBLE"}),
    "avx2": ("avx2", {"ATEN_CPU_CAPABILITY": "avx2", "ONEDNN_MAX_CPU_ISA": "AVX2", "MKL_CBWR": "COMPATIBLE"}),
    "avx512": ("avx512f", {"ATEN_CPU_CAPABILITY": "avx512", "ONEDNN_MAX_CPU_ISA": "AVX512_CORE", "MKL_CBWR": "COMPATIBLE"}),
}
RESULT = re.compile(r"^test result: \w+\. (\d+) passed; (\d+) failed; \d+ ignored; \d+ measured; (\d+) filtered out", re.M)


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    part = parser.add_mutually_exclusive_group()
    part.add_argument("--quick", action="store_true", help="leave out the proofs")
    part.add_argument("--proofs", action="store_true", help="run the proofs alone")
    parser.add_argument("--only", type=lambda text: text.split(","), help="programs, as in naive,golden")
    parser.add_argument("--drawn", type=int, metavar="N", help="with --proofs: N of them, drawn by lot for this commit")
    parser.add_argument("--instructions", choices=[*INSTRUCTIONS, "list"], help="of the processor; list says which it has")
    parser.add_argument("--show", action="store_true", help="print all that the tests print")
    return parser.parse_args()


def offered():
    """The names of INSTRUCTIONS that this processor has."""
    flags = re.search(r"^flags\s*:(.*)$", Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.M)
    flags = flags[1].split() if flags else []
    return [name for name, (flag, _) in INSTRUCTIONS.items() if flag in flags]


def build(only):
    """Compiles the tests, all or those named; gives their programs by name."""
    command = [CARGO, "test", "--locked", "--release", "--no-run", "--message-format=json-render-diagnostics"]
    if any(name.startswith("src") for name in only or ()):
        command.append("--lib")
    for name in only or ():
        command += [] if name.startswith("src") else ["--test", name]
    built = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    if built.returncode:
        sys.exit(built.returncode)
    messages = map(json.loads, built.stdout.splitlines())
    tests = [m for m in messages if m["reason"] == "compiler-artifact" and m["profile"]["test"] and m["executable"]]
    # The binary's own file of that kind has no tests.
    return {name_of(m["target"]): m["executable"] for m in tests if m["target"]["kind"] != ["bin"]}


def proofs_of(programs, count):
    """By program the names of its proofs, those of `count` that are drawn by lot where it is a number."""
    proofs = []
    for name, program in programs.items():
        listed = subprocess.run([program, "--list", PROOFS], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout
        proofs += [f"{name} {line.removesuffix(': test')}" for line in listed.splitlines() if line.endswith(": test")]
    chosen = drawn(proofs, count)
    if count:
        print(f"{', '.join(chosen)}, drawn from {len(proofs)}", flush=True)
    by_program = {}
    for proof in chosen:
        name, test = proof.split(" ")
        by_program.setdefault(name, []).append(test)
    return by_program


def name_of(target):
    """The folder of a room's own tests (src/network), the name of a program of tests/."""
    return str(Path(target["src_path"]).parent.relative_to(ROOT)) if target["kind"] == ["lib"] else target["name"]


def order(name):
    return LONGEST.index(name) if name in LONGEST else len(LONGEST)


class Outcome:
    """What the programs came to, told as they end."""

    def __init__(self, show):
        self.show, self.lock = show, threading.Lock()
        self.passed = self.failed = self.left_out = 0
        self.broken = []

    def add(self, name, code, output, seconds):
        results = RESULT.findall(output)
        with self.lock:
            for passed, failed, left_out in results:
                self.passed += int(passed)
                self.failed += int(failed)
                self.left_out += int(left_out)
            if code or not results:
                self.broken.append(name)
                self.failed += not results
            if code or not results or self.show:
                print(output, end="")
            last = output.strip().splitlines()[-1:] or ["no output"]
            print(f"{name}: {last[0]}; {seconds:.1f} s" if not code else f"{name}: FAILED (exit code {code}); {seconds:.1f} s", flush=True)


def main():
    options = parse_arguments()
    if options.instructions == "list":
        print(" ".join(offered()))
        return
    environment = dict(os.environ)
    if options.instructions:
        if options.instructions not in offered():
            sys.exit(f"this processor does not have {options.instructions}; it has {', '.join(offered())}")
        environment.update(INSTRUCTIONS[options.instructions][1])
    programs = build(options.only)
    named = {name: programs[name] for name in options.only or programs}
    if options.proofs:
        selected = {name: ["--exact", *tests] for name, tests in proofs_of(named, options.drawn).items()}
    else:
        selected = {name: ["--skip", PROOFS] if options.quick else [] for name in named}
    shown = ["--nocapture"] if options.show else []

    waiting = queue.SimpleQueue()
    for name in sorted(selected, key=order):
        waiting.put(name)
    outcome, began = Outcome(options.show), time.monotonic()

    def work():
        while True:
            try:
                name = waiting.get_nowait()
            except queue.Empty:
                return
            since = time.monotonic()
            ended = subprocess.run([programs[name], *selected[name], *shown], cwd=ROOT, env=environment, stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT, text=True, errors="replace", check=False)
            outcome.add(name, ended.returncode, ended.stdout, time.monotonic() - since)

    workers = [threading.Thread(target=work) for _ in range(os.cpu_count() or 1)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    if outcome.broken:
        print(f"failed: {', '.join(outcome.broken)}")
    print(f"{outcome.left_out} left out, {time.monotonic() - began:.0f} s")
    print(f"{outcome.passed} passed, {outcome.failed} failed")
    sys.exit(bool(outcome.broken))


if __name__ == "__main__":
    main()
