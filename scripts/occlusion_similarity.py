#!/usr/bin/env python3
"""How near occlusion maps of the fast mode come to the exact ones: two runs of the same photographs.

    scripts/occlusion_similarity.py EXACT_RUN FAST_RUN

Prints for each photograph and map the structural similarity (Wang et al. 2004: mean over windows of 7 by 7 positions, range of
the exact map) and the greatest difference as a part of that range, beside what the fast run says of itself from its sample.
"""

import csv
import statistics
import sys
from pathlib import Path

SIDE = 7


def main():
    exact, fast = (maps(Path(run)) for run in sys.argv[1:3])
    told = {row["image_id"]: row for row in rows(Path(sys.argv[2]), "occlusion_photos")}
    found = {}
    for image_id, columns in exact.items():
        wide = int(told[image_id]["columns"])
        for name, column in (("map", "map_activation"), ("probability", "probability")):
            if columns[column][0] == "":
                continue
            a, b = ([float(value) for value in run[image_id][column]] for run in (fast, exact))
            spread = max(b) - min(b)
            if spread == 0:
                continue
            similarity, error = windows(a, b, wide, spread), max(abs(x - y) for x, y in zip(a, b)) / spread
            found.setdefault(column, []).append(similarity)
            print(f"{image_id:40} {column:15} {similarity:.3f}, greatest difference {error:.3f};"
                  f" sample: {float(told[image_id][name + '_similarity']):.3f}")
    for column, values in found.items():
        print(f"{column}: mean {statistics.mean(values):.3f}, least {min(values):.3f} of {len(values)} photographs")


def rows(run, table):
    with open(run / "data" / f"{table}.csv", newline="", encoding="utf-8") as file:
        yield from csv.DictReader(file)


def maps(run):
    found = {}
    for row in rows(run, "occlusion"):
        columns = found.setdefault(row["image_id"], {"map_activation": [], "probability": []})
        for column, values in columns.items():
            values.append(row[column])
    return found


def windows(a, b, wide, spread):
    high = len(a) // wide
    values = []
    for top in range(high - SIDE + 1):
        for left in range(wide - SIDE + 1):
            at = [(top + y) * wide + left + x for y in range(SIDE) for x in range(SIDE)]
            values.append(structural([a[i] for i in at], [b[i] for i in at], spread))
    return statistics.mean(values)


def structural(a, b, spread):
    mean_a, mean_b = statistics.fmean(a), statistics.fmean(b)
    aa = statistics.fmean((x - mean_a) ** 2 for x in a)
    bb = statistics.fmean((y - mean_b) ** 2 for y in b)
    ab = statistics.fmean((x - mean_a) * (y - mean_b) for x, y in zip(a, b))
    c1, c2 = (0.01 * spread) ** 2, (0.03 * spread) ** 2
    return (2 * mean_a * mean_b + c1) * (2 * ab + c2) / ((mean_a**2 + mean_b**2 + c1) * (aa + bb + c2))


if __name__ == "__main__":
    main()
