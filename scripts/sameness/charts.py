"""A chart as SVG, held against another that may have other ticks, another style or another frame: the words on it must be
the same, and so must the numbers that its marks stand for, read off its own axes.

An axis is found again from the ticks: numbers in a row below the marks, or in a column left of them, that lie on a line, or
on one after taking logarithms. A direction without one holds names, and marks must lie at the same pixels.
"""

import math
import re
from collections import Counter
from html.parser import HTMLParser
from itertools import combinations

NUMBER = re.compile(r"[+\-−]?(\d[\d.,]*)(?:e([+\-−]?\d+))?\s?[%°×]?$")
# How far a tick may lie from its axis and a mark from where it was, in pixels of the coarser chart.
NEAR_PX = 1.5
MARK_PX = 2.5
# Between a dot of a legend and its words.
LEGEND_PX = 24
SAME, DRAWN_OTHERWISE, TICKS_MOVED, ROUNDED = (
    "the same bytes", "the same labels and marks, drawn otherwise", "other ticks, the same numbers",
    "other ticks, the same numbers within what ticks are rounded to")


def number(text):
    """The value of a tick and half a unit of its last digit; None where it is a word."""
    found = NUMBER.match(text)
    if not found:
        return None
    sign = -1 if text[0] in "-−" else 1
    digits, exponent = found[1].rstrip(".,").replace(",", ""), int((found[2] or "0").replace("−", "-"))
    decimals = len(digits.partition(".")[2])
    return sign * float(digits) * 10.0**exponent, 0.5 * 10.0 ** (exponent - decimals)


class Chart(HTMLParser):
    """Labels (text, x, y, anchor) and marks (kind, points) of an SVG; lines of one pixel's width are rules, and no marks."""

    def __init__(self, svg):
        super().__init__()
        self.labels, self.marks, self.text = [], [], None
        self.feed(svg)
        self.marks = [mark for mark in self.marks if not self.in_legend(mark)]

    def in_legend(self, mark):
        """Whether a dot stands before a word."""
        kind, ((x, y), *_) = mark
        return kind == "circle" and any(0 < at - x < LEGEND_PX and abs(up - y) < 1
                                        for text, at, up, _ in self.labels if not number(text))

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)

        def at(*names):
            return tuple(float(found.get(name) or 0) for name in names)

        if tag == "text":
            self.text = ["", *at("x", "y"), found.get("text-anchor", "start")]
        elif tag == "circle":
            self.marks.append((tag, [at("cx", "cy")]))
        elif tag == "rect":
            x, y, width, height = at("x", "y", "width", "height")
            self.marks.append((tag, [(x, y), (x + width, y + height)]))
        elif tag in ("polyline", "polygon", "line") and found.get("stroke-width", "1") != "1":
            numbers = [float(part) for part in re.findall(r"[^\s,]+", found.get("points") or "")]
            points = list(zip(numbers[::2], numbers[1::2])) or [at("x1", "y1"), at("x2", "y2")]
            self.marks.append(("line", points))

    def handle_data(self, data):
        if self.text:
            self.text[0] += data

    def handle_endtag(self, tag):
        if tag == "text" and self.text:
            self.labels.append((" ".join(self.text[0].split()), *self.text[1:]))
            self.text = None

    def words(self):
        return Counter(text for text, *_ in self.labels if not number(text))

    def ticks(self, direction):
        """The ticks across (0) or up (1), in the row or column that most of them share, as (pixel, value, rounding)."""
        anchor, rows = ("middle", "end")[direction], {}
        ends = [point[1 - direction] for _, points in self.marks for point in points]
        for text, *place, how in self.labels:
            beyond = place[1] > max(ends, default=0) if direction == 0 else place[0] < min(ends, default=place[0] + 1)
            if how == anchor and beyond and number(text):
                rows.setdefault(place[1 - direction], []).append((place[direction], *number(text)))
        return sorted(max(rows.values(), key=len, default=[]))

    def scale(self, direction, logarithmic):
        """The axis as (value at pixel 0, value a pixel, rounding in pixels), through the two ticks that all others lie in line
        with; the first and the last across may have been moved to stay on the sheet."""
        of = math.log10 if logarithmic else float
        ticks = self.ticks(direction)
        if logarithmic and any(value <= 0 for _, value, _ in ticks):
            return None
        best, most = None, max(2, len(ticks) - (2 if direction == 0 else 0)) - 1
        for (px_a, a, off_a), (px_b, b, off_b) in combinations(ticks, 2):
            slope = (of(b) - of(a)) / (px_b - px_a) if px_a != px_b else 0
            if not slope:
                continue
            near = sum(abs((of(value) - of(a)) / slope + px_a - px) <= NEAR_PX for px, value, _ in ticks)
            if near > most:
                off = max(off_a / abs(a) / math.log(10), off_b / abs(b) / math.log(10)) if logarithmic else max(off_a, off_b)
                best, most = (of(a) - slope * px_a, slope, off / abs(slope)), near
        return best

    def data_numbers(self, axes):
        """The numbers that no axis has, as in bars with their values beside them."""
        ticks = [tick for direction in (0, 1) if axes[direction] for tick in self.ticks(direction)]
        left = Counter(text for text, *_ in self.labels if number(text))
        for _, value, rounding in ticks:
            left.subtract([text for text in list(left) if number(text) == (value, rounding) and left[text] > 0][:1])
        return +left


