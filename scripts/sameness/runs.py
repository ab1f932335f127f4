"""The runs that are compared: which there are, and how both programs make them."""

import hashlib
import json
import shlex
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = "datasets/sample"
TABLES = ["--labels", f"{SAMPLE}/labels.csv", "--masks", f"{SAMPLE}/masks.csv"]
PARTS = "datasets/dogs-vs-cats/parts.csv"
ONNX = ".deps/onnx/onnx/backend/test/data/light/light_squeezenet.onnx"
# A finished run has the one, a finished comparison the other: both are written last.
MANIFESTS = ("run.json", "compare.json")


class Case(NamedTuple):
    """A run by its name: the program's arguments without --out. A field {sample} in them is the run of that name."""

    name: str
    arguments: list


def cases(photos, limit, onnx):
    """The sample as `make report` draws it; with faces hidden, and both compared; a network from a file, in Korean and in
    one file as well; and, where there are photographs, what their masks and parts show, with all maps."""
    found = [
        Case("sample", ["report", SAMPLE, *TABLES, "--detail", "all", "--invariance", "4"]),
        Case("hidden", ["report", SAMPLE, *TABLES, "--apply-masks", "face", "--keep-unmasked", "--occlusion", "none",
                        "--features", "none"]),
        Case("comparison", ["compare", "{sample}", "{hidden}"]),
        Case("onnx", ["report", SAMPLE, "--limit", "4", "--model", str(onnx), "--preset", "torchvision", "--detail", "all",
                      "--occlusion", "2", "--occluder-stride", "16", "--features", "4", "--single-file", "--lang", "ko"]),
    ]
    if photos:
        some = ["--limit", str(limit)] if limit else []
        found.append(Case("photos", ["report", str(photos), "--masks", str(photos / "masks.csv"), "--parts", PARTS, *some,
                                     "--detail", "masked", "--invariance", "4", "--features", "all", "--occlusion", "3"]))
    return found


def digest(path):
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def manifest(run):
    """The path of a finished run's manifest; None where it is not finished."""
    return next((run / name for name in MANIFESTS if (run / name).is_file()), None)


def make(binary, wanted, keep):
    """The folders of a program's runs by name, in a folder of `keep` that the program's digest names; those that lie there
    already are taken as they are."""
    place = keep / digest(binary)[:12]
    place.mkdir(parents=True, exist_ok=True)
    made = {}
    for case in wanted:
        arguments = [str(made[part[1:-1]]) if part.startswith("{") else part for part in case.arguments]
        out = made[case.name] = place / case.name
        command, note = shlex.join(case.arguments), place / f"{case.name}.command"
        if manifest(out) and note.is_file() and note.read_text(encoding="utf-8") == command:
            print(f"{out}: already there", flush=True)
            continue
        note.unlink(missing_ok=True)
        begun = time.monotonic()
        overwrite = ["--overwrite"] if out.exists() else []
        done = subprocess.run([binary, *arguments, "--out", str(out), *overwrite], cwd=ROOT, capture_output=True, text=True,
                              check=False)
        if done.returncode:
            sys.exit(f"same: {binary} {command}\nended with {done.returncode}:\n{done.stderr[-3000:]}")
        note.write_text(command, encoding="utf-8")
        print(f"{out}: made in {time.monotonic() - begun:.0f} s", flush=True)
    return made


def read_manifest(run):
    return json.loads(manifest(run).read_text(encoding="utf-8"))
