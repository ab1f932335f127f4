#!/usr/bin/env python3
"""Proves a wheel: installed in fresh environments, in folders with blanks in their names, and used without network.

    python3 scripts/wheel_check.py                       every python3.10 to python3.14 on the PATH, and this one
    python3 scripts/wheel_check.py --python PATH ...     these
    python3 scripts/wheel_check.py --no-fetch            without `setup-sample`, which fetches 60 MB for each Python

torch is that of .deps/libtorch (`make setup`), linked into each environment; .deps/golden, where it is there, is a whole one, beside
which pip resolves what the wheel depends on. What runs without network does so in a network namespace of its own (`unshare`);
where the system grants none, that is said. Exit code 1 at the first thing that does not hold.
"""

import argparse
import base64
import collections
import csv
import filecmp
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

from provision.places import DEPS, ROOT, SAMPLE
from wheelwright import layouts

PROGRAM = ROOT / "target/release/deconvscope"
LARGEST = 20_000_000
PHOTOGRAPHS = ["chelsea.png", "coffee.png", "goose.jpg", "jeep_1.jpg"]
TINY = ["--model", "tiny", "--weights", str(ROOT / "tests/fixtures/checkpoints/tiny.pth")]
VERSIONS = range(10, 15)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", action="append", metavar="PATH", help="a Python to try; may be given several times")
    parser.add_argument("--no-fetch", action="store_true", help="leave out what needs a network")
    parser.add_argument("--program", type=Path, default=PROGRAM, help="the program that the wheel is made of")
    options = parser.parse_args()
    torch = (DEPS / "libtorch" / "torch").resolve()
    with tempfile.TemporaryDirectory(prefix="wheel check ") as folder:
        folder = Path(folder)
        wheel = built(options.program, folder)
        says_its_platform(wheel)
        offline = cut_off()
        for index, python in enumerate(options.python or pythons()):
            version = subprocess.run([python, "-V"], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
            started, place = time.monotonic(), folder / f"{version} {index}"
            place.mkdir()
            with_one_python(python, wheel, torch, place, offline, options, thorough=index == 0)
            say(f"{version} ({python}): all holds, {time.monotonic() - started:.0f} s")
        beside_a_whole_torch(wheel, folder, offline)
    say("done")


def built(program, folder):
    """The wheel, built twice: the same bytes, and not too many."""
    wheels = []
    for name in ("one", "two"):
        subprocess.run([sys.executable, ROOT / "scripts/wheel.py", "--program", program, "--out", folder / name], check=True, stdout=subprocess.DEVNULL)
        wheels += (folder / name).glob("*.whl")
    one, two = wheels
    holds(one.name == two.name and filecmp.cmp(one, two, shallow=False), "two wheels of one program differ")
    holds(one.stat().st_size < LARGEST, f"{one.stat().st_size} bytes, more than {LARGEST}")
    with zipfile.ZipFile(one) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    metadata, record = (next(files[name].decode() for name in files if name.endswith(end)) for end in ("/METADATA", "/RECORD"))
    listed = {path: (told, size) for path, told, size in csv.reader(record.splitlines())}
    holds(set(listed) == set(files), "RECORD does not list the files that are there")
    for path, (told, size) in listed.items():
        holds(path.endswith("/RECORD") or (told, int(size)) == (digest(files[path]), len(files[path])), f"RECORD is wrong about {path}")
    holds("\nRequires-Dist: torch==2.11.0\n" in metadata, "the wheel does not depend on torch==2.11.0")
    holds("\nRequires-Python: >=3.10\n" in metadata, "the wheel does not say which Python")
    say(f"{one.name}: {one.stat().st_size / 1e6:.1f} MB, the same bytes twice")
    return one


def digest(content):
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")


def says_its_platform(wheel):
    """Its name says what auditwheel finds out."""
    judge = DEPS / "auditwheel"
    if not judge.is_dir():
        return say("platform: skipped, no auditwheel (python3 scripts/setup.py reference)")
    environment = {**os.environ, "PYTHONPATH": str(judge)}
    done = subprocess.run([sys.executable, "-m", "auditwheel", "show", wheel], env=environment, stdout=subprocess.PIPE, text=True)
    found = re.search(r'constrains\s+the\s+platform\s+tag\s+to\s+"([^"]+)"', done.stdout)
    holds(found and wheel.stem.endswith(f"-{found[1]}"), f"auditwheel says otherwise than {wheel.name}: {done.stdout}")
    say(f"platform: {found[1]}, as auditwheel says")


def with_one_python(python, wheel, torch, folder, offline, options, thorough):
    """All layouts, what is said without torch, the sample; in the first layout, if thorough, all that the wheel is for."""
    asks_for_torch(python, wheel, folder / "without")
    ways = [make(python, wheel, torch, folder) for make in layouts.ALL]
    strange = folder / "a module of the cluster"
    strange.mkdir()
    (strange / "libtorch_cpu.so").write_text("another libtorch")
    for way in ways:
        user = User(way, folder, offline, LD_LIBRARY_PATH=str(strange))
        holds(user.runs("--version").stdout == run_plainly(options.program, "--version"), f"{way.name}: another program answers")
        user.runs("report", "photos", *TINY, "--out", f"runs/by {way.name}")
    user = User(ways[0], folder, offline)
    if thorough:
        works(user, options.program)
        ends_as_the_program_does(user)
    fetches_the_sample(user, ways[0], folder, offline, options.no_fetch)


def asks_for_torch(python, wheel, folder):
    """pip wants the torch that is needed; the program says what there is and what is needed."""
    own = layouts.venv(python, folder)
    said = refuses([own, "-m", "pip", "install", "--no-index", wheel])
    holds("torch==2.11.0" in said, f"pip does not ask for torch: {said}")
    layouts.install(own, wheel)
    command = [own.with_name("deconvscope"), "model", "list"]
    said = refuses(command)
    told = ["needs torch 2.11.0", "there is none", f"'{own}' -m pip install torch==2.11.0"]
    holds(all(part in said for part in told), f"without torch: {said}")
    other = layouts.site_packages(own) / "torch"
    other.mkdir()
    (other / "__init__.py").touch()
    (other / "version.py").write_text("__version__ = '2.10.0+cpu'\n")
    said = refuses(command)
    told = ["needs torch 2.11.0", f"there is torch 2.10.0+cpu in {other}", "pip install torch==2.11.0"]
    holds(all(part in said for part in told), f"with another torch: {said}")


def refuses(command):
    """What a command says that ends with exit code 1."""
    done = subprocess.run(command, env=layouts.environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    holds(done.returncode == 1, f"{command}: exit code {done.returncode}, not 1: {done.stdout}")
    return done.stdout


class User:
    """Somebody who types into a folder with photographs in it, without network where the system lets us."""

    def __init__(self, way, folder, offline, **variables):
        self.way, self.folder, self.offline = way, folder, offline
        self.environment = layouts.environment(**way.variables, **variables, XDG_DATA_HOME=str(folder / "data of hers"))
        if not (folder / "photos").is_dir():
            (folder / "photos").mkdir()
            for name in PHOTOGRAPHS:
                shutil.copy(SAMPLE / name, folder / "photos")

    def started(self, *arguments, **options):
        command = [*options.pop("through", self.offline), *self.way.command, *arguments]
        return subprocess.Popen(command, cwd=self.folder, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)

    def runs(self, *arguments, code=0, **options):
        process = self.started(*arguments, **options)
        stdout, stderr = process.communicate()
        holds(code in (process.returncode, None), f"{self.way.name}: {arguments}: exit code {process.returncode}, not {code}\n{stderr}")
        return Said(stdout, stderr)


Said = collections.namedtuple("Said", "stdout stderr")


def works(user, program):
    """report, features, compare, archive, and the same bytes as by the program itself."""
    weights = user.folder / "data of hers/deconvscope/weights"
    shutil.copytree(DEPS / "weights", weights)
    common = ["report", "photos", "--out", "runs/plain"]
    user.runs(*common)
    itself = user.folder / "by the program itself"
    shutil.copytree(user.folder / "photos", itself / "photos")
    subprocess.run([program, *common], cwd=itself, env={**user.environment, "DECONVSCOPE_WEIGHTS": weights}, check=True, stderr=subprocess.DEVNULL)
    differ = different(user.folder / "runs/plain", itself / "runs/plain")
    holds(not differ, f"the wheel's run differs from the program's in {differ}")
    user.runs("report", "photos", "--out", "runs/other", "--preset", "torchvision")
    user.runs("features", "photos", *TINY, "--out", "runs/features")
    user.runs("compare", "runs/plain", "runs/other", "--out", "runs/compared")
    user.runs("archive", "runs/plain", "--to", "archive")
    user.runs("verify", str(next((user.folder / "archive").glob("*.tar.zst"))))
    for page in ("plain", "features", "compared"):
        holds((user.folder / "runs" / page / "index.html").stat().st_size > 1000, f"{page}: no page")


def different(one, other):
    """The files of two runs that differ; of run.json what is not `execution` or its seal."""
    files = {path.relative_to(folder) for folder in (one, other) for path in folder.rglob("*") if path.is_file()}
    return [str(path) for path in sorted(files) if content(one / path) != content(other / path)]


def content(path):
    if not path.is_file():
        return None
    if path.name != "run.json":
        return path.read_bytes()
    manifest = json.loads(path.read_text())
    return {key: value for key, value in manifest.items() if key not in ("execution", "seal")}


def ends_as_the_program_does(user):
    """Exit codes and signals come through the launcher."""
    user.runs("report", "photos", "--no-such-option", code=2)
    user.runs("report", "no-such-folder", code=1)
    damaged = user.folder / "damaged"
    shutil.copytree(user.folder / "photos", damaged)
    (damaged / "damaged.jpg").write_bytes(b"\xff\xd8\xff not a photograph")
    user.runs("report", "damaged", *TINY, "--out", "runs/strict", "--strict", code=3)
    user.runs("check", "runs/plain", "--rule", "photos >= 1000", code=4)
    interrupted(user)


def interrupted(user):
    """Ctrl-C: the process that was started is the program itself, ends with 130, and its run goes on."""
    run = ["report", "photos", "--occlusion", "all", "--occluder-stride", "2", "--out", "runs/interrupted"]
    process = user.started(*run, through=[])
    while not (user.folder / "runs/interrupted/records").is_dir() and process.poll() is None:
        time.sleep(0.01)
    holds(process.poll() is None, "it ended before it could be interrupted")
    holds(os.readlink(f"/proc/{process.pid}/exe").endswith("/deconvscope/bin/deconvscope"), "the launcher still runs")
    process.send_signal(signal.SIGINT)
    said = Said(*process.communicate())
    holds(process.returncode == 130 and "--resume" in said.stderr, f"interrupted: exit code {process.returncode}: {said}")


def fetches_the_sample(user, way, folder, offline, no_fetch):
    """setup-sample says what it lacks without network, and brings with one what make setup brings, byte for byte."""
    fresh = User(way, folder, offline)
    fresh.environment["XDG_DATA_HOME"] = str(folder / "data of a newcomer")
    if offline:
        ended = fresh.runs("setup-sample", code=1)
        holds("cannot fetch" in ended.stderr, f"setup-sample without network: {ended.stderr}")
    told = fresh.runs("report", "photos", code=1).stderr
    holds("deconvscope setup-sample" in told, f"report without weights: {told}")
    if no_fetch:
        return say("setup-sample: skipped (--no-fetch)")
    fresh.runs("setup-sample", through=[])
    brought = folder / "data of a newcomer/deconvscope"
    for name in ("squeezenet1_1.safetensors", "squeezenet1_1.toml"):
        holds(filecmp.cmp(brought / "weights" / name, DEPS / "weights" / name, shallow=False), f"setup-sample: another {name}")
    for path in SAMPLE.iterdir():
        if path.name != "sources.csv":
            holds(filecmp.cmp(brought / "sample" / path.name, path, shallow=False), f"setup-sample: another {path.name}")
    again = fresh.runs("setup-sample")
    holds(again.stdout.count("already there") == 2, f"setup-sample once more, without network: {again.stdout}")
    fresh.runs("report", str(brought / "sample"), "--labels", str(brought / "sample/labels.csv"), "--out", "runs/sample", "--occlusion", "none")


def beside_a_whole_torch(wheel, folder, offline):
    """pip finds all that the wheel depends on, and CUDA's libraries open, also where there is no GPU."""
    golden = DEPS / "golden"
    if not (golden / "bin/python").is_file():
        return say("beside a whole torch: skipped, no .deps/golden (make conformance)")
    own = layouts.venv(golden / "bin/python", folder / "whole")
    layouts.link_torch(layouts.site_packages(golden / "bin/python") / "torch", layouts.site_packages(own))
    layouts.pip(["-m", "pip", "install", "--no-index", str(wheel)], own)
    user = User(layouts.Layout("whole torch", [str(own.with_name("deconvscope"))]), folder, offline)
    user.runs("report", "photos", *TINY, "--out", "runs/whole")
    refused = user.runs("report", "photos", *TINY, "--device", "cuda", "--out", "runs/cuda", code=None).stderr
    holds("cannot be opened" not in refused, f"CUDA's libraries: {refused}")
    say("beside a whole torch: pip resolves it, CUDA's libraries open")


def pythons():
    """This one, and those on the PATH that start; a name may be there for a version that is not installed."""
    names = [f"python3.{minor}" for minor in VERSIONS]
    found = [name for name in names if shutil.which(name) and subprocess.run([name, "-V"], capture_output=True).returncode == 0]
    own = f"python3.{sys.version_info.minor}"
    return [sys.executable, *(shutil.which(name) for name in found if name != own)]


def cut_off():
    """What a command is put behind to have no network; nothing where the system grants that to nobody."""
    for prefix in (["unshare", "--net"], ["unshare", "--map-root-user", "--net"]):
        if shutil.which("unshare") and subprocess.run([*prefix, "true"], capture_output=True).returncode == 0:
            return prefix
    say("network: cannot be cut off here (unshare); what follows runs with it")
    return []


def run_plainly(program, *arguments):
    return subprocess.run([program, *arguments], stdout=subprocess.PIPE, text=True, check=True).stdout


def holds(condition, problem):
    if not condition:
        sys.exit(f"wheel-check: {problem}")


def say(message):
    print(f"wheel-check: {message}", flush=True)


if __name__ == "__main__":
    main()
