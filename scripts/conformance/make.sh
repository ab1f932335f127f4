#!/usr/bin/env bash
# Writes what tests/conformance compares with: networks with seeded weights, onnxruntime's, PyTorch's and Captum's values, and
# pictures as torchvision, timm and Keras prepare them.
#
#   scripts/conformance/make.sh [FOLDER]   into target/conformance or FOLDER (5 GB), in an environment of its own,
#                                          .deps/golden (once 2.8 GB from the package index)
#   PYTHON=/path/to/python ...             in one that can import all of $modules below
#   DRAWN=2 ...                            so many networks of each family, drawn by lot for this commit
#
# Needs what `make setup` and `scripts/setup.py conformance-data` install. The same versions write the same bytes.
set -euo pipefail
cd "$(dirname "$0")/../.."

folder=${1:-target/conformance}
data=.deps/onnx/onnx/backend/test/data
judges=.deps/judges
judges_pins=requirements/inputs.txt
modules="torch, torchvision, captum, safetensors, numpy, PIL, onnx, onnxruntime"

for needed in "$data/light/light_zfnet512.onnx" datasets/sample/chelsea.png; do
    [ -f "$needed" ] || { echo "error: no $needed; run make setup and python3 scripts/setup.py conformance-data" >&2; exit 1; }
done

source scripts/reference_python.sh

rm -rf "$folder/light" "$folder/torchvision" "$folder/timm" "$folder/fine_tuned" "$folder/inputs"
# By which the tests know that networks are left out.
rm -f "$folder/drawn"
if [ -n "${DRAWN:-}" ]; then mkdir -p "$folder" && touch "$folder/drawn"; fi
"$python" -W ignore scripts/conformance/light.py "$data" "$folder"
"$python" -W ignore scripts/conformance/torchvision_networks.py "$folder"
"$python" -W ignore scripts/conformance/fine_tuned.py "$folder"

# timm and Keras beside it, without what they only need for other things.
if ! cmp -s "$judges_pins" "$judges/installed-from"; then
    rm -rf "$judges"
    "$python" -m pip install --quiet --disable-pip-version-check --only-binary=:all: --no-deps --require-hashes --target "$judges" -r "$judges_pins"
    cp "$judges_pins" "$judges/installed-from"
fi
PYTHONPATH=$judges "$python" -W ignore scripts/conformance/timm_networks.py "$folder"
PYTHONPATH=$judges "$python" -W ignore scripts/conformance/inputs.py "$folder"
