#!/usr/bin/env python3
"""Makes faults in the engine, one at a time, and asks whether the numerical tests find them.

    python3 scripts/faults.py [--only NAME,...]      prints a table: fault by set of the processor's instructions
    python3 scripts/faults.py --lines                says whether the code has the lines that are replaced, and no more

Each fault replaces one line in a copy of the tree (target/faults), where the quick tests of its kind are compiled and run
with each set of instructions that the processor offers. Found means that at least one test failed; its name is in the table.
First the tests must hold without a fault. Exit code 1 where a fault is not found.
"""

import argparse
import re
import subprocess
import sys
from dataclasses import dataclass

import copied_tree
from run_tests import offered

FOLDER = copied_tree.ROOT / "target" / "faults"
TREE, BUILD = FOLDER / "tree", FOLDER / "build"
WINDOWS, PATCHES, WALKS = "occlusion", "patches", "adjoint,naive,gradient,golden"


@dataclass(frozen=True)
class Fault:
    name: str
    what: str
    file: str
    line: str
    faulty: str
    tests: str


FAULTS = [
    Fault("span", "a window's last changed cell is left out", "src/network/projective_field.rs",
          "last.div_euclid(stride) + 1,", "(last.div_euclid(stride)).max(1),", WINDOWS),
    Fault("pad", "the padding is counted once too few", "src/network/projective_field.rs",
          "let first = changed.start as i64 + padding - reach;", "let first = changed.start as i64 + padding + 1 - reach;", WINDOWS),
    Fault("bias", "a 1×1 convolution of windows forgets its bias", "src/engine/occlude/sliding.rs",
          ".convolve(index, &new, (window, groups), [0; 2], bias)?;", ".convolve(index, &new, (window, groups), [0; 2], bias.filter(|_| false))?;", WINDOWS),
    Fault("mean", "a mean is taken over one cell too many", "src/engine/occlude/ops.rs",
          "let cells = (shape.height * shape.width) as i64;", "let cells = (shape.height * shape.width + 1) as i64;", WINDOWS),
    Fault("shift", "padded windows lie one row too low", "src/engine/occlude/ops.rs",
          "offsets.rows.iter_mut().for_each(|offset| *offset += top);", "offsets.rows.iter_mut().for_each(|offset| *offset += top + 1);", WINDOWS),
    Fault("hidden", "the square's colour is a hundred-thousandth too strong", "src/engine/occlude/ops.rs",
          ".f_neg_()?", ".f_mul_scalar(-1.00001)?", WINDOWS),
    Fault("halves", "the end of the network is fed with half precision", "src/engine/occlude/tail.rs",
          "let mut x = values.shallow_clone();", "let mut x = values.f_to_kind(tch::Kind::Half).and_then(|x| x.f_to_kind(tch::Kind::Float)).map_err(Error::compute(\"halves\"))?;", WINDOWS),
    Fault("taps", "a resampled window begins one cell too late", "src/engine/occlude/resample.rs",
          "let local = move |(cell, weight): (i64, f32)| (cell - first, weight);", "let local = move |(cell, weight): (i64, f32)| ((cell - first - 1).max(0), weight);", WINDOWS),
    Fault("spread", "a transposed convolution's window ends one cell too early", "src/network/projective_field.rs",
          "(changed.end as i64 - 1) * stride - padding + extent,", "(changed.end as i64 - 1) * stride - padding + extent - 1,", WINDOWS),
    Fault("smooth", "a curve below zero is a hundred-thousandth too deep", "src/engine/curve.rs",
          "let below = bend.f_mul_scalar(scale * alpha)?;", "let below = bend.f_mul_scalar(scale * alpha * 1.00001)?;", WALKS),
    Fault("switch", "a patch reads the switches of the column beside it", "src/engine/patches/place.rs",
          "let cells = self.cells(1, columns, |_, column| column.clamp(0, wide - 1))?;", "let cells = self.cells(1, columns, |_, column| (column + 1).clamp(0, wide - 1))?;", PATCHES),
    Fault("outside", "signals outside the map are kept", "src/engine/patches/place.rs",
          "if self.along[axis].distinct.iter().any(reaches_out) {", "if self.along[axis].distinct.iter().any(reaches_out) && false {", PATCHES),
    Fault("flip", "a transposed kernel is not turned round", "src/engine/patches/adjoint.rs",
          ".f_flip([5, 6])?", ".f_flip([5])?", PATCHES),
    Fault("tap", "a unit's filters are a hundred-thousandth too strong", "src/engine/patches/adjoint.rs",
          "Ok(Some(seen.f_mul(&value.f_view([-1, 1, 1, 1])?)?))", "Ok(Some(seen.f_mul(&value.f_view([-1, 1, 1, 1])?)?.f_mul_scalar(1.00001)?))", PATCHES),
    Fault("counts", "an average's way back counts the padding the wrong way round", "src/engine/project/step.rs",
          "let counts = *padding_counts;", "let counts = !*padding_counts;", WALKS),
    Fault("branch", "a concatenation's signal goes to the first branch twice", "src/engine/project/step.rs",
          "walk.add(input, g.f_narrow(1, first, channels)?)?;", "walk.add(input, g.f_narrow(1, first.min(1), channels)?)?;", WALKS),
    Fault("norm", "contrast normalisation lets through a hundred-thousandth too much", "src/engine/project/step.rs",
          "ReluRule::Deconvnet | ReluRule::Guided => g.shallow_clone(),", "ReluRule::Deconvnet | ReluRule::Guided => g.f_mul_scalar(1.00001)?,", WALKS),
    Fault("gate", "what a gate lets through is a hundred-thousandth too strong", "src/engine/project/step.rs",
          "gathered(g.f_mul(&walk.operand((index, 0), rows)?)?, shape)?", "gathered(g.f_mul(&walk.operand((index, 0), rows)?)?.f_mul_scalar(1.00001)?, shape)?", WALKS),
    Fault("rectified", "a smooth rectifier lets through what is negative", "src/engine/project/step.rs",
          "let signal = scaled(g.f_relu()?, gain)?;", "let signal = scaled(g.shallow_clone(), gain)?;", WALKS),
    Fault("held", "what a gate lets through of a unit is a hundred-thousandth too strong", "src/engine/patches/walk.rs",
          "return g.f_mul(&self.held(at)?);", "return g.f_mul(&self.held(at)?)?.f_mul_scalar(1.00001);", PATCHES),
]


