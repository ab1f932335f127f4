#!/usr/bin/env python3
"""How far two runs of the same photographs and options are apart: differences.py RUN RUN

Of every table the columns of numbers in which the runs differ, with the largest difference, its share of the column's largest
value and how many rows differ; of every table the cells of text that differ (a class that is named, a unit that is
strongest); of the projections in arrays/ how many lie within a relative error (L2) of 1e-4, and the median and the worst.
Needs Python's standard library alone.
"""

import array
import csv
import json
import statistics
import struct
import sys
from pathlib import Path


def number(text):
    try:
        return float(text)
    except ValueError:
        return None


def compare_table(name, one, other):
    if len(one) != len(other):
        print(f"{name}: {len(one)} rows and {len(other)}")
        return
    for column in one[0] if one else ():
        pairs = [(a[column], b[column]) for a, b in zip(one, other)]
        differing = [(a, b) for a, b in pairs if a != b]
        if not differing:
            continue
        numbers = [(number(a), number(b)) for a, b in pairs]
        if any(None in pair for pair in numbers if pair != (None, None)):
            print(f"{name} {column}: {len(differing)} of {len(pairs)} differ, as in {differing[0][0]} and {differing[0][1]}")
            continue
        numbers = [pair for pair in numbers if None not in pair]
        off = max(abs(a - b) for a, b in numbers)
        largest = max(abs(value) for pair in numbers for value in pair)
        print(f"{name} {column}: at most {off:.1e} ({off / largest:.1e} of the largest), {len(differing)} of {len(pairs)} rows")


def tensors(path):
    """The f32 tensors of a safetensors file by name."""
    data = path.read_bytes()
    length = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8 : 8 + length])
    for name, entry in header.items():
        if name != "__metadata__":
            begin, end = entry["data_offsets"]
            yield name, array.array("f", data[8 + length + begin : 8 + length + end])


def relative_error(found, expected):
    square = sum(value * value for value in expected)
    apart = sum((a - b) ** 2 for a, b in zip(found, expected))
    return (apart / square) ** 0.5 if square else float(apart > 0)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    one, other = map(Path, sys.argv[1:])
    for path in sorted((one / "data").glob("*.csv")):
        rows = []
        for run in (one, other):
            with open(run / "data" / path.name, newline="", encoding="utf-8") as file:
                rows.append(list(csv.DictReader(file)))
        compare_table(path.stem, *rows)
    errors = []
    for path in sorted((one / "arrays").glob("*.safetensors")):
        others = dict(tensors(other / "arrays" / path.name))
        errors += [relative_error(others[name], values) for name, values in tensors(path) if "/projection/" in name]
    if errors:
        within = sum(error <= 1e-4 for error in errors)
        print(f"projections: {within} of {len(errors)} within 1e-4, median {statistics.median(errors):.1e}, worst {max(errors):.1e}")


if __name__ == "__main__":
    main()
