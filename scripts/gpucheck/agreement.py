"""Whether a device computes what the CPU does: docs/gpu.md."""

import csv
import json

from gpucheck import tensors
from gpucheck.subject import Missing

WITHIN = 1e-4
WORST = 5e-2
SHARES = {"unit": 0.8, "layer": 0.6}
CHOICES_HELD = 1e-5
OPTIONS = ["--detail", "all", "--occlusion", "4", "--features", "4", "--arrays", "all"]


def runs(subject):
    """The same report from the CPU and twice from the device, made once."""
    made = {}
    for name, device in ("cpu", "cpu"), ("first", subject.device), ("second", subject.device):
        run = subject.scratch / f"agree-{name}"
        if not run.is_dir():
            photos = subject.links(subject.options.agree)
            batch = ["--batch", "32"] if subject.device != "cpu" else []
            subject.report(run.name, photos, *OPTIONS, *batch, device=device)
        made[name] = run
    return made


def answers(subject):
    """Classes and probabilities beside the CPU's."""
    made = runs(subject)
    first = [first_classes(made[name]) for name in ("cpu", "first")]
    same = sum(first[0][key] == first[1][key] for key in first[0])
    yield ("first classes as on the CPU", f"{same} of {len(first[0])}", "all", same == len(first[0]))
    ours, theirs = (tensors.read(made[name] / "data/probabilities.safetensors") for name in ("first", "cpu"))
    worst = max(tensors.differ(ours[name], theirs[name]) for name in theirs)
    yield ("largest difference of a probability", f"{worst:.1e}", f"{WITHIN:.0e}", worst <= WITHIN)


def first_classes(run):
    with (run / "data/predictions.csv").open() as table:
        return {(row["image_id"], row["condition"]): row["class_index"] for row in csv.DictReader(table) if row["rank"] == "1"}


def occlusion(subject):
    """Occlusion maps beside the CPU's."""
    made, worst, maps = runs(subject), 0.0, 0
    for ours, theirs in pairs(made):
        if "occlusion/probability" in theirs:
            worst, maps = max(worst, tensors.differ(ours["occlusion/probability"], theirs["occlusion/probability"])), maps + 1
    if not maps:
        raise Missing("no photograph has an occlusion map")
    yield (f"largest difference in {maps} occlusion maps", f"{worst:.1e}", f"{WITHIN:.0e}", worst <= WITHIN)


def pairs(made):
    """The arrays of each photograph, of the device and of the CPU."""
    for path in sorted((made["cpu"] / "arrays").glob("*.safetensors")):
        yield tensors.read(made["first"] / "arrays" / path.name), tensors.read(path)


def projections(subject):
    """Projections beside the CPU's, as a run leaves them."""
    errors = {"unit": [], "layer": []}
    for ours, theirs in pairs(runs(subject)):
        for name, array in theirs.items():
            parts = name.split("/")
            if parts[1:2] == ["projection"]:
                scale = array.abs().max().item()
                # Another strongest unit, or none: as far off as can be.
                error = tensors.differ(ours[name], array) / scale if name in ours and scale else float(name not in ours)
                errors[parts[2]].append(error)
    for kind, found in errors.items():
        if not found:
            raise Missing(f"no projections of kind {kind}")
        share, worst = sum(error <= WITHIN for error in found) / len(found), max(found)
        yield (f"{len(found)} projections of kind {kind} within {WITHIN:.0e} of the CPU's; the worst",
               f"{share:.1%}; {worst:.1e}", f"{SHARES[kind]:.0%}; {WORST:.0e}", share >= SHARES[kind] and worst <= WORST)


def choices(subject):
    """Projections with the CPU's switches and units."""
    folder = subject.links(min(subject.options.agree, 24))
    found = json.loads(subject.bench("device", "agreement", "squeezenet1_1", folder, "--device", subject.device))
    yield (f"{found['projections']} projections with the CPU's switches and units; the worst", f"{found['worst']:.1e}",
           f"{CHOICES_HELD:.0e}", found["worst"] <= CHOICES_HELD)


def twice(subject):
    """Two runs on the same device."""
    made = runs(subject)
    yield from equal("two runs on the same device", made["first"], made["second"])


def several(subject):
    """All GPUs of the machine side by side."""
    if subject.device == "cpu":
        raise Missing("they are no GPUs")
    import torch
    if torch.cuda.device_count() < 2:
        raise Missing("there is one GPU")
    run = subject.report("agree-all", subject.links(subject.options.agree), *OPTIONS, "--batch", "32", device="all")
    yield from equal(f"a run on all {torch.cuda.device_count()} GPUs and one on one", runs(subject)["first"], run)


def equal(what, one, other):
    files = [json.loads((run / "run.json").read_text())["files"] for run in (one, other)]
    differing = [name for name in files[0].keys() | files[1].keys() if files[0].get(name) != files[1].get(name)]
    some = ", ".join(sorted(differing)[::max(1, len(differing) // 3)])
    found = f"{len(files[0])} files with the same bytes" if not differing else f"{len(differing)} of {len(files[0])} files differ: {some}"
    yield (what, found, "the same bytes", not differing)


PARTS = [answers, occlusion, projections, choices, twice, several]
