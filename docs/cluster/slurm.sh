#!/bin/bash
# Submits a planned run: an array of work and the merge, for each round that there may be; the last merge makes the pages. Each begins
# when the one before has done all that it should; where one fails, those behind it go.
#   slurm.sh PLAN RUN [options of sbatch, for all of them]
# It may be submitted again at any time: what is done is found done.
set -eo pipefail
at_once=200     # shards at work at a time, at most
program=${DECONVSCOPE:-deconvscope}

[ $# -ge 2 ] || { echo "usage: slurm.sh PLAN RUN [options of sbatch]" >&2; exit 2; }
script=$(dirname "$(realpath "$0")")/slurm.sbatch
plan=$(realpath "$1")
run=$(realpath -m "$2")
shift 2
status=$("$program" status "$plan" --json)
told() { sed -n "s/^  \"$1\": \\([0-9]*\\),\$/\\1/p" <<<"$status"; }
shards=$(told shards)
rounds=$(told rounds_at_most)
[ -n "$shards$rounds" ] || { echo "slurm.sh: '$program status' does not tell how many shards $plan has" >&2; exit 1; }

after=()
for step in $(yes "work merge" | head -n "$rounds"); do
    array=()
    [ "$step" = merge ] || array=(--array="0-$((shards - 1))%$at_once")
    job=$(sbatch --parsable "$@" "${after[@]}" "${array[@]}" "$script" "$step" "$plan" "$run")
    job=${job%%;*}
    echo "$step: job $job"
    after=(--dependency="afterok:$job" --kill-on-invalid-dep=yes)
done
