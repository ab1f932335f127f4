"""Differences that were found, and those that are meant."""

import re
from collections import Counter
from fnmatch import fnmatchcase
from typing import NamedTuple


class Fault(NamedTuple):
    """One thing that the old run has and the new one has not, or has otherwise."""

    kind: str
    place: str
    text: str


class Meant(NamedTuple):
    """Differences of a kind ("*": any), in files of a pattern, whose text a regular expression finds; and why they are none."""

    kind: str
    place: str
    text: str
    reason: str

    def covers(self, fault):
        return (self.kind in ("*", fault.kind) and fnmatchcase(fault.place, self.place)
                and re.search(self.text, fault.text) is not None)


COMMIT = "the commit that the program was built from"
RUN = "the digest of a run.json, which tells when the run was made"
UNIT = "a unit whose receptive field is small is shown enlarged as well, and the words say so"
AXIS = "the axis' name did not fit in the chart and was shortened"
TICK = "a histogram whose axis had a single tick: its scale cannot be read from the chart"
LAYERS = "the axis along which layers stand, which are no numbers, is 3 pixels shorter"
UNITS = r"strongest unit; its receptive field outlined|가장 강한 유닛, 테두리는 수용 영역"
OPTIONS = "options of an experiment that was not run are not listed: none were in force"
ARRAYS = "a run that keeps arrays keeps what all its pictures are drawn from"
# Add a line for each difference that a change brings on purpose; what none of them covers is a fault.
MEANT = [
    Meant("text", "pages/provenance.html", r"^[0-9a-f]{40}$", COMMIT),
    Meant("row", "pages/provenance.html", r"^\S+ [0-9a-f]{40}$", COMMIT),
    Meant("text", "report.html", r"^[0-9a-f]{40}$", COMMIT),
    Meant("row", "report.html", r"^\S+ [0-9a-f]{40}$", COMMIT),
    *(Meant(kind, place, UNITS, UNIT) for kind in ("text", "row") for place in ("pages/photos/*", "report.html")),
    Meant("chart", "pages/features.html", r"random weights from the top down to the block of", AXIS),
    Meant("chart", "pages/features.html", r"marks are up to 3 pixels away", LAYERS),
    Meant("chart", "pages/features/*", r"no axis fits both: other numbers at the same places", TICK),
    *(Meant(kind, place, r"^(--[a-z-]+)? ?(–|none|false)?$", OPTIONS) for kind in ("text", "row") for place in ("pages/provenance.html", "report.html")),
    *(Meant("table", f"arrays/{room}/*", r"^only in the new run$", ARRAYS) for room in ("occlusion", "invariance", "features")),
    Meant("text", "index.html", r"^[0-9a-f]{12}$", RUN),
    Meant("row", "index.html", r"^run\.json \S+ [0-9a-f]{12} ", RUN),
]


def without_meant(faults):
    """The faults that no exception covers, and how many each of them covers."""
    covered, left = Counter(), []
    for fault in faults:
        meant = next((meant for meant in MEANT if meant.covers(fault)), None)
        if meant:
            covered[meant.reason] += 1
        else:
            left.append(fault)
    return left, covered
