"""What the tests compare with, in folders of .deps: Pillow (network inputs), linters (JUnit files, CI examples), the
RO-Crate validator (archives), auditwheel (`make wheel-check`) and Kubernetes' schemas (docs/cluster).

The tests say that they were skipped without them.
"""

import re
import zipfile

from . import packages
from .files import SetupError, replace_folder, say, sha256, work_folder
from .places import DEPS, REQUIREMENTS

STAMP = "installed-from"
PLACES = {"pillow": "reference.txt", "linters": "linters.txt", "crate": "crate.txt", "auditwheel": "auditwheel.txt"}
KUBERNETES = "kubernetes.txt"
# Of every version of Kubernetes from 1.33 on: what a Job and a PersistentVolumeClaim are made of, and nothing beside it.
SCHEMAS = re.compile(
    r".*/v(1\.(?:3[3-9]|[4-9][0-9]))\.0-local-strict/((?:_definitions|job-batch-v1|persistentvolumeclaim-v1)\.json)"
)


def ensure():
    """Each for itself: where one has no wheels for this Python, the others are still put in place."""
    failed = []
    for name, requirements in PLACES.items():
        try:
            _ensure(name, REQUIREMENTS / requirements)
        except SetupError as error:
            failed.append(str(error))
    try:
        _ensure_schemas()
    except SetupError as error:
        failed.append(str(error))
    if failed:
        raise SetupError("\n\n".join(failed))


def _ensure(name, requirements):
    _put(name, requirements, lambda folder, work: packages.install_for_this_python(requirements, folder, work))


def _ensure_schemas():
    requirements = REQUIREMENTS / KUBERNETES

    def schemas(folder, work):
        (wheel,) = packages.fetch_wheels(requirements, ["kubernetes-validate"], work, work).values()
        with zipfile.ZipFile(wheel) as archive:
            for member in archive.namelist():
                if found := SCHEMAS.fullmatch(member):
                    version, name = found.groups()
                    (folder / version).mkdir(parents=True, exist_ok=True)
                    (folder / version / name).write_bytes(archive.read(member))

    _put("kubernetes", requirements, schemas)


def _put(name, requirements, fill):
    place, pin = DEPS / name, sha256(requirements.read_bytes())
    stamp = place / STAMP
    if stamp.is_file() and stamp.read_text() == pin:
        say(name, "already there")
        return
    with work_folder() as work:
        fill(work / name, work)
        (work / name / STAMP).write_text(pin)
        replace_folder(work / name, place, work)
    say(name, "installed")
