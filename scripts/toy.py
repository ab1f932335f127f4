#!/usr/bin/env python3
"""Holds what an experiment asks of the tree against a small one that is kept as a patch, tests/toy/experiment.patch: what it
touches, and what its report then has.

    python3 scripts/toy.py

The patch may make files, say words in both languages, and add one line to each of LISTS. It is applied to a copy of the tree
(target/toy), which is compiled without optimisation and makes a report of three photographs. Where it no longer applies:
git apply --3way tests/toy/experiment.patch, mend it, git add --intent-to-add the new files, git diff -U1.
"""

import csv
import json
import os
import re
import shutil
import subprocess
import sys

import copied_tree

ROOT = copied_tree.ROOT
PATCH = ROOT / "tests" / "toy" / "experiment.patch"
FOLDER = ROOT / "target" / "toy"
TREE, BUILD, PHOTOS, RUN = (FOLDER / name for name in ("tree", "build", "photos", "run"))

LISTS = {"src/experiments/lib.rs", "src/records/tables/mod.rs", "src/report/chapters/mod.rs"}
WORDS = {"templates/lang/en.toml", "templates/lang/ko.toml"}

PHOTOGRAPHS = ("tests/fixtures/formats/orientation-1.jpg", "tests/fixtures/formats/palette.png", "tests/fixtures/formats/lossy.webp")
ASKED, STEPS = 2, 3
OPTIONS = ["--brightness", str(ASKED), "--brightness-steps", str(STEPS)]
COLUMNS = ["image_id", "factor", "class", "probability", "first_class"]
PAGE, TABLE, TITLE = "pages/brightness.html", "data/brightness.csv", "Darker and brighter"


def must(holds, what):
    if not holds:
        sys.exit(f"error: {what}")


