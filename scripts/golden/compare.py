"""Holds a finished run of SqueezeNet 1.1, and PyTorch's own float32, against float64: compare.py RUN [--weights FILE] [--explain]

Recomputes, from the stored network inputs, the probabilities, the strongest units and all stored projections in float64 and
in float32. Where float32 cannot tell the two largest values of a pooling window apart, a switch is turned and the projection
changes: so no single projection has a bound, but the run's errors, in order of size, may be three times PyTorch's own and a few
units of float32's last place: their median, their upper tenth and hundredth, and the worst. Probabilities likewise, by the
worst. A stored unit is the strongest in float64 too, or as strong but for rounding. Exit code 1 where one of this does not hold.

With --explain the windows are named whose turning explains an error above 1e-4; they are turned one by one, and where a patch
of one colour makes a hundred turn together, some of it stays unexplained.
"""

import argparse
import csv
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import load_file

import deconvnet
import ties
from deconvnet import relative_error

TIMES = 3
UNITS = 4 * 2.0**-23
QUANTILES = {"median": 0.5, "upper tenth": 0.9, "upper hundredth": 0.99, "worst": 1.0}
EXPLAINED = 1e-4
WEIGHTS = Path(__file__).resolve().parents[2] / ".deps" / "weights" / "squeezenet1_1.safetensors"


@dataclass
class Findings:
    """What the comparison came to: errors of the run and of PyTorch's float32."""

    probabilities: list = field(default_factory=list)
    errors: list = field(default_factory=list)
    own: list = field(default_factory=list)
    units: int = 0
    turned_units: int = 0
    failures: list = field(default_factory=list)

    def fail(self, text):
        self.failures.append(text)
        print(f"FAILS  {text}")

    def hold(self, what, ours, own):
        allowed = TIMES * own + UNITS
        print(f"{what:32} {ours:.2e}, PyTorch's own {own:.2e}")
        if ours > allowed:
            self.fail(f"{what}: {ours:.2e}, allowed is {allowed:.2e}")


def rows(path):
    with open(path, newline="", encoding="utf-8") as file:
        yield from csv.DictReader(file)


def stored_probabilities(run):
    """(photo, condition) -> probabilities; a condition's rows are in the order of its photos in predictions.csv."""
    order = defaultdict(dict)
    for row in rows(run / "data" / "predictions.csv"):
        order[row["condition"]].setdefault(row["image_id"], len(order[row["condition"]]))
    tables = load_file(run / "data" / "probabilities.safetensors")
    return {(photo, condition): tables[condition][at] for condition, photos in order.items() for photo, at in photos.items()}


def stored_units(run):
    """(photo, condition, layer) -> (feature, y, x) and activation."""
    units = {}
    for row in rows(run / "data" / "projections.csv"):
        if row["kind"] == "unit":
            unit = tuple(int(row[name]) for name in ("feature", "y", "x"))
            units[row["image_id"], row["condition"], row["layer"]] = unit, float(row["activation"])
    return units


def check_unit(findings, where, activation, rounded, stored):
    """The stored unit is the first maximum in float64, or cannot be told from it in float32."""
    (unit, value), own = stored, deconvnet.strongest(activation)
    findings.units += 1
    findings.turned_units += unit != own
    rounding = float((rounded - activation).abs().max())
    allowed = TIMES * rounding + UNITS * float(activation.max())
    if abs(float(activation[unit]) - value) > allowed:
        findings.fail(f"{where}: unit {unit} has activation {float(activation[unit]):.9g}, stored is {value:.9g}")
    if float(activation[own] - activation[unit]) > 2 * allowed:
        findings.fail(f"{where}: strongest is {own} with {float(activation[own]):.9g}, stored is {unit}")


def check_photo(findings, exact, single, path, probabilities, units, explain):
    photo = path.stem
    with safe_open(path, "pt") as arrays:
        names = arrays.keys()
        for condition in sorted(name.removesuffix("/input") for name in names if name.endswith("/input")):
            trace, rounded = (net.forward(arrays.get_tensor(f"{condition}/input")) for net in (exact, single))
            stored = probabilities[photo, condition].double()
            findings.probabilities.append(tuple(float((p.double() - trace.probabilities).abs().max()) for p in (stored, rounded.probabilities)))
            for name in sorted(name for name in names if name.startswith(f"{condition}/projection/")):
                kind, layer = name.split("/")[2:]
                where = f"{photo} {condition} {kind} {layer}"
                seeds = [trace.stages[layer], rounded.stages[layer]]
                if kind == "unit":
                    stored = units[photo, condition, layer]
                    check_unit(findings, where, *seeds, stored)
                    seeds = [deconvnet.unit_seed(activation, stored[0]) for activation in seeds]
                expected, found = exact.project(trace, layer, seeds[0]), arrays.get_tensor(name)
                findings.errors.append((relative_error(found, expected), where))
                findings.own.append(relative_error(single.project(rounded, layer, seeds[1]), expected))
                if explain and findings.errors[-1][0] > EXPLAINED:
                    turned, rest = ties.explain(exact, trace, layer, seeds[0], found, EXPLAINED)
                    named = "; ".join(map(str, turned))
                    print(f"turned {where}: {findings.errors[-1][0]:.2e}, {rest:.1e} with the other cell of {named}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, help="run folder with arrays/")
    parser.add_argument("--weights", type=Path, default=WEIGHTS, help="default: those that make setup installed")
    parser.add_argument("--explain", action="store_true", help="name the windows that explain errors above 1e-4")
    options = parser.parse_args()
    paths = sorted((options.run / "arrays").glob("*.safetensors"))
    if not paths:
        sys.exit(f"error: no arrays in {options.run}; make the run with --detail all --arrays all")
    exact, single = (deconvnet.SqueezeNet(options.weights, dtype) for dtype in (torch.float64, torch.float32))
    probabilities, units, findings = stored_probabilities(options.run), stored_units(options.run), Findings()
    for number, path in enumerate(paths, 1):
        check_photo(findings, exact, single, path, probabilities, units, options.explain)
        print(f"{number}/{len(paths)}", end="\r", file=sys.stderr, flush=True)
    if not findings.errors:
        sys.exit(f"error: no projections in {options.run}/arrays")
    print(f"photographs {len(paths)}, inputs {len(findings.probabilities)}, projections {len(findings.errors)}")
    print(f"strongest units {findings.units}, {findings.turned_units} of them another one in float64")
    findings.hold("probabilities, worst", *(max(errors) for errors in zip(*findings.probabilities)))
    ours, own = sorted(findings.errors), sorted(findings.own)
    for name, share in QUANTILES.items():
        at = min(int(share * len(ours)), len(ours) - 1)
        findings.hold(f"projections, {name}", ours[at][0], own[at])
    within = [sum(error <= EXPLAINED for error in errors) / len(ours) for errors in ([e for e, _ in ours], own)]
    print(f"within {EXPLAINED:g} of float64: {within[0]:.1%}, PyTorch's own {within[1]:.1%}; the worst is {ours[-1][1]}")
    print("holds" if not findings.failures else f"{len(findings.failures)} failures")
    sys.exit(1 if findings.failures else 0)


if __name__ == "__main__":
    main()
