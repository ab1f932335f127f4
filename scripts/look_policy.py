#!/usr/bin/env python3
"""Looks at pages as a strict server shows them, with no style or script but files of its own: look_policy.py RUN

Jenkins serves what a job leaves under POLICY. Boxes on photographs, patches cut out of sheets, bars and swatches must be at
the same places there, and painted the same, as without it. Headless Chromium loads some pages of every folder of RUN both
ways, its scripts switched off, and each element of WATCHED is compared.

    --as OLD    instead: boxes and patches of RUN under the policy lie where those of OLD, another run of the same, lie
                without it, as parts of their pictures
    --pages N   of each folder [3]; those that show masked photographs come first

Exit code 1 where something differs. Needs Chromium (or another that CHROMIUM names) and Python's standard library alone.
"""

import argparse
import csv
import functools
import http.server
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from urllib.parse import quote

POLICY = "sandbox allow-same-origin; default-src 'none'; img-src 'self'; style-src 'self';"
# What is watched, by CSS selectors, and what a picture's own parts lie in.
WATCHED = {
    "picture": ".pic",
    "image": ".pic > img, .pic image, .pic use",
    "box": ".box",
    "bar": ".bars i, .bars svg, .bars rect, .bar i, .bar svg, .bar img, meter, progress",
    "swatch": ".swatches i, .swatches svg, .swatches rect",
    "cell": ".matrix td",
    "tile": ".tile, .card, .chart img, .plot",
}
PICTURE = ".pic"
# What a reader may choose, and what is in another order then.
CHOICE, SORTED = ".sort input", ".sheets > li"
PAINT = ["background-color", "background-image", "background-size", "background-position", "fill"]
NEAR_PX = 0.5
# --as compares parts of pictures, which may have another size.
NEAR_PART = 0.005
WIDTH_PX, HEIGHT_PX = 1280, 800
# Browsers started for one page at most.
TRIES = 3
# Lines printed at most.
SHOWN = 60
BROWSERS = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]