def touched():
    """Prints what the patch touches, and ends where it may not."""
    def applied(*how):
        listed = subprocess.run(["git", "apply", *how, PATCH], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
        return listed.stdout.splitlines()

    new = {line.split(maxsplit=3)[3] for line in applied("--summary") if line.startswith(" create mode ")}
    for line in applied("--numstat"):
        added, removed, file = line.split("\t")
        kind = "new" if file in new else "words" if file in WORDS else "list" if file in LISTS else "neither new nor a list"
        print(f"{added:>5} {removed:>2}  {file} ({kind})")
        must(file in new | WORDS | LISTS, f"an experiment may not touch {file}")
        must(removed == "0", f"an experiment may change no line of {file}")
        must(file not in LISTS or added == "1", f"an experiment may add one line to {file}")


def build():
    """The program with the experiment."""
    copied_tree.copy(TREE)
    copied_tree.seed(BUILD)
    # The copy lies in a repository that ignores it; git would leave it as it is.
    alone = dict(os.environ, GIT_CEILING_DIRECTORIES=str(FOLDER))
    subprocess.run(["git", "apply", PATCH], cwd=TREE, env=alone, check=True)
    fast = [word for package in copied_tree.packages() for word in ("--config", f"profile.release.package.{package}.opt-level=0")]
    command = [os.environ.get("CARGO", "cargo"), "build", "--locked", "--release", "--bin", "deconvscope", *fast]
    subprocess.run(command, cwd=TREE, env=copied_tree.environment(BUILD), check=True)
    return BUILD / "release" / "deconvscope"


def report(program, *options):
    network = ["--model", "tiny", "--weights", ROOT / "tests/fixtures/checkpoints/tiny.pth"]
    command = [program, "report", PHOTOS, *network, "--device", "cpu", "--occlusion", "none", "--features", "none", "--out", RUN, *options]
    return subprocess.run(command, cwd=FOLDER, capture_output=True, text=True, check=False)


def rows(name):
    with (RUN / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def check_table():
    """Two photographs in seven steps, the middle one as it is; and its figure."""
    found = rows(TABLE)
    must([list(row) for row in found] == [COLUMNS] * ASKED * (2 * STEPS + 1), f"{TABLE} has other rows or columns")
    first = {row["image_id"]: row for row in rows("data/predictions.csv") if row["condition"] == "original" and row["rank"] == "1"}
    photos = sorted({row["image_id"] for row in found})
    must(len(photos) == ASKED, f"{TABLE} has {len(photos)} photographs")
    for photo in photos:
        steps = [row for row in found if row["image_id"] == photo]
        factors = [float(row["factor"]) for row in steps]
        expected = [2.0 ** (2 * step / STEPS) for step in range(-STEPS, STEPS + 1)]
        must(all(abs(a / b - 1) < 1e-12 for a, b in zip(factors, expected, strict=True)), f"factors are {factors}")
        as_it_is, told = steps[STEPS], first[photo]
        must(as_it_is["class"] == as_it_is["first_class"] == told["class_name"], f"{photo}: another class is followed")
        must(abs(float(as_it_is["probability"]) - float(told["probability"])) < 1e-6, f"{photo}: another probability as it is")
        must(len({row["probability"] for row in steps}) > 1, f"{photo}: brightness changes nothing")
    changed = [row for row in found if float(row["factor"]) != 1]
    kept = sum(row["first_class"] == row["class"] for row in changed) / len(changed)
    metric = [float(row["value"]) for row in rows("data/metrics.csv") if row["metric"] == "brightness_kept"]
    must(metric == [kept], f"brightness_kept is {metric}, not {kept}")


def check_run():
    """Options and tables, as run.json and the page on provenance name them."""
    options = json.loads((RUN / "run.json").read_text(encoding="utf-8"))["options"]["experiments"]
    must(options == {"brightness": {"brightness": str(ASKED), "brightness_steps": STEPS}}, f"run.json has {options}")
    provenance = text_of("pages/provenance.html")
    for name in ("--brightness", "--brightness-steps", TABLE, ", ".join(COLUMNS)):
        must(name in provenance, f"provenance does not name {name}")


def check_chapter(link, title):
    """In the navigation and among what the report holds; with text, a chart a photograph and a table."""
    front, page = text_of("index.html"), text_of(PAGE)
    must(front.count(f'href="{PAGE}"') == 2, f"the front page does not link {PAGE} twice")
    must(f">{link}</a>" in front and f"<h1>{title}</h1>" in page, f"not called {link} and {title}")
    charts = re.findall(r'<img src="\.\./(assets/brightness/[^"]+\.svg)"', page)
    must(len(charts) == ASKED and all((RUN / chart).is_file() for chart in charts), f"charts: {charts}")
    must(page.count("<table") == 1 and page.count("<tr") == ASKED + 1, "no table of the photographs")
    for where in (front, page):
        # A text that is missing stands there as its key.
        keys = re.findall(r"\b(?:brightness|nav|front|common)\.(?!html|csv|svg)[a-z_]+", where)
        must(not keys, f"without words: {keys}")


def check_single_file():
    """The chapter as an article, its charts inside."""
    articles = text_of("report.html").split("<article")
    chapters = [article for article in articles if f"<h1>{TITLE}</h1>" in article]
    must(len(chapters) == 1, "the single file does not have the chapter once")
    must(chapters[0].count("data:image/svg+xml") == ASKED and "<table" in chapters[0], "the single file lacks charts or table")


def text_of(name):
    return (RUN / name).read_text(encoding="utf-8")


def check_refusal(program):
    """The run is not gone on with other options, and is told which."""
    for other, said in (([*OPTIONS[:2], "--brightness-steps", "4"], "--brightness-steps was 3 and is 4"), ([], "--brightness was 2 and is none")):
        ended = report(program, "--resume", "--single-file", *other)
        must(ended.returncode == 1 and said in ended.stderr, f"expected '{said}', code {ended.returncode}:\n{ended.stderr}")


def main():
    touched()
    program = build()
    for folder in (PHOTOS, RUN):
        shutil.rmtree(folder, ignore_errors=True)
    PHOTOS.mkdir()
    for name in PHOTOGRAPHS:
        shutil.copy(ROOT / name, PHOTOS)
    ended = report(program, "--single-file", *OPTIONS)
    must(ended.returncode == 0, f"code {ended.returncode}:\n{ended.stderr}")
    check_table()
    check_run()
    check_chapter("Brightness", TITLE)
    check_single_file()
    check_refusal(program)
    subprocess.run([sys.executable, ROOT / "scripts" / "check_pages.py", RUN], check=True)
    subprocess.run([program, "render", RUN, "--lang", "ko", "--quiet"], check=True)
    check_chapter("밝기", "어둡게, 밝게")
    print("the experiment has its options, table, figure, chart, chapter and provenance")


if __name__ == "__main__":
    main()
