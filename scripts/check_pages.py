#!/usr/bin/env python3
"""Checks the pages of a run folder: dead links and anchors, pictures without a text alternative, outside requests,
double ids, scripts other than our own, and the front page's size. Usage: check_pages.py RUN [RUN …]; exit
code 1 with a list of faults."""

import json
import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

FRONT_PAGE_BYTES = 1_000_000
OUTSIDE = re.compile(r"^\s*(?:[a-z][a-z0-9+.-]*:)?//|^\s*(?!data:)[a-z][a-z0-9+.-]*:", re.I)
CSS_URL = re.compile(r"url\(\s*['\"]?([^'\")]+)|@import\s+['\"]?([^'\";]+)", re.I)
TEMPLATES = Path(__file__).parent.parent / "templates"
SCRIPTS = [(TEMPLATES / name).read_text(encoding="utf-8").strip() for name in ("maps.js", "sort.js")]
READINGS = re.compile(r"\(globalThis\.deconvscope \?\?= \{\}\)\[(.+?)\] = (\{[^<]*\});\n")
LINKING = {"href", "src", "poster", "data", "action", "formaction", "background", "xlink:href"}


class Page(HTMLParser):
    """What a page is made of, as far as the checks ask."""

    def __init__(self, text):
        super().__init__()
        self.ids, self.links, self.pictures, self.scripts, self.faults = [], [], [], [], []
        self.lang, self.headings, self.in_style, self.in_script = None, [], False, None
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.in_style = tag == "style"
        if tag == "html":
            self.lang = found.get("lang")
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "script":
            self.in_script = found.get("src", "")
            self.scripts += [found["src"]] if "src" in found else []
            if set(found) not in (set(), {"src", "defer"}):
                self.faults.append(f"<script> with other attributes than ours on line {self.getpos()[0]}")
        if tag in ("iframe", "object", "embed"):
            self.faults.append(f"<{tag}> on line {self.getpos()[0]}")
        if tag == "base":
            self.faults.append("<base> changes what links mean")
        if tag == "img":
            self.pictures.append(found.get("src", ""))
            if not (found.get("alt") or "").strip():
                self.faults.append(f"picture without a text alternative: {found.get('src')}")
            if not (found.get("width") and found.get("height")):
                self.faults.append(f"picture without width and height: {found.get('src')}")
        if found.get("role") == "img" and not (found.get("aria-label") or "").strip():
            self.faults.append(f"picture without a text alternative: <{tag}> on line {self.getpos()[0]}")
        if "id" in found:
            self.ids.append(found["id"])
        for name, value in attributes:
            if name.startswith("on"):
                self.faults.append(f"script in attribute {name} of <{tag}>")
            elif name in LINKING and value is not None:
                self.links.append(value)
            elif name == "srcset":
                self.links += [part.split()[0] for part in (value or "").split(",") if part.split()]
            elif name == "style":
                self.links += css_links(value or "")
            elif name in ("aria-labelledby", "aria-describedby", "for"):
                self.links += ["#" + part for part in (value or "").split()]

    def handle_endtag(self, tag):
        if tag == "script":
            self.in_script = None

    def handle_data(self, text):
        if self.in_style:
            self.links += css_links(text)
        if self.in_script is not None and (self.in_script or not is_ours(text)):
            self.faults.append(f"a script that is not ours on line {self.getpos()[0]}")


def is_ours(script):
    """Whether a script is one of the templates, or puts numbers under a name."""
    readings = READINGS.fullmatch(script.strip() + "\n")
    try:
        return script.strip() in SCRIPTS or bool(readings and [json.loads(part) for part in readings.groups()])
    except ValueError:
        return False


def css_links(text):
    return [first or second for first, second in CSS_URL.findall(text)]


def check(run):
    faults = []
    paths = sorted(run.rglob("*.html"))
    if not (run / "index.html").is_file():
        return [f"{run}: no index.html"], 0
    pages = {path.resolve(): Page(path.read_text(encoding="utf-8")) for path in paths}
    for path, page in pages.items():
        name = path.relative_to(run.resolve())
        page_faults = list(page.faults)
        if not page.lang:
            page_faults.append("no lang attribute")
        if 1 not in page.headings:
            page_faults.append("no h1")
        page_faults += [f"id '{name}' {page.ids.count(name)} times" for name in sorted(set(page.ids)) if page.ids.count(name) > 1]
        scripts = [path.parent / unquote(script) for script in page.scripts]
        page_faults += [f"{it.name} is not ours" for it in scripts if it.is_file() and not is_ours(it.read_text(encoding="utf-8"))]
        for link in page.links:
            page_faults += link_faults(path, page, link, pages, run)
        faults += [f"{name}: {fault}" for fault in page_faults]
    for path in sorted(run.rglob("*.css")) + sorted(run.rglob("*.svg")):
        text = path.read_text(encoding="utf-8")
        links = css_links(text) + re.findall(r"(?:href|src)\s*=\s*['\"]([^'\"]+)", text)
        name = path.relative_to(run)
        faults += [f"{name}: outside request {link}" for link in links if OUTSIDE.match(link)]
        if re.search(r"<script|\son[a-z]+\s*=", text):
            faults.append(f"{name}: script")
    front = pages[(run / "index.html").resolve()]
    size = (run / "index.html").stat().st_size + sum(
        (run / file).stat().st_size
        for file in {unquote(link) for link in front.pictures if not link.startswith("data:")} | {"assets/style.css"}
        if (run / file).is_file()
    )
    if size >= FRONT_PAGE_BYTES:
        faults.append(f"index.html: {size} bytes with its pictures, not under {FRONT_PAGE_BYTES}")
    print(f"{run}: {len(pages)} pages, front page {size} bytes with its pictures and style sheet")
    return faults, len(pages)


def link_faults(path, page, link, pages, run):
    if OUTSIDE.match(link):
        return [f"outside link or request: {link[:120]}"]
    if link.startswith("data:"):
        return []
    file, _, anchor = link.partition("#")
    target = path if not file else (path.parent / unquote(file)).resolve()
    if not target.is_file():
        return [f"dead link: {link}"]
    if not target.is_relative_to(run.resolve()):
        return [f"link out of the run folder: {link}"]
    if anchor and target in pages and unquote(anchor) not in pages[target].ids:
        return [f"dead anchor: {link}"]
    return []


def main(arguments):
    if not arguments:
        print(__doc__, file=sys.stderr)
        return 2
    faults = []
    for run in arguments:
        faults += check(Path(run))[0]
    for fault in faults:
        print(f"  {fault}", file=sys.stderr)
    print(f"{len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