MEASURE = """(async () => {
  const images = [...document.images];
  for (const image of images) image.loading = "eager";
  await Promise.all(images.map(image => image.decode().catch(() => {})));
  const rect = (element) => {
    const { x, y, width, height } = element.getBoundingClientRect();
    return [x + scrollX, y + scrollY, width, height];
  };
  const found = [];
  const watch = (name, selector) => {
    for (const element of document.querySelectorAll(selector)) {
      const style = getComputedStyle(element), after = getComputedStyle(element, "::after");
      const paint = PAINT.map(property => style.getPropertyValue(property).replaceAll(location.origin, ""));
      if (after.content !== "none") paint.push("mark at " + after.left);
      const within = element.parentElement.closest(PICTURE);
      found.push({ name, rect: rect(element), paint: paint.join(" "), within: within && rect(within) });
    }
  };
  for (const [name, selector] of Object.entries(WATCHED)) watch(name, selector);
  for (const choice of document.querySelectorAll(CHOICE)) {
    choice.checked = true;
    watch("choice", SORTED);
  }
  return found;
})()"""


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves a folder, under a policy or none."""

    def __init__(self, *request, policy=None, **options):
        self.policy = policy
        super().__init__(*request, **options)

    def end_headers(self):
        if self.policy:
            self.send_header("Content-Security-Policy", self.policy)
        super().end_headers()

    def log_message(self, *_):
        pass


def serve(folder, policy):
    """The address of a server of this folder, which ends with the program."""
    handler = functools.partial(Handler, directory=str(folder), policy=policy)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"


class BrowserEnded(Exception):
    """Chromium crashed or was killed."""


class Browser:
    """One tab of a headless Chromium, told what to do through two pipes in the DevTools protocol."""

    def __init__(self, program, profile):
        theirs_in, self.to = os.pipe()
        self.source, theirs_out = os.pipe()
        arguments = [program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                     "--hide-scrollbars", "--disable-background-networking", "--disable-component-update", "--disable-sync",
                     "--disable-dev-shm-usage", "--force-device-scale-factor=1", f"--user-data-dir={profile}",
                     "--remote-debugging-pipe", "about:blank"]
        # Chromium reads descriptor 3 and writes 4.
        shell = f'exec "$@" 3<&{theirs_in} 4>&{theirs_out}'
        self.process = subprocess.Popen(["bash", "-c", shell, "bash", *arguments], pass_fds=(theirs_in, theirs_out),
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(theirs_in)
        os.close(theirs_out)
        self.pending, self.number, self.session = b"", 0, None
        target = next(t for t in self.ask("Target.getTargets")["targetInfos"] if t["type"] == "page")["targetId"]
        self.session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.ask("Page.enable")
        self.ask("Emulation.setScriptExecutionDisabled", value=True)
        self.ask("Emulation.setDeviceMetricsOverride", width=WIDTH_PX, height=HEIGHT_PX, deviceScaleFactor=1, mobile=False)

    def receive(self):
        while b"\0" not in self.pending:
            more = os.read(self.source, 1 << 20)
            if not more:
                raise BrowserEnded
            self.pending += more
        message, _, self.pending = self.pending.partition(b"\0")
        return json.loads(message)

    def ask(self, method, event=None, **parameters):
        """The answer to a command, after an event where one is named."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.to, json.dumps(message).encode() + b"\0")
        answer, seen = None, event is None
        while answer is None or not seen:
            found = self.receive()
            seen = seen or found.get("method") == event
            if found.get("id") == self.number:
                answer = found
        if "error" in answer:
            sys.exit(f"look_policy: {method}: {answer['error']['message']}")
        return answer["result"]

    def measure(self, address):
        self.ask("Page.navigate", event="Page.loadEventFired", url=address)
        names = {"WATCHED": WATCHED, "PAINT": PAINT, "PICTURE": PICTURE, "CHOICE": CHOICE, "SORTED": SORTED}
        script = "".join(f"const {name} = {json.dumps(value)}; " for name, value in names.items())
        found = self.ask("Runtime.evaluate", expression=f"{{ {script}{MEASURE} }}", awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in found:
            sys.exit(f"look_policy: {address}: {found['exceptionDetails']}")
        return found["result"]["value"]

    def close(self):
        self.process.terminate()
        self.process.wait()


class Looker:
    """Measures pages; a browser that has ended has told nothing about the page, so that another takes its place."""

    def __init__(self, program):
        self.program, self.browser, self.profile = program, None, None

    def measure(self, address):
        for tries in range(TRIES):
            try:
                if not self.browser:
                    self.profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
                    self.browser = Browser(self.program, self.profile.name)
                return self.browser.measure(address)
            except (BrowserEnded, BrokenPipeError):
                print(f"look_policy: Chromium has ended at {address}", file=sys.stderr)
                self.close()
        sys.exit(f"look_policy: Chromium ended {TRIES} times at {address}")

    def close(self):
        if self.browser:
            self.browser.close()
        if self.profile:
            self.profile.cleanup()
        self.browser = self.profile = None


def pages(run, count):
    """So many pages of each folder; those named after photographs with masks first."""
    table, masked = run / "data/masks.csv", set()
    if table.is_file():
        with open(table, newline="", encoding="utf-8") as file:
            masked = {row["image_id"] for row in csv.DictReader(file)}
    folders = {}
    for path in sorted(run.rglob("*.html"), key=lambda path: (path.stem not in masked, path)):
        folders.setdefault(path.parent, []).append(path)
    listed = {run: [run / "index.html"], run / "pages": sorted((run / "pages").glob("*.html"))}
    return [path.relative_to(run).as_posix() for folder, paths in sorted(folders.items())
            for path in listed.get(folder, paths[:count])]


def elsewhere(ours, theirs):
    return any(abs(a - b) > NEAR_PX for a, b in zip(ours["rect"], theirs["rect"]))


def otherwise(ours, theirs):
    return ours["paint"] != theirs["paint"]


def part(element):
    """Where in its picture an element lies."""
    (x, y, width, height), (left, top, wide, high) = element["rect"], element["within"]
    return [(x - left) / wide, (y - top) / high, width / wide, height / high]


def elsewhere_in_picture(ours, theirs):
    return any(abs(a - b) > NEAR_PART for a, b in zip(part(ours), part(theirs)))


def differences(without, under, of_old):
    """What differs between two measurements of a page, in words; `of_old`: what lies in pictures alone is compared, and the
    place in them."""
    def named(name, elements):
        return [element for element in elements if element["name"] == name
                and (not of_old or element["within"] and min(element["within"][2:]) > 0)]

    for name in [*WATCHED, "choice"]:
        ours, theirs = named(name, without), named(name, under)
        if len(ours) != len(theirs):
            yield f"{name}: {len(ours)} without the policy, {len(theirs)} under it"
            continue
        differ = elsewhere_in_picture if of_old else elsewhere
        off = [pair for pair in zip(ours, theirs) if differ(*pair)]
        if off:
            here, there = ([round(value, 1) for value in element["rect"]] for element in off[0])
            yield f"{name}: {len(off)} of {len(ours)} lie elsewhere, as {here} at {there}"
        off = [] if of_old else [pair for pair in zip(ours, theirs) if otherwise(*pair)]
        if off:
            here, there = (element["paint"][:90] for element in off[0])
            yield f"{name}: {len(off)} of {len(ours)} are painted otherwise, as {here} in {there}"


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path)
    parser.add_argument("--as", dest="old", type=Path, metavar="OLD")
    parser.add_argument("--pages", type=int, default=3, metavar="N")
    return parser.parse_args()


def main():
    options = parse_arguments()
    program = next(filter(None, map(shutil.which, [os.environ.get("CHROMIUM") or "", *BROWSERS])), None)
    if not program:
        sys.exit("look_policy: no Chromium found: install it or name one in CHROMIUM")
    old = options.old or options.run
    without, under = serve(old, None), serve(options.run, POLICY)
    found, watched, looked = [], 0, 0
    looker = Looker(program)
    try:
        for page in pages(options.run, options.pages):
            if (old / page).is_file():
                plain, strict = (looker.measure(f"{server}/{quote(page)}") for server in (without, under))
                found += [f"{page}: {line}" for line in differences(plain, strict, bool(options.old))]
                looked, watched = looked + 1, watched + len(plain)
    finally:
        looker.close()
    for line in found[:SHOWN] + [f"… and {len(found) - SHOWN} more"] * (len(found) > SHOWN):
        print(line, file=sys.stderr)
    if not watched:
        print("nothing was found to watch: have class names changed?", file=sys.stderr)
    print(f"look_policy: {looked} pages, {watched} elements watched, {len(found)} faults")
    return 1 if found or not watched else 0


if __name__ == "__main__":
    sys.exit(main())
