"""Puts together what a machine with a GPU, and without Rust or network, needs."""

import shutil
import subprocess
import sys
from pathlib import Path

from bench_common import BINARY, ROOT, build

BENCHES = "device", "features", "occlusion"


def gather(folder=None):
    """Builds, strips and copies; the weights as they are installed."""
    folder = Path(folder or ROOT / "target/gpu").resolve()
    subprocess.run(["cargo", "build", "--locked", "--release"], cwd=ROOT, check=True)
    folder.mkdir(parents=True, exist_ok=True)
    for name, path in [("deconvscope", BINARY)] + [(name, build(name)) for name in BENCHES]:
        shutil.copy2(path, folder / name)
        subprocess.run(["strip", folder / name], check=False)
    weights = folder / "weights"
    weights.mkdir(exist_ok=True)
    for path in (ROOT / ".deps/weights").glob("squeezenet1_1.*"):
        shutil.copy2(path, weights)
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    print(f"{folder}: {size / 1e6:.0f} MB; carry it there beside the checkout, and run scripts/gpu_check.sh --given {folder.name}", file=sys.stderr)
