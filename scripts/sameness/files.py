"""Tables and arrays, to the byte; pictures, by what they hold, wherever they lie; and what the manifest tells."""

import filecmp
import hashlib
import json
from collections import defaultdict

from .faults import Fault
from .runs import manifest, read_manifest

PICTURES = {".png", ".jpg", ".jpeg", ".webp", ".gif"}
# Of the manifest, what is not the run's result: when it was made, by which build, digests of files that are compared here.
UNLIKE = {"execution", "files", "seal", "schema", "tool", "runs"}


def paths(run, folder="."):
    """The files below a folder of the run, by their path in it."""
    return {path.relative_to(run).as_posix(): path for path in sorted((run / folder).rglob("*")) if path.is_file()}


def tables(old, new):
    """A fault for each table or file of arrays that only one run has or that differs; and how many there are."""
    ours, theirs = ({**paths(run, "data"), **paths(run, "arrays")} for run in (old, new))
    faults = [Fault("table", name, "only in the old run") for name in ours.keys() - theirs.keys()]
    faults += [Fault("table", name, "only in the new run") for name in theirs.keys() - ours.keys()]
    faults += [Fault("table", name, "other bytes") for name in ours.keys() & theirs.keys()
               if not filecmp.cmp(ours[name], theirs[name], shallow=False)]
    return faults, f"{len(ours)} and {len(theirs)}"


def contents(run):
    """The paths of all pictures by the sha256 of what they hold."""
    found = defaultdict(list)
    for name, path in paths(run).items():
        if path.suffix.lower() in PICTURES:
            found[hashlib.sha256(path.read_bytes()).hexdigest()].append(name)
    return found


def pictures(old, new):
    """A fault for each picture that only one run has, under whatever name; and how many files and contents there are."""
    ours, theirs = contents(old), contents(new)
    faults = []
    for these, others, run in ((ours, theirs, "old"), (theirs, ours, "new")):
        faults += [Fault("picture", names[0], f"only in the {run} run" + f", {len(names)} times" * (len(names) > 1))
                   for held, names in these.items() if held not in others]
    count = [f"{sum(map(len, found.values()))} of {len(found)} contents" for found in (ours, theirs)]
    return faults, " and ".join(count)


def leaves(value, name=""):
    """The single values of JSON with their innermost names."""
    if isinstance(value, (dict, list)):
        parts = value.items() if isinstance(value, dict) else ((name, part) for part in value)
        for key, part in parts:
            yield from leaves(part, key)
    elif value is not None:
        yield name, value


def told(old, new):
    """A fault for each value of the old manifest, options first of all, that the new one holds nowhere; one under a name of
    its own, if the new one has that name, must stand there."""
    ours, theirs = ({key: value for key, value in read_manifest(run).items() if key not in UNLIKE} for run in (old, new))
    named, anywhere = defaultdict(set), set()
    for name, value in leaves(theirs):
        named[name].add(json.dumps(value))
        anywhere.add(str(value))
    asked = list(leaves(ours))
    faults = [Fault("manifest", manifest(old).name, f"{name}: {value!r}") for name, value in asked
              if not (json.dumps(value) in named[name] if name in named else str(value) in anywhere)]
    return faults, f"{len(asked)} values"
