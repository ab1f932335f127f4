"""How things get to their places whole: written beside them, then renamed."""

import contextlib
import fcntl
import hashlib
import os
import shutil
import tempfile
from pathlib import Path

from .places import DEPS

WORK_PREFIX = "unfinished-"


class SetupError(Exception):
    """What went wrong and what to do about it, as the user reads it."""


def say(subject, message):
    print(f"{subject + ':':<10} {message}", flush=True)


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def check_sha256(name, content, expected):
    found = sha256(content)
    if found != expected:
        raise SetupError(
            f"{name} is not the file that this project pins: expected sha256 {expected}, found {found}"
        )


def holds(path, expected):
    """Whether `path` is a file with this sha256."""
    return path.is_file() and sha256(path.read_bytes()) == expected


@contextlib.contextmanager
def exclusive():
    """One set-up at a time in one place; leftovers of one that was cut off are removed."""
    DEPS.mkdir(parents=True, exist_ok=True)
    with open(DEPS / ".lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("setup", "waiting for another set-up to finish")
            fcntl.flock(lock, fcntl.LOCK_EX)
        for leftover in DEPS.glob(WORK_PREFIX + "*"):
            shutil.rmtree(leftover, ignore_errors=True)
        yield


@contextlib.contextmanager
def work_folder():
    """A folder for one step, on the same file system as the places that its results are renamed into."""
    folder = Path(tempfile.mkdtemp(prefix=WORK_PREFIX, dir=DEPS))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def write_whole(path, content):
    """Writes `content` (bytes) to `path`: afterwards the file is there in full, or as it was before."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with work_folder() as folder:
        temporary = folder / path.name
        with open(temporary, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)


def replace_folder(new, place, work):
    """Puts the folder `new` in `place`; what stood there goes to `work`, to be removed with it."""
    if place.is_symlink() or place.exists():
        os.rename(place, work / "replaced")
    os.rename(new, place)
