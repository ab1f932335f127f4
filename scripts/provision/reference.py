"""Pillow at .deps/pillow, which the tests compare network inputs with; they say that they were skipped without it."""

from . import packages
from .files import DEPS, REQUIREMENTS, replace_folder, say, sha256, work_folder

PLACE = DEPS / "pillow"
STAMP = PLACE / "installed-from"
REQUIREMENTS_FILE = REQUIREMENTS / "reference.txt"


def ensure():
    pin = sha256(REQUIREMENTS_FILE.read_bytes())
    if STAMP.is_file() and STAMP.read_text() == pin:
        say("pillow", f"already there, {PLACE.name}")
        return
    with work_folder() as work:
        packages.install_for_this_python(REQUIREMENTS_FILE, work / "pillow", work)
        (work / "pillow" / STAMP.name).write_text(pin)
        replace_folder(work / "pillow", PLACE, work)
    say("pillow", "installed")
