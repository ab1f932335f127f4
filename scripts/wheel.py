#!/usr/bin/env python3
"""Packs the program that `make build` built as a wheel: for pip, beside the torch that its user has.

    python3 scripts/wheel.py                  target/wheel/deconvscope-VERSION-py3-none-PLATFORM.whl
    python3 scripts/wheel.py --program FILE --out FOLDER

Why not maturin (`bindings = "bin"`): it puts the bare program on the PATH, while ours needs a step before it that finds torch's
libraries, in whichever folder that Python has them; it compiles again in a folder of its own, while the program is there; and
it is one thing more to fetch. What is left for a tool to do is a zip file with five lists in it, and that is below.

The wheel serves every Python from 3.10 on (`py3-none`): the program links none of it. The platform is told by what the program
asks of the system, the newest version of glibc's symbols among it: `manylinux_2_34` for one linked on Debian 12. One built on
an older system runs on older ones. The same program gives the same bytes.

Python's standard library is enough, and nothing is fetched.
"""

import argparse
import re
import sys
from pathlib import Path

from provision.python_torch import VERSION as TORCH
from wheelwright.archive import pack
from wheelwright.elf import Program

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = "deconvscope"
PROGRAM = f"{PACKAGE}/bin/deconvscope"
# What PEP 600 lets a program take from the system, as far as a program like this asks for it, and what torch brings.
OF_THE_SYSTEM = {"libc.so.6", "libm.so.6", "libdl.so.2", "libpthread.so.0", "librt.so.1", "libgcc_s.so.1", "libstdc++.so.6"}
OF_THE_LOADER = {"ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1"}
OF_TORCH = {"libtorch_cpu.so", "libc10.so"}
# glibc 2.35 has another `hypot` beside the first, which sets errno too, and is all that a program built on Debian 12 asks it for.
# Asking for the first, the wheel runs on RHEL 9 and its kin (glibc 2.34).
FIRST_GLIBC = {"x86_64": "GLIBC_2.2.5", "aarch64": "GLIBC_2.17"}
OF_GLIBC_2_35 = {"hypot", "hypotf"}
# What set-up reads, at the same places below the package as in the checkout. Not what it brings for tests.
OF_SETUP = [
    "scripts/setup.py",
    "scripts/provision/*.py",
    "requirements/build-tools.txt",
    "requirements/samples.txt",
    "requirements/weights.txt",
    "requirements/weights-extra.txt",
    "datasets/sample/*.csv",
]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", type=Path, default=ROOT / "target/release/deconvscope", help="default: what make build left")
    parser.add_argument("--out", type=Path, default=ROOT / "target/wheel", help="folder of the wheel")
    options = parser.parse_args()
    if not options.program.is_file():
        sys.exit(f"wheel: {options.program} is missing: run make build first")
    try:
        program = Program(options.program.read_bytes()).without_run_path()
        program = program.asking_older("libm.so.6", "GLIBC_2.35", FIRST_GLIBC.get(program.machine), OF_GLIBC_2_35)
        platform = tell_platform(program)
    except ValueError as error:
        sys.exit(f"wheel: {options.program}: {error}")
    version = of_cargo("version")
    name, information = f"{PACKAGE}-{version}-py3-none-{platform}.whl", f"{PACKAGE}-{version}.dist-info"
    content = pack({**package(program), **told(information, version, platform)}, information, {PROGRAM})
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / name).write_bytes(content)
    print(f"wheel:     {options.out / name} ({len(content) / 1e6:.1f} MB)")


def tell_platform(program):
    """The platform's tag (PEP 600): the oldest glibc that has all that the program asks for."""
    strange = set(program.needed()) - OF_THE_SYSTEM - OF_THE_LOADER - OF_TORCH
    if strange:
        raise ValueError(f"needs {', '.join(sorted(strange))}, which neither every Linux system nor torch has")
    asked = [re.fullmatch(r"GLIBC_(\d+)\.(\d+)(\.\d+)?", version.name) for version in program.versions()]
    numbers = [(int(found[1]), int(found[2])) for found in asked if found]
    if not numbers:
        raise ValueError("asks for no version of glibc: was it linked with another C library?")
    return "manylinux_{}_{}_{}".format(*max(numbers), program.machine)


def package(program):
    """The files of the package by their paths."""
    files = {PROGRAM: program.content}
    for source in sorted((ROOT / "scripts/launcher").glob("*.py")):
        files[f"{PACKAGE}/{source.name}"] = source.read_bytes()
    for pattern in OF_SETUP:
        found = sorted(ROOT.glob(pattern))
        if not found:
            raise SystemExit(f"wheel: {pattern} is missing in {ROOT}")
        files.update({f"{PACKAGE}/{path.relative_to(ROOT)}": path.read_bytes() for path in found})
    return files


def told(information, version, platform):
    """The files that tell installers of the package."""
    metadata = f"""\
Metadata-Version: 2.1
Name: {PACKAGE}
Version: {version}
Summary: {of_cargo("description")}
License: {of_cargo("license")}
License-File: LICENSE
Keywords: deconvnet,visualization,interpretability,convnet,report
Classifier: Environment :: Console
Classifier: Operating System :: POSIX :: Linux
Classifier: Topic :: Scientific/Engineering :: Image Recognition
Requires-Python: >=3.10
Requires-Dist: torch=={TORCH}
Description-Content-Type: text/markdown

{(ROOT / "docs/install.md").read_text(encoding="utf-8")}"""
    wheel = f"Wheel-Version: 1.0\nGenerator: deconvscope scripts/wheel.py\nRoot-Is-Purelib: false\nTag: py3-none-{platform}\n"
    return {
        f"{information}/METADATA": metadata.encode(),
        f"{information}/WHEEL": wheel.encode(),
        f"{information}/entry_points.txt": f"[console_scripts]\n{PACKAGE} = {PACKAGE}.start:main\n".encode(),
        f"{information}/licenses/LICENSE": (ROOT / "LICENSE").read_bytes(),
    }


def of_cargo(key):
    """What Cargo.toml says of the program: the first that is a text, in [workspace.package] or [package]."""
    return re.search(rf'^{key} = "([^"]+)"$', (ROOT / "Cargo.toml").read_text(encoding="utf-8"), re.M)[1]


if __name__ == "__main__":
    main()
