#!/usr/bin/env bash
# Looks at the pages of a report, a comparison or an index of archives in headless Chromium: pictures at 1280 and 390
# pixels width (and the front page in the dark), and a fault where a page writes errors to the console or is wider than
# the window. And as a strict server shows them: nothing may stand elsewhere there (scripts/look_policy.py), and no page or
# chart may have a style or a script inside, but a whole report in one file.
# Usage: scripts/look.sh FOLDER [OUT_DIR]; exit code 1 where a page is at fault.
set -u
run=${1:?usage: scripts/look.sh RUN [OUT_DIR]}
out=${2:-$run/../look-$(basename "$run")}
if [ ! -f "$run/index.html" ]; then
  echo "look: $run/index.html is missing: make the report first" >&2
  exit 1
fi
browser=""
for name in ${CHROMIUM:-} chromium chromium-browser google-chrome google-chrome-stable; do
  if command -v "$name" >/dev/null 2>&1; then browser=$name && break; fi
done
if [ -z "$browser" ]; then
  echo "look: no Chromium found: install it (apt-get install chromium fonts-noto-cjk) or name one in CHROMIUM" >&2
  exit 1
fi
run=$(cd "$run" && pwd)
mkdir -p "$out" && out=$(cd "$out" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
faults=0

# A page in an iframe of the wanted width, in a wrapper that measures it: Chromium's own window is never narrower than
# 500 pixels. The wrapper is ours, and no part of the pages.
wrapper() { # URL WIDTH
  cat <<HTML
<!doctype html><meta charset="utf-8"><title>waiting</title><style>html,body{margin:0}iframe{border:0;display:block}</style>
<iframe id="page" src="$1" width="$2" height="800"></iframe>
<script>
const frame = document.getElementById("page");
frame.onload = () => {
  const inner = frame.contentDocument, root = inner.documentElement;
  for (const image of inner.images) image.loading = "eager";
  const broken = () => [...inner.images].filter(image => !image.complete || image.naturalWidth === 0).length;
  const done = () => {
    frame.height = root.scrollHeight;
    document.title = ["measured", root.scrollWidth, root.clientWidth, root.scrollHeight, broken()].join(" ");
  };
  let looks = 0;
  const wait = () => [...inner.images].every(image => image.complete) || ++looks > 50 ? done() : setTimeout(wait, 100);
  wait();
};
</script>
HTML
}

# A browser that a signal has ended has told nothing about the page: it is started again, twice at most.
chromium_run() {
  local tries=1 status
  while true; do
    timeout 120 "$browser" --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --hide-scrollbars \
      --disable-background-networking --disable-component-update --disable-sync --disable-dev-shm-usage \
      --allow-file-access-from-files --user-data-dir="$work/profile" --enable-logging=stderr \
      --force-device-scale-factor=1 --virtual-time-budget=20000 "$@" 2>"$work/log"
    status=$?
    if [ "$status" -le 128 ] || [ "$tries" -ge 3 ]; then return "$status"; fi
    echo "look: signal $((status - 128)) ended the browser: it is started again" >&2
    rm -rf "$work/profile"
    tries=$((tries + 1))
  done
}

look() { # NAME PAGE WIDTH [more chromium options]
  local name=$1 page=$2 width=$3 dom measured scroll client height broken
  shift 3
  if [ ! -f "$run/$page" ]; then
    echo "look: $page is missing" >&2
    faults=$((faults + 1))
    return
  fi
  wrapper "file://$run/$page" "$width" >"$work/page.html"
  dom=$(chromium_run "$@" --window-size="$width,800" --dump-dom "file://$work/page.html")
  measured=$(printf '%s' "$dom" | sed -n 's/.*<title>measured \([0-9 ]*\)<\/title>.*/\1/p' | head -n 1)
  read -r scroll client height broken <<<"$measured"
  if [ -z "${height:-}" ]; then
    echo "$name: the page did not load" >&2
    faults=$((faults + 1))
    return
  fi
  if grep -E 'CONSOLE|ERR_' "$work/log" | grep -v "$work/page.html" >"$work/console"; then
    echo "$name: console:" >&2 && cat "$work/console" >&2
    faults=$((faults + 1))
  fi
  if [ "$scroll" -gt "$client" ]; then
    echo "$name: $scroll pixels wide in a window of $client" >&2
    faults=$((faults + 1))
  fi
  if [ "$broken" -gt 0 ]; then
    echo "$name: $broken pictures did not load" >&2
    faults=$((faults + 1))
  fi
  if [ "$height" -gt 12000 ]; then height=12000; fi
  chromium_run "$@" --window-size="$width,$height" --screenshot="$out/$name.png" "file://$work/page.html" >/dev/null
  echo "$name: $width × $height → $out/$name.png"
}

first() { (cd "$run" && find "$@" -name '*.html' 2>/dev/null | LC_ALL=C sort | head -n 1); }
# The pages of the navigation; and a photo, the one that the front page opens with, a layer's and a map's features, or a
# series of an index of archives.
navigation=$(sed -n '/<header/,/<\/header>/p' "$run/index.html" | grep -o 'href="[^"#]*\.html"' | sed 's/href="//; s/"//' | grep -v '^index\.html$')
photo=$(grep -o 'class="more" href="pages/photos/[^"]*' "$run/index.html" | head -n 1 | sed 's/.*href="//')
photo=${photo:-$(first pages/photos)}
occlusion=$(first pages/occlusion)
maps=$(first pages/features -maxdepth 1)
map=$(first pages/features -mindepth 2)
series=$(cd "$run" && find index -name "series-*.html" 2>/dev/null | LC_ALL=C sort | head -n 1)

for width in 1280 390; do
  look "index-$width" index.html "$width"
  if [ -n "$photo" ]; then look "photo-$width" "$photo" "$width"; fi
  if [ -n "$occlusion" ]; then look "occlusion-photo-$width" "$occlusion" "$width"; fi
  if [ -n "$maps" ]; then look "features-layer-$width" "$maps" "$width"; fi
  if [ -n "$map" ]; then look "features-map-$width" "$map" "$width"; fi
  if [ -n "$series" ]; then look "series-$width" "$series" "$width"; fi
  for page in $navigation; do
    look "$(basename "$page" .html)-$width" "$page" "$width"
  done
  look "index-dark-$width" index.html "$width" --blink-settings=preferredColorScheme=0
done

while read -r file; do
  if ! grep -q 'class="single-page"' "$run/$file"; then
    inside=$((${inside:-0} + 1))
    if [ "$inside" -le 10 ]; then echo "$file: a style or a script inside" >&2; fi
  fi
done < <(cd "$run" && grep -rlE 'style=|<style|<script>' --include='*.html' --include='*.svg' . | LC_ALL=C sort)
if [ "${inside:-0}" -gt 0 ]; then
  echo "look: $inside pages and charts with a style or a script inside" >&2
  faults=$((faults + 1))
fi
if ! python3 "$(dirname "$0")/look_policy.py" "$run"; then faults=$((faults + 1)); fi

echo "look: $faults faults"
[ "$faults" -eq 0 ]
