"""What the tests compare with, in folders of .deps: Pillow (network inputs), linters (JUnit files, CI examples), the
RO-Crate validator (archives) and auditwheel (`make wheel-check`).

The tests say that they were skipped without them.
"""

from . import packages
from .files import SetupError, replace_folder, say, sha256, work_folder
from .places import DEPS, REQUIREMENTS

STAMP = "installed-from"
PLACES = {"pillow": "reference.txt", "linters": "linters.txt", "crate": "crate.txt", "auditwheel": "auditwheel.txt"}


def ensure():
    """Each for itself: where one has no wheels for this Python, the others are still put in place."""
    failed = []
    for name, requirements in PLACES.items():
        try:
            _ensure(name, REQUIREMENTS / requirements)
        except SetupError as error:
            failed.append(str(error))
    if failed:
        raise SetupError("\n\n".join(failed))


def _ensure(name, requirements):
    place, pin = DEPS / name, sha256(requirements.read_bytes())
    stamp = place / STAMP
    if stamp.is_file() and stamp.read_text() == pin:
        say(name, "already there")
        return
    with work_folder() as work:
        packages.install_for_this_python(requirements, work / name, work)
        (work / name / STAMP).write_text(pin)
        replace_folder(work / name, place, work)
    say(name, "installed")
