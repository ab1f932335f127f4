"""What a page says and shows: its text in pieces, the words of its links, what only a screen reader says, which figures
stand together, which picture stands under which description, and the numbers that its script reads."""

import base64
import functools
import json
import re
from collections import Counter
from html.parser import HTMLParser
from typing import NamedTuple
from urllib.parse import unquote, unquote_to_bytes

from .faults import Fault

# These do not end a piece of text; all other elements do.
INLINE = {"a", "abbr", "b", "bdi", "bdo", "cite", "code", "em", "i", "img", "mark", "q", "strong", "sub", "sup", "u", "wbr"}
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
# What is said of one thing: its figures must stay together. In a new page they may stand in other elements as well.
TOGETHER = {"tr", "li", "figure"}
WIDER = {"article", "dd", "div", "dl", "p", "section"}
# Files that a page is or shows.
DRAWN = {".html", ".svg", ".png", ".jpg", ".jpeg", ".webp", ".gif"}
SAID = ("alt", "aria-label", "title", "placeholder")


class Shown(NamedTuple):
    """A picture under its description: an address, or the SVG itself."""

    label: str
    address: str


class Page(HTMLParser):
    """What one page says and shows."""

    def __init__(self, path):
        super().__init__()
        self.texts, self.labels, self.links, self.shown, self.data = [], [], [], [], []
        self.together, self.wider = [], []
        self.path, self.title = path, ""
        self._text, self._link, self._open, self._stored, self._drawn, self._script = [], None, [], {}, None, None
        self._symbol = None
        self._source = path.read_text(encoding="utf-8")
        self._lines = [0, *(match.end() for match in re.finditer("\n", self._source))]
        self.feed(self._source)
        self.close()
        self._end_text()
        self.shown = [shown._replace(address=self._stored.get(shown.address, shown.address)) for shown in self.shown]

    def handle_starttag(self, tag, attributes):
        found = {name: value or "" for name, value in attributes}
        if tag not in INLINE:
            self._end_text()
        self._say(tag, found)
        if tag == "a" and "href" in found:
            self._link = []
        if tag == "script":
            self._script = [found.get("type", ""), ""]
            file = self.path.parent / unquote(found["src"]) if "src" in found else None
            if file and file.is_file():
                self._numbers(file.read_text(encoding="utf-8"))
        if tag == "symbol":
            self._symbol = found.get("id")
        if tag == "svg" and not self._drawn:
            self._drawn = (self._offset(), found.get("aria-label", ""), len(self.texts))
        if tag not in VOID:
            self._open.append((tag, [] if tag in TOGETHER | WIDER else None))

    def _say(self, tag, found):
        """Keeps what the attributes say and show."""
        self.labels += [" ".join(found[name].split()) for name in SAID if found.get(name, "").strip()]
        address = found.get("src") or found.get("href") or found.get("xlink:href", "")
        if tag == "img":
            self.shown.append(Shown(" ".join(found.get("alt", "").split()), address))
        elif tag == "image" and (found.get("id") or self._symbol):
            self._stored["#" + (found.get("id") or self._symbol)] = address
        elif tag in ("image", "use") and self._drawn and self._drawn[1]:
            self.shown.append(Shown(" ".join(self._drawn[1].split()), address))

    def _numbers(self, script):
        """Keeps the object of a script that does no more than give one a name."""
        named = re.fullmatch(r"\s*\(globalThis\.deconvscope .*?\] = (\{.*\});\s*", script, re.S)
        if named:
            self.data.append(json.loads(named[1]))

    def handle_endtag(self, tag):
        if tag not in INLINE:
            self._end_text()
        if tag == "a" and self._link is not None:
            self._keep(self.links, self._link)
            self._link = None
        if tag == "script":
            if self._script[0] == "application/json":
                self.data.append(json.loads(self._script[1]))
            else:
                self._numbers(self._script[1])
            self._script = None
        if tag == "symbol":
            self._symbol = None
        while any(tag == opened for opened, _ in self._open):
            opened, words = self._open.pop()
            if words:
                within = [parent for parent, _ in self._open[-1:]]
                firm = opened in TOGETHER or opened == "div" and within == ["dl"]
                (self.together if firm else self.wider).append(tuple(words))
            if opened == tag:
                break
        if tag == "svg" and self._drawn and not any(opened == "svg" for opened, _ in self._open):
            start, label, texts = self._drawn
            if len(self.texts) > texts:
                self.shown.append(Shown(" ".join(label.split()), self._source[start : self._offset()] + "</svg>"))
            self._drawn = None

    def handle_data(self, data):
        if self._open and self._open[-1][0] == "style":
            return
        if self._script is not None:
            self._script[1] += data
            return
        self._text.append(data)
        if self._link is not None:
            self._link.append(data)

    def _offset(self):
        line, column = self.getpos()
        return self._lines[line - 1] + column

    def _end_text(self):
        within = self._open[-1][0] if self._open else ""
        drawn = self._drawn and within in ("title", "desc")
        text = self._keep(self.labels if drawn else self.texts, self._text)
        self._text = []
        for _, words in self._open if text else ():
            if words is not None:
                words += text.split()
        if within == "title" and not drawn:
            self.title = self.title or text

    @staticmethod
    def _keep(pieces, parts):
        text = " ".join("".join(parts).split())
        if text:
            pieces.append(text)
        return text

    def picture(self, address):
        """The bytes behind an address, or the address itself where nothing is there."""
        if address.startswith("<svg"):
            return address.encode()
        if address.startswith("data:"):
            head, _, body = address.partition(",")
            return base64.b64decode(body) if head.endswith(";base64") else unquote_to_bytes(body)
        return stored((self.path.parent / unquote(address.partition("#")[0])).resolve()) or address.encode()


