#!/usr/bin/env python3
"""Counts the lines of code of a checkout, room by room: code_lines.py [FOLDER]

In Rust what is neither blank nor a comment, tests apart: files and folders named `tests`, and what follows `#[cfg(test)]`. In
templates, words apart (lang/), what is not blank. And the longest function of src/commands. Needs Python's standard library
alone.
"""

import re
import sys
from collections import Counter
from pathlib import Path

FUNCTION = re.compile(r"^( *)(?:pub(?:\([a-z ]+\))? )?(?:const )?(?:unsafe )?fn (\w+)")


def without_tests(lines):
    """The lines without the items that `#[cfg(test)]` stands before, which rustfmt has indented."""
    lines = iter(lines)
    for line in lines:
        if line.strip() != "#[cfg(test)]":
            yield line
            continue
        indent = line[: line.index("#")]
        for line in lines:
            if line == indent + "}" or line.startswith(indent + "mod ") and line.endswith(";"):
                break


def code(lines):
    return [line for line in lines if line.strip() and not line.strip().startswith("//")]


def source(path):
    return code(without_tests(path.read_text(encoding="utf-8").splitlines()))


def is_test(path):
    return "tests" in path.parts or path.name == "tests.rs"


def functions(lines):
    """Each function's name and how many lines of code it has, from its signature to its closing brace."""
    for start, line in enumerate(lines):
        found = FUNCTION.match(line)
        if not found:
            continue
        end = next((at for at in range(start, len(lines)) if lines[at] == found[1] + "}"), start)
        yield found[2], end + 1 - start


def main():
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[1]
    src = root / "src"
    files = {path: source(path) for path in sorted(src.rglob("*.rs")) if not is_test(path.relative_to(root))}
    if not files:
        sys.exit(f"code_lines: no Rust below {src}")
    rooms = Counter()
    for path, lines in files.items():
        inside = path.relative_to(src).parts
        rooms[inside[0] if len(inside) > 1 else "(src itself)"] += len(lines)
    for room, count in sorted(rooms.items()):
        print(f"{count:7,}  {room}")
    print(f"{sum(rooms.values()):7,}  src")
    templates = [path for path in sorted((root / "templates").rglob("*")) if path.is_file() and path.parent.name != "lang"]
    count = sum(bool(line.strip()) for path in templates for line in path.read_text(encoding="utf-8").splitlines())
    print(f"{count:7,}  templates, without lang")
    longest = max(((count, name, path) for path, lines in files.items() if path.is_relative_to(src / "commands")
                   for name, count in functions(lines)), default=None)
    if longest:
        print(f"{longest[0]:7,}  the longest function of src/commands: {longest[1]} in {longest[2].relative_to(root)}")


if __name__ == "__main__":
    main()
