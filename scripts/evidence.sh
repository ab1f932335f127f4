#!/usr/bin/env bash
# From a fresh clone to an index of archived evidence: what hiding faces and lower bodies does to a network, on a folder
# of dogs and cats. The three uses of deconvscope in one sequence; docs/ explains each step.
#
#   scripts/evidence.sh DATASET [OUT]     DATASET holds cats/, dogs/ and masks.csv (regions face and lower_body);
#                                         by default dogs-vs-cats in DECONVSCOPE_PHOTOS. OUT: reports/evidence
set -euo pipefail
cd "$(dirname "$0")/.."
photos=${1:-${DECONVSCOPE_PHOTOS:+$DECONVSCOPE_PHOTOS/dogs-vs-cats}}
out=${2:-reports/evidence}
if [ ! -f "$photos/masks.csv" ]; then
    echo "usage: scripts/evidence.sh DATASET [OUT]; no masks.csv in '$photos'" >&2
    exit 2
fi
step() { printf '\n== %s\n' "$*" >&2; }

make build
deconvscope=target/release/deconvscope
masks=$photos/masks.csv

step "1. The replication: classes, projections, hidden regions, table 1, figures 5 and 7, and which claims held"
parts=datasets/dogs-vs-cats/parts.csv
"$deconvscope" replicate "$photos" --masks "$masks" --detail masked --parts "$parts" --invariance 5 \
    --out "$out/replication" --overwrite

step "2. Three ordinary runs of the photographs that have both regions: as they are, and with one of them hidden"
"$deconvscope" report "$photos" --masks "$masks" --detail masked --occlusion none --features none --out "$out/unmasked" --overwrite
"$deconvscope" report "$photos" --masks "$masks" --apply-masks face --detail all --occlusion none --features none --out "$out/face" --overwrite
"$deconvscope" report "$photos" --masks "$masks" --apply-masks lower_body --detail all --occlusion none --features none --out "$out/lower_body" --overwrite

step "3. Held against each other"
"$deconvscope" compare "$out/unmasked" "$out/face" --out "$out/compare-face" --overwrite
"$deconvscope" compare "$out/unmasked" "$out/lower_body" --out "$out/compare-lower_body" --overwrite
"$deconvscope" compare "$out/unmasked" "$out/face" "$out/lower_body" --out "$out/compare-all" --overwrite

step "4. Checked"
"$deconvscope" check "$out/unmasked" --rule "top1_accuracy >= 0.7" --rule "skipped <= 0" \
    --junit "$out/check/junit.xml" --markdown "$out/check/summary.md" --json "$out/check/check.json"
# The same rule must not hold with the faces hidden: exit code 4.
code=0
"$deconvscope" check "$out/face" --baseline "$out/unmasked" \
    --rule "top1_accuracy >= baseline - 0.02" || code=$?
[ "$code" = 4 ] || { echo "expected exit code 4 with the faces hidden, found $code" >&2; exit 1; }

step "5. Archived, verified, listed"
"$deconvscope" archive "$out/replication" "$out/unmasked" "$out/face" "$out/lower_body" --to "$out/archive" \
    | tee "$out/sha256sums.txt"
sha256sum --check --quiet "$out/sha256sums.txt"
while read -r digest file; do
    "$deconvscope" verify "$file" --expect "$digest"
done < "$out/sha256sums.txt"
"$deconvscope" index "$out/archive"
step "done: $out/compare-all/index.html, $out/archive/index.html"
