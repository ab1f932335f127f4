#!/usr/bin/env bash
# Whether processors of other makers and kinds give the same bytes under one --instructions: the program is run here and in
# qemu's emulation of an Intel Haswell (AVX2) and an Intel Nehalem (SSE4.2), and the run folders are compared file by file, all
# but run.json, whose `execution` tells what was in force.
# Usage: scripts/emulated.sh FOLDER_OF_PHOTOGRAPHS; needs qemu-x86_64 (Debian's qemu-user). Exit code 1 where a file differs.
set -euo pipefail
photographs=$(realpath "${1:?usage: scripts/emulated.sh FOLDER_OF_PHOTOGRAPHS}")
cd "$(dirname "$0")/.."
program=$PWD/target/release/deconvscope
tiny=(--model tiny --weights "$PWD/tests/fixtures/checkpoints/tiny.pth")
bare=(--features none --occlusion none --limit 1)
command -v qemu-x86_64 >/dev/null || { echo "error: no qemu-x86_64; install qemu-user" >&2; exit 1; }
[ -x "$program" ] || { echo "error: no $program; run make build" >&2; exit 1; }
runs=$(mktemp -d)
trap 'rm -rf "$runs"' EXIT
differ=0

# compare NAME CPU INSTRUCTIONS OPTION...
compare() {
    local name=$1 cpu=$2 instructions=$3
    shift 3
    local line=(report "$photographs" --threads 1 --quiet --instructions "$instructions" "$@")
    "$program" "${line[@]}" --out "$runs/$name-here"
    # Emulation warns at every start of what it cannot emulate.
    qemu-x86_64 -cpu "$cpu" "$program" "${line[@]}" --out "$runs/$name-$cpu" 2>"$runs/said" || { cat "$runs/said" >&2; exit 1; }
    local files
    files=$(diff -rq "$runs/$name-here" "$runs/$name-$cpu" | grep -cv '/run.json ' || true)
    echo "$name, --instructions $instructions, here and on an emulated $cpu: $files files differ"
    [ "$instructions" = auto ] || differ=$((differ + files))
}

compare tiny Haswell avx2 "${tiny[@]}"
compare tiny-least Nehalem sse41 "${tiny[@]}"
compare squeezenet Haswell avx2 "${bare[@]}"
compare squeezenet-auto Haswell auto "${bare[@]}"
[ "$differ" -eq 0 ]
