#!/usr/bin/env bash
# Makes the pictures of docs/ again: runs on the free photographs among the sample (scikit-image's), seen in headless
# Chromium. Needs `make build`, `python3 scripts/setup.py reference` (Pillow) and Chromium.
set -euo pipefail
cd "$(dirname "$0")/.."
deconvscope=$PWD/target/release/deconvscope
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
free=(astronaut.png camera.png chelsea.png coffee.png rocket.jpg)
mkdir "$work/photographs"
cp "${free[@]/#/datasets/sample/}" "$work/photographs"
select_rows() { grep -E "^(image|path|$(IFS='|'; echo "${free[*]}")),"; }
select_rows < datasets/sample/masks.csv > "$work/masks.csv"
select_rows < datasets/sample/labels.csv > "$work/labels.csv"

browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome)
picture() { # PAGE HEIGHT NAME
    "$browser" --headless --no-sandbox --disable-gpu --hide-scrollbars --no-first-run --user-data-dir="$work/browser" \
        --window-size="1280,$2" --screenshot="$work/shot.png" "file://$1" 2>"$work/browser.log"
    PYTHONPATH=.deps/pillow python3 -c '
import sys
from PIL import Image
Image.open(sys.argv[1]).convert("RGB").resize((960, int(sys.argv[3]) * 3 // 4), Image.LANCZOS).save(sys.argv[2], quality=82, optimize=True)
' "$work/shot.png" "docs/$3.jpg" "$2"
}

root=$PWD
cd "$work"
"$deconvscope" report photographs --masks masks.csv --labels labels.csv --detail all --out unmasked --quiet
"$deconvscope" report photographs --masks masks.csv --labels labels.csv --apply-masks face --detail all --out face --quiet
"$deconvscope" compare unmasked face --out comparison --quiet
for run in unmasked face; do "$deconvscope" archive "$run" --to archive --quiet >> sums.txt; done
"$deconvscope" index archive --quiet
cd "$root"
picture "$work/unmasked/index.html" 1500 report
picture "$work/comparison/index.html" 1300 compare
picture "$work/archive/index.html" 900 index
ls -l docs/*.jpg
