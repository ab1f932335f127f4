"""libtorch 2.11.0 at .deps/libtorch/torch, where .cargo/config.toml looks for it: the user's own, or installed."""

import ctypes
import os
import platform
import shutil
import subprocess
import sys
import time
from pathlib import Path

from . import packages, python_torch
from .files import SetupError, replace_folder, say, sha256, work_folder
from .places import DEPS, REQUIREMENTS, shown
from .python_torch import VERSION

PLACE = DEPS / "libtorch"
TORCH = PLACE / "torch"
STAMP = PLACE / "installed-from"
DOWNLOAD = {"cpu": "545 MB to fetch, 1.2 GB on disk", "cuda": "about 2.5 GB to fetch, 4.5 GB on disk"}


def ensure(choice):
    """Leaves a libtorch in place: LIBTORCH's, the one installed before, that of python3's torch, or a new one."""
    own = os.environ.get("LIBTORCH")
    if own and Path(own).resolve() != TORCH.resolve():
        _respect(Path(own))
        return
    kind = choice if choice != "auto" else ("cuda" if nvidia_driver() else "cpu")
    if _in_place(kind):
        say("libtorch", f"already there ({STAMP.read_text().split(maxsplit=1)[0]}), {shown(TORCH)}")
        return
    of_python = _of_python() if choice == "auto" else None
    if of_python:
        _link(of_python, f"the torch {VERSION} of {sys.executable}")
    else:
        _install(kind)


def nvidia_driver():
    """Whether this machine has an NVIDIA driver."""
    try:
        ctypes.CDLL("libcuda.so.1")
        return True
    except OSError:
        pass
    tool = shutil.which("nvidia-smi")
    return tool is not None and subprocess.run([tool, "-L"], capture_output=True).returncode == 0


def _of_python():
    """The folder of the torch package of this Python, if it is the right version and serves to build with."""
    folder = python_torch.find()
    fitting = folder is not None and python_torch.fits(python_torch.version(folder))
    return folder if fitting and _is_libtorch(folder) else None


def _respect(own):
    """A LIBTORCH of the user's own: checked, and linked to, so that cargo finds it without the variable too."""
    if not _is_libtorch(own):
        raise SetupError(
            f"LIBTORCH={own} is not a libtorch: no lib/libtorch_cpu.so and include/torch in it. Correct or unset it."
        )
    version = python_torch.version(own)
    if version is not None and not python_torch.fits(version):
        raise SetupError(
            f"LIBTORCH={own} is libtorch {version}; {VERSION} is needed. Unset LIBTORCH to have it installed."
        )
    if PLACE.is_dir() and not TORCH.is_symlink() and _is_libtorch(TORCH):
        say("libtorch", f"LIBTORCH={own}, nothing to install")
    else:
        _link(own.resolve(), "LIBTORCH")


def _is_libtorch(folder):
    return python_torch.has_libraries(folder) and (folder / "include" / "torch").is_dir()


def _stamp(kind):
    """Says what a folder was installed from; another requirements file makes another stamp."""
    return f"{kind} {sha256((REQUIREMENTS / f'libtorch-{kind}.txt').read_bytes())}\n"


def _in_place(kind):
    """Whether .deps/libtorch can stay. The full set serves a machine without a driver too."""
    if not STAMP.is_file() or not _is_libtorch(TORCH):
        return False
    stamp = STAMP.read_text()
    if stamp.startswith("link "):
        version = python_torch.version(TORCH)
        return version is None or python_torch.fits(version)
    return stamp in (_stamp(kind), _stamp("cuda"))


def _link(folder, whose):
    with work_folder() as work:
        new = work / "libtorch"
        new.mkdir()
        (new / "torch").symlink_to(folder)
        (new / STAMP.name).write_text(f"link {folder}\n")
        replace_folder(new, PLACE, work)
    say("libtorch", f"using {whose}: {shown(TORCH)} -> {folder}")


def _install(kind):
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        raise SetupError(
            f"no pinned libtorch for {platform.system()} {platform.machine()} (only Linux x86_64). "
            f"Set LIBTORCH to a libtorch {VERSION}, or install torch=={VERSION} for {sys.executable}."
        )
    requirements = REQUIREMENTS / f"libtorch-{kind}.txt"
    say("libtorch", f"installing torch {VERSION} for {kind.upper()} ({DOWNLOAD[kind]})")
    started = time.monotonic()
    with work_folder() as work:
        new = work / "libtorch"
        packages.install(requirements, new, work)
        if not _is_libtorch(new / "torch"):
            raise SetupError("the torch package holds no libtorch where it is expected; nothing was installed")
        (new / STAMP.name).write_text(_stamp(kind))
        replace_folder(new, PLACE, work)
    say("libtorch", f"installed in {time.monotonic() - started:.0f} s, {shown(TORCH)}")
