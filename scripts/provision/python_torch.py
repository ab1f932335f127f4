"""The torch of this Python, found without importing it."""

import importlib.util
import re
from pathlib import Path

VERSION = "2.11.0"  # the one that tch 0.24 binds


def find():
    """The folder of the torch package that `import torch` would take; None where there is none."""
    try:
        spec = importlib.util.find_spec("torch")
    except (ImportError, ValueError):
        return None
    return Path(spec.origin).parent if spec and spec.origin else None


def version(folder):
    """What a torch package or a libtorch says of its version, with its build (`2.11.0+cu130`); None if it says nothing."""
    for name, pattern in (("build-version", r"(\d\S*)"), ("version.py", r"__version__ = '([^']+)'")):
        path = folder / name
        found = path.is_file() and re.search(pattern, path.read_text())
        if found:
            return found.group(1)
    return None


def fits(version):
    """Whether a version is the one needed, of whichever build."""
    return version is not None and version.split("+")[0] == VERSION


def has_libraries(folder):
    """Whether the libraries lie where the program looks for them."""
    return (folder / "lib" / "libtorch_cpu.so").is_file()
