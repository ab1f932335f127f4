"""Compares a finished run of SqueezeNet 1.1 with PyTorch: compare.py RUN [--weights FILE] [--double]

Recomputes, from the stored network inputs, the probabilities, the strongest units and all stored projections, and asks:
probabilities within 1e-4; at least 95 % of the projections within a relative error of 1e-4; every other below 2e-2 and
explained by pooling windows whose largest values lie within 1e-5 of each other. A window explains a difference
if turning its switch to the other cell removes it; those windows are named. Windows that only rounding can tell apart
(ties.py) are counted by themselves. Exit code 1 where one of this does not hold.

float32 here rounds differently from the run and so turns switches of its own; with --double what is left are the run's.
Windows are turned one by one: where a patch of one colour makes a hundred turn together, some of it stays unexplained.
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

PROBABILITY = 1e-4
PROJECTION = 1e-4
WORST = 2e-2
SHARE = 0.95
WEIGHTS = Path(__file__).resolve().parents[2] / ".deps" / "weights" / "squeezenet1_1.safetensors"


@dataclass
class Findings:
    """What the comparison came to."""

    inputs: int = 0
    probability: float = 0.0
    errors: list = field(default_factory=list)
    units: int = 0
    tied_units: int = 0
    failures: list = field(default_factory=list)
    near: int = 0
    rounding: int = 0

    def fail(self, text):
        self.failures.append(text)
        print(f"FAILS  {text}")


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


def check_unit(findings, where, activation, stored):
    """The stored unit is the first maximum here too, or is tied with it."""
    (unit, value), own = stored, deconvnet.strongest(activation)
    findings.units += 1
    here, largest = float(activation[unit]), float(activation[own])
    if abs(here - value) > ties.NEAR * abs(value):
        findings.fail(f"{where}: unit {unit} has activation {here:.9g}, stored is {value:.9g}")
    if unit != own:
        findings.tied_units += 1
        if here < largest * (1 - ties.NEAR):
            findings.fail(f"{where}: strongest is {own} with {largest:.9g}, stored is {unit} with {here:.9g}")


def check_projection(findings, net, where, trace, layer, seed, stored):
    error = relative_error(stored, net.project(trace, layer, seed))
    findings.errors.append((error, where))
    if error <= PROJECTION:
        return
    if error >= WORST:
        findings.fail(f"{where}: relative error {error:.2e}")
    turned, rest = ties.explain(net, trace, layer, seed, stored, PROJECTION)
    if rest > PROJECTION:
        findings.fail(f"{where}: relative error {error:.2e}, {rest:.2e} of it not explained by near-tied windows")
        return
    if all(tie.near for tie in turned):
        findings.near += 1
    else:
        findings.rounding += 1
    named = "; ".join(map(str, turned))
    print(f"tied   {where}: relative error {error:.2e}, {rest:.1e} with the other cell of {named}", flush=True)


def check_photo(findings, net, path, probabilities, units):
    photo = path.stem
    with safe_open(path, "pt") as arrays:
        names = arrays.keys()
        for condition in sorted(name.removesuffix("/input") for name in names if name.endswith("/input")):
            trace = net.forward(arrays.get_tensor(f"{condition}/input"))
            findings.inputs += 1
            difference = float((trace.probabilities - probabilities[photo, condition]).abs().max())
            findings.probability = max(findings.probability, difference)
            if difference > PROBABILITY:
                findings.fail(f"{photo} {condition}: probabilities differ by {difference:.2e}")
            for name in sorted(name for name in names if name.startswith(f"{condition}/projection/")):
                kind, layer = name.split("/")[2:]
                where = f"{photo} {condition} {kind} {layer}"
                seed = activation = trace.stages[layer]
                if kind == "unit":
                    stored = units[photo, condition, layer]
                    check_unit(findings, where, activation, stored)
                    seed = deconvnet.unit_seed(activation, stored[0])
                check_projection(findings, net, where, trace, layer, seed, arrays.get_tensor(name))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, help="run folder with arrays/")
    parser.add_argument("--weights", type=Path, default=WEIGHTS, help="default: those that make setup installed")
    parser.add_argument("--double", action="store_true", help="compute in float64 here")
    options = parser.parse_args()
    paths = sorted((options.run / "arrays").glob("*.safetensors"))
    if not paths:
        sys.exit(f"error: no arrays in {options.run}; make the run with --detail all --arrays all")
    net = deconvnet.SqueezeNet(options.weights, torch.float64 if options.double else torch.float32)
    probabilities, units, findings = stored_probabilities(options.run), stored_units(options.run), Findings()
    for number, path in enumerate(paths, 1):
        check_photo(findings, net, path, probabilities, units)
        print(f"{number}/{len(paths)}", end="\r", file=sys.stderr, flush=True)
    if not findings.errors:
        sys.exit(f"error: no projections in {options.run}/arrays")
    errors = sorted(findings.errors)
    within = sum(error <= PROJECTION for error, _ in errors) / len(errors)
    if within < SHARE:
        findings.fail(f"only {within:.2%} of the projections within {PROJECTION:g}")
    worst, where = errors[-1]
    print(f"photographs     {len(paths)}, inputs {findings.inputs}")
    print(f"probabilities   largest difference {findings.probability:.2e}")
    print(f"strongest units {findings.units}, {findings.tied_units} of them tied with the one found here")
    print(f"projections     {len(errors)}, {within:.3%} within {PROJECTION:g}, median {errors[len(errors) // 2][0]:.1e}")
    over = sum(error > PROJECTION for error, _ in errors)
    print(f"over it         {over}: {findings.near} explained by windows within {ties.NEAR:g}, {findings.rounding} within rounding")
    print(f"worst           {worst:.2e}, {where}")
    print("holds" if not findings.failures else f"{len(findings.failures)} failures")
    sys.exit(1 if findings.failures else 0)


if __name__ == "__main__":
    main()
