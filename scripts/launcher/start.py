"""Starts the program with the libraries of the torch that is installed, CPU or CUDA, by becoming it.

The program takes this process's place, and with it signals, terminal and exit code. It is told of the libraries by
LD_LIBRARY_PATH, not by a path inside it: torch may lie elsewhere than this package (another site-packages, --target, --user),
and what the variable holds already, a cluster's module perhaps, must not put another libtorch first.
"""

import os
import signal
import sys
from pathlib import Path

from .scripts.provision import places, python_torch

PROGRAM = Path(__file__).resolve().parent / "bin" / "deconvscope"


def main():
    _as_without_python()
    environment = dict(os.environ)
    environment["LD_LIBRARY_PATH"] = ":".join(_library_folders() + _set_already("LD_LIBRARY_PATH"))
    environment["DECONVSCOPE_PYTHON"] = sys.executable
    environment.setdefault("DECONVSCOPE_WEIGHTS", str(places.WEIGHTS))
    try:
        os.execve(PROGRAM, ["deconvscope", *sys.argv[1:]], environment)
    except OSError as error:
        _stop(f"cannot start {PROGRAM}: {error.strerror}; install the package again")


def _as_without_python():
    """Signals as a program finds them that no Python started: what is ignored stays so across exec."""
    for name in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(name, signal.SIG_DFL)
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)


def _library_folders():
    """torch's, and NVIDIA's where they lie in another folder of sys.path than torch, which finds those beside it."""
    torch = python_torch.find()
    if torch is None:
        _stop(_needs("there is none"))
    version = python_torch.version(torch)
    if not python_torch.fits(version):
        _stop(_needs(f"there is torch {version or 'of an unknown version'} in {torch}"))
    if not python_torch.has_libraries(torch):
        _stop(_needs(f"the one in {torch} has no lib/libtorch_cpu.so"))
    beside = [folder for path in sys.path if path and Path(path) != torch.parent for folder in Path(path).glob("nvidia/*/lib")]
    folders = [str(folder) for folder in (torch / "lib", *beside)]
    for folder in folders:
        if ":" in folder or ";" in folder:
            _stop(f"the system's loader takes no path with ':' or ';' in it, as {folder} has; install torch elsewhere")
    return folders


def _set_already(name):
    value = os.environ.get(name, "")
    return [value] if value else []


def _needs(found):
    return (
        f"needs torch {python_torch.VERSION}, whose libraries it computes with, and {found} (Python: {sys.executable})\n"
        f"  to install it: {_quoted(sys.executable)} -m pip install torch=={python_torch.VERSION}"
    )


def _quoted(path):
    return f"'{path}'" if " " in path else path


def _stop(problem):
    sys.exit(f"error: {problem}")