def shared(old, new, direction, logarithmic):
    """The scales of both charts, or None. One that has too few ticks for a scale has the other's, if they fit it."""
    scales = [chart.scale(direction, logarithmic) for chart in (old, new)]
    of = math.log10 if logarithmic else float
    for at, chart in enumerate((old, new)):
        other = scales[1 - at]
        if scales[at] is None and other and all(value > 0 or not logarithmic for _, value, _ in chart.ticks(direction)):
            near = all(abs((of(value) - other[0]) / other[1] - px) <= NEAR_PX for px, value, _ in chart.ticks(direction))
            scales[at] = other if near else None
    return scales if all(scales) else None


def apart(old, new, axes):
    """How far marks are apart at most, in pixels of the coarser chart beyond what its ticks are rounded to, and without
    that; None where they are not the same in number and kind."""
    if [(kind, len(points)) for kind, points in old.marks] != [(kind, len(points)) for kind, points in new.marks]:
        return None
    strict = lenient = 0.0
    for (_, ours), (_, theirs) in zip(old.marks, new.marks):
        for pair in zip(ours, theirs):
            for direction, scales in enumerate(axes):
                px, to = (point[direction] for point in pair)
                rounding = 0.0
                if scales:
                    (base, slope, off), (other_base, other_slope, other_off) = scales
                    pixel = max(abs(slope), abs(other_slope))
                    distance = abs(base + slope * px - other_base - other_slope * to) / pixel
                    rounding = (off * abs(slope) + other_off * abs(other_slope)) / pixel
                else:
                    distance = abs(px - to)
                strict, lenient = max(strict, distance), max(lenient, distance - rounding)
    return lenient, strict


def held_against(old_svg, new_svg):
    """What two charts have in common, as one of the sentences above, and what differs, if anything does."""
    if old_svg == new_svg:
        return SAME, None
    old, new = Chart(old_svg), Chart(new_svg)
    if old.words() != new.words():
        lost, more = old.words() - new.words(), new.words() - old.words()
        return None, f"labels lost: {sorted(lost.elements())}; new: {sorted(more.elements())}"
    if sorted(old.labels) == sorted(new.labels) and (plain := apart(old, new, (None, None))) and plain[1] <= 0.5:
        return DRAWN_OTHERWISE, None
    verdict = "no axis fits both: other numbers at the same places"
    for kinds in ((False, False), (True, False), (False, True), (True, True)):
        axes = [shared(old, new, direction, kind) for direction, kind in enumerate(kinds)]
        if old.data_numbers(axes) != new.data_numbers(axes):
            continue
        distance = apart(old, new, axes)
        if distance is None:
            return None, f"{len(old.marks)} marks, now {len(new.marks)}, or others"
        if distance[1] <= MARK_PX:
            return TICKS_MOVED, None
        if distance[0] <= MARK_PX:
            return ROUNDED, None
        verdict = f"marks are up to {distance[0]:.0f} pixels away from the numbers that they stood for"
    return None, verdict