@functools.lru_cache(maxsize=512)
def stored(path):
    return path.read_bytes() if path.is_file() else None


def missing(old, new):
    """The pieces of the old that the new ones lack, each as often as it is lacking. What is no piece of its own is looked for
    in what is left of the new ones: a text may be cut otherwise."""
    left, lost = Counter(new), []
    for piece in old:
        if left[piece]:
            left[piece] -= 1
        else:
            lost.append(piece)
    if not lost:
        return []
    rest = []
    for piece in new:
        if left[piece]:
            left[piece] -= 1
            rest.append(piece)
    rest = f" {' '.join(rest)} "
    found = []
    for piece in sorted(lost, key=len, reverse=True):
        before, at, after = rest.partition(f" {piece} ")
        if at:
            rest = f"{before} \0 {after}"
        else:
            found.append(piece)
    return found


def torn(old, new):
    """What stood together in the old page and does in no element of the new one that is little larger."""
    left, lost = Counter(map(frozen, new.together)), []
    for words in old.together:
        key = frozen(words)
        if left[key]:
            left[key] -= 1
        else:
            lost.append(words)
    if not lost:
        return []
    places = [Counter(words) for words in new.together + new.wider]
    sizes = [sum(place.values()) for place in places]

    def stands(words):
        wanted = Counter(words)
        return any(size <= 3 * len(words) + 12 and wanted <= place for place, size in zip(places, sizes))

    return [" ".join(words) for words in lost if not stands(words)]


def frozen(words):
    return tuple(sorted(words))


def scalars(value):
    """The single values in JSON, as text."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return [single for part in value for single in scalars(part)]
    return [json.dumps(value)]


def is_chart(content):
    return content.lstrip()[:5] in (b"<svg ", b"<?xml")


def documents(run):
    """The paths of a run's pages by their path in it."""
    return {path.relative_to(run).as_posix(): path for path in sorted(run.rglob("*.html"))}


def pairs(old, new):
    """The name of each old page, the page, and the new one that stands for it: of its name, or else the one of its title, or
    else all of them as one."""
    theirs = documents(new)
    moved, together = None, None
    for name, path in documents(old).items():
        page = Page(path)
        if name in theirs:
            yield name, page, Page(theirs[name])
            continue
        if moved is None:
            moved = [Page(other) for other in theirs.values()]
        same = [other for other in moved if other.title == page.title]
        if len(same) != 1:
            together = together or Together(moved)
        yield name, page, same[0] if len(same) == 1 else together


def compare(name, old, new):
    """The faults of a page, and the pairs of charts that stand under the same description."""
    faults = [Fault(kind, name, text) for kind, ours, theirs in (
        ("text", old.texts, new.texts), ("label", old.labels, new.labels), ("link", old.links, new.links))
        for text in missing(ours, theirs)]
    faults += [Fault("row", name, text) for text in torn(old, new)]
    shown, charts = {}, []
    for label, address in new.shown:
        shown.setdefault(label, []).append(new.picture(address))
    for label, address in old.shown:
        content = old.picture(address)
        candidates = shown.get(label, [])
        if is_chart(content):
            match = next((other for other in candidates if other == content),
                         next((other for other in candidates if is_chart(other)), None))
        else:
            match = content if content in candidates else None
        if match is None:
            faults.append(Fault("shown", name, f"{label} ({'no chart' if is_chart(content) else 'not this picture'})"))
            continue
        candidates.remove(match)
        if is_chart(content):
            charts.append((address if len(address) < 200 else label, content, match))
    lost = Counter(text for data in old.data for text in scalars(data))
    lost -= Counter(text for data in new.data for text in scalars(data))
    if lost:
        faults.append(Fault("script", name, f"{sum(lost.values())} values that the script reads, as {next(iter(lost))}"))
    return faults, charts


class Together:
    """Several pages as one: where to look for what stood on a page that is no more."""

    def __init__(self, pages):
        self.texts, self.labels, self.links, self.together, self.wider, self.data = (
            [piece for page in pages for piece in getattr(page, name)]
            for name in ("texts", "labels", "links", "together", "wider", "data"))
        self.shown = [Shown(label, (page, address)) for page in pages for label, address in page.shown]

    @staticmethod
    def picture(address):
        page, address = address
        return page.picture(address)
