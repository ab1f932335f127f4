#!/usr/bin/env python3
"""Holds what two programs make of the same photographs against each other: same.py OLD_BINARY NEW_BINARY

Both draw the same runs (sameness/runs.py). What the new ones lack, or have otherwise, is a fault:

    tables and arrays    files of the same names with the same bytes
    pictures             the same contents, wherever they lie
    pages                every piece of text, link, description and figure of an old page is on the new one of its name (of its
                         title, or on any, where there is none), what is said of one thing stands together, and the same
                         picture stands under the same description; pages may say more
    charts               the same words, and marks that stand for the same numbers; ticks may be others
    the manifest         every value of the old one, its options among them, is somewhere in the new one

Differences that are meant stand in sameness/faults.py, each with its reason. Exit code 1 where there are others. With --keep
runs are left in the folder and taken from there the next time: those of a program that was seen before cost nothing.
Needs Python's standard library alone.
"""

import argparse
import sys
import tempfile
from collections import Counter, defaultdict
from pathlib import Path

from sameness import charts, faults, files, pages, runs


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("old", type=Path, help="the program as it was")
    parser.add_argument("new", type=Path, help="the program as it is")
    parser.add_argument("--photos", type=Path, metavar="FOLDER", help="holds dogs-vs-cats with its masks.csv: the large run")
    parser.add_argument("--limit", type=int, metavar="N", help="of those photographs, drawn by lot (most masks fall away)")
    parser.add_argument("--onnx", type=Path, metavar="FILE", default=runs.ONNX, help="another network than %(default)s")
    parser.add_argument("--only", type=lambda text: text.split(","), metavar="NAME,…", help="of the runs; comparison needs sample and hidden")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="where runs are left and looked for")
    parser.add_argument("--show", type=int, metavar="N", default=12, help="faults shown of each page and kind [%(default)s]")
    options = parser.parse_args()
    for name in ("old", "new", "photos", "keep"):
        if getattr(options, name):
            setattr(options, name, getattr(options, name).resolve())
    if options.photos:
        options.photos /= "dogs-vs-cats"
    for path in (options.old, options.new, options.photos and options.photos / "masks.csv", runs.ROOT / options.onnx):
        if path and not path.is_file():
            parser.error(f"{path} is missing")
    return options


def drawn(old, new):
    """The faults of all pages and their charts; what was counted."""
    found, verdicts, seen = [], {}, Counter()
    if alike(old, new):
        return found, "the same files", Counter({charts.SAME: sum(1 for _ in old.rglob("*.svg"))})
    count = 0
    for name, page, other in pages.pairs(old, new):
        count += 1
        more, couples = pages.compare(name, page, other)
        found += more
        for address, ours, theirs in couples:
            if (ours, theirs) not in verdicts:
                verdicts[ours, theirs] = charts.held_against(ours.decode(), theirs.decode())
                verdict, difference = verdicts[ours, theirs]
                seen[verdict or "otherwise"] += 1
                if difference:
                    found.append(faults.Fault("chart", name, f"{address}: {difference}"))
    shown = {ours for ours, _ in verdicts}
    unseen = [path for path in sorted(old.rglob("*.svg")) if path.read_bytes() not in shown]
    if unseen:
        seen["shown on no page"] = len(unseen)
    return found, f"{count} and {len(pages.documents(new))}", seen


def alike(old, new):
    """Whether pages and pictures are the same to the byte, under the same names."""
    ours, theirs = ({name: path for name, path in files.paths(run).items() if path.suffix in pages.DRAWN} for run in (old, new))
    return ours.keys() == theirs.keys() and all(path.read_bytes() == theirs[name].read_bytes() for name, path in ours.items())


def tell(found, show):
    """Prints faults by place and kind."""
    by_place = defaultdict(list)
    for fault in found:
        by_place[fault.place, fault.kind].append(fault.text)
    for (place, kind), texts in list(by_place.items())[: 5 * show]:
        print(f"    {place}: {len(texts)} of kind {kind}")
        for text in texts[:show]:
            print(f"        {text[:240]}")
    if len(by_place) > 5 * show:
        print(f"    … and {len(by_place) - 5 * show} more places")


def held_against(name, old, new, show):
    """Prints what two runs have in common and what not; the number of faults."""
    print(f"\n{name}: {old} and {new}")
    found = []
    for what, look in (("tables and arrays", files.tables), ("pictures", files.pictures), ("manifest", files.told)):
        more, count = look(old, new)
        found += more
        print(f"  {what}: {count}")
    more, count, seen = drawn(old, new)
    print(f"  pages: {count}")
    print("  charts: " + "; ".join(f"{number} {verdict}" for verdict, number in seen.items()))
    left, covered = faults.without_meant(found + more)
    for reason, number in covered.items():
        print(f"  meant: {number}, {reason}")
    print(f"  faults: {len(left)}", flush=True)
    tell(left, show)
    return len(left)


def main():
    options = parse_arguments()
    wanted = runs.cases(options.photos, options.limit, options.onnx)
    if options.only:
        wanted = [case for case in wanted if case.name in options.only]
    with tempfile.TemporaryDirectory() as scratch:
        made = [runs.make(binary, wanted, options.keep or Path(scratch)) for binary in (options.old, options.new)]
        count = sum(held_against(case.name, *(run[case.name] for run in made), options.show) for case in wanted)
    print(f"\n{count} faults")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