def placed(fault, tree):
    """The file and its text, which has the fault's line once."""
    path = tree / fault.file
    text = path.read_text(encoding="utf-8")
    if text.count(fault.line) != 1:
        sys.exit(f"error: {fault.file} does not have this line once: {fault.line}")
    return path, text


def copy_tree():
    """Built with less optimisation, so that a change is compiled soon."""
    copied_tree.copy(TREE)
    levels = "".join(f"[profile.release.package.{package}]\nopt-level = 1\n" for package in copied_tree.packages())
    (TREE / ".cargo" / "config.toml").write_text(f"[profile.release]\nincremental = true\n{levels}", encoding="utf-8")


def run(tests, instructions):
    """The names of the tests that fail; None where something else went wrong."""
    command = [sys.executable, "scripts/run_tests.py", "--quick", "--only", tests, "--instructions", instructions]
    ended = subprocess.run(command, cwd=TREE, env=copied_tree.environment(BUILD), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    failed = re.findall(r"^test (\S+) \.\.\. FAILED", ended.stdout, re.M)
    if bool(failed) != bool(ended.returncode):
        sys.exit(f"{ended.stdout}\nerror: the tests could not be run")
    return failed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", type=lambda text: text.split(","), help="faults by name")
    parser.add_argument("--lines", action="store_true", help="only look whether the code has the lines")
    options = parser.parse_args()
    faults = [fault for fault in FAULTS if not options.only or fault.name in options.only]
    if options.lines:
        for fault in faults:
            placed(fault, copied_tree.ROOT)
        return
    settings = offered()
    copy_tree()
    copied_tree.seed(BUILD)
    for setting in settings:
        failed = run(",".join((WINDOWS, PATCHES, WALKS)), setting)
        if failed:
            sys.exit(f"error: without a fault {', '.join(failed)} fail with {setting}")
    print(f"| fault | {' | '.join(settings)} |\n| --- |{' --- |' * len(settings)}", flush=True)
    missed = 0
    for fault in faults:
        path, text = placed(fault, TREE)
        path.write_text(text.replace(fault.line, fault.faulty), encoding="utf-8")
        found = [run(fault.tests, setting) for setting in settings]
        path.write_text(text, encoding="utf-8")
        missed += sum(not names for names in found)
        told = (f"{len(names)}: {names[0]}" if names else "**not found**" for names in found)
        print(f"| {fault.name}: {fault.what} | {' | '.join(told)} |", flush=True)
    sys.exit(bool(missed))


if __name__ == "__main__":
    main()
