#!/usr/bin/env python3
"""Names drawn by lot for this commit, so that proofs that take long meet all of them in the course of some commits.

    python3 scripts/lot.py COUNT|all NAME…     prints them in the order given
"""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def drawn(names, count):
    """So many of the names; all of them where `count` is None."""
    if count is None:
        return list(names)
    commit = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                            check=False).stdout.strip()
    lot = sorted(names, key=lambda name: hashlib.sha256(f"{commit} {name}".encode()).digest())[:count]
    return [name for name in names if name in lot]


def asked_for(family, names):
    """Those of a family that DRAWN, a number, asks for."""
    count = os.environ.get("DRAWN")
    chosen = drawn(names, int(count) if count else None)
    if count:
        print(f"{family}: {', '.join(chosen)}, drawn from {len(names)}", flush=True)
    return chosen


if __name__ == "__main__":
    if len(sys.argv) < 2 or not (sys.argv[1] == "all" or sys.argv[1].isdigit()):
        sys.exit(__doc__)
    print(*drawn(sys.argv[2:], None if sys.argv[1] == "all" else int(sys.argv[1])))
