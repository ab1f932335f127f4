#!/usr/bin/env bash
# Whether docs/cluster's chain holds on a real Slurm: its controller and three nodes on this machine, in namespaces of their own. A node
# is killed in the middle of a shard, a shard is told to stop, another one is done twice at a time; the merged run must be the one that
# a single machine makes, byte for byte, but for `execution` and `seal` in run.json.
#   scripts/slurm_check.sh       DECONVSCOPE: the program [target/release/deconvscope]
# As root; Debian's packages are unpacked beside it all and not installed. Exit code 1 where something does not hold; where Slurm cannot
# be had it says that it is skipped. What it starts and writes goes when it ends.
set -euo pipefail

root=$(realpath "$(dirname "$0")/..")
shards=6
nodes=(node1 node2 node3)
# shellcheck disable=SC2054 # the comma is the option's
options=(--layers conv1,fire3 --detail 3 --occlusion 1 --occluder-stride 48 --features none --masks masks.csv)

say() { printf '%4s s  %s\n' "$SECONDS" "$*"; }
skip() { echo "slurm_check: skipped: $*"; exit 0; }
fail() { echo "slurm_check: failed: $*" >&2; exit 1; }

# ---- Outside: what is needed, and namespaces.

outside() {
    program=$(realpath "${DECONVSCOPE:-$root/target/release/deconvscope}")
    [ "$(id -u)" -eq 0 ] || skip "not root"
    for tool in apt-get dpkg-deb unshare setpriv ip python3; do
        command -v $tool >/dev/null || skip "no $tool here"
    done
    unshare --mount --uts --net --pid --fork true 2>/dev/null || skip "no namespaces here"
    [ -x "$program" ] || fail "no $program; run make build, or name the program in DECONVSCOPE"
    [ -s "$root/datasets/sample/astronaut.png" ] || fail "no sample photographs; run make setup"

    work=$(mktemp -d)
    inner=
    trap 'if [ -n "$inner" ]; then kill -9 "$inner" 2>/dev/null || true; wait "$inner" 2>/dev/null || true; fi; rm -rf "$work"' EXIT
    trap 'exit 130' INT TERM HUP
    fetch || skip "Slurm cannot be had: $(tail -n 1 "$work/apt")"
    # Whatever ends this shell ends the namespaces, and with them all that runs there.
    setpriv --pdeathsig KILL unshare --mount --uts --net --pid --fork --kill-child --mount-proc \
        nice "$0" --inside "$work" "$program" "$SECONDS" &
    inner=$!
    code=0
    wait "$inner" || code=$?
    inner=
    exit "$code"
}

# What is not installed already, unpacked into a folder.
fetch() {
    mkdir -p "$work/debs/partial" "$work/slurm/usr"
    local get=(apt-get --quiet --yes --no-install-recommends -o "Dir::Cache::archives=$work/debs" -o Debug::NoLocking=true
        --download-only install slurm-wlm munge)
    "${get[@]}" >"$work/apt" 2>&1 || { apt-get --quiet update >"$work/apt" 2>&1 && "${get[@]}" >"$work/apt" 2>&1; } || return 1
    for package in "$work"/debs/*.deb; do
        [ ! -e "$package" ] || dpkg-deb --extract "$package" "$work/slurm"
    done
    # What Debian makes links to when it installs them.
    for daemon in "$work"/slurm/usr/sbin/slurm*-wlm; do
        [ ! -e "$daemon" ] || ln -s "${daemon##*/}" "${daemon%-wlm}"
    done
    say "Slurm is here: $(find "$work/debs" -name '*.deb' | wc -l) packages unpacked"
}

# ---- Inside.

inside() {
    work=$1 program=$2 SECONDS=$3
    export DECONVSCOPE=$program SLURM_CONF=$work/slurm.conf
    trap 'code=$?; [ "$code" -eq 0 ] || tell_more' EXIT
    mount -t overlay overlay -o "lowerdir=$work/slurm/usr:/usr" /usr 2>/dev/null || skip "no overlay file system here"
    start_cluster
    gather
    submit
    catch_all
    kill_a_node
    do_a_shard_twice
    stop_a_shard
    until_done
    hold
}

tell_more() {
    echo "---- what Slurm said" >&2
    squeue 2>&1 | tail -n 20 >&2 || true
    tail -n 15 "$work"/log/slurm* >&2 || true
    echo "---- what tasks said" >&2
    tail -n 8 "$work"/data/slurm-*.out >&2 || true
}

start_cluster() {
    hostname controller
    ip link set lo up
    mkdir -p "$work"/{log,state,munge,data}
    echo "127.0.0.1 localhost" >"$work/hosts"
    local addresses=(10.77.0.1) number=1
    echo "10.77.0.1 controller" >>"$work/hosts"
    for node in "${nodes[@]}"; do
        number=$((number + 1))
        addresses+=("10.77.0.$number")
        echo "10.77.0.$number $node" >>"$work/hosts"
    done
    for address in "${addresses[@]}"; do ip address add "$address/32" dev lo; done
    mount --bind "$work/hosts" /etc/hosts
    {
        # Requeued tasks wait for cred_expire, two minutes by default.
        cat <<END
ClusterName=check
SlurmctldHost=controller(10.77.0.1)
SlurmUser=root
SlurmdUser=root
AuthInfo=socket=$work/munge/socket,cred_expire=5
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/spool-%n
SlurmctldPidFile=$work/slurmctld.pid
SlurmdPidFile=$work/slurmd-%n.pid
SlurmctldLogFile=$work/log/slurmctld.log
SlurmdLogFile=$work/log/slurmd-%n.log
SlurmdTimeout=10
ReturnToService=2
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=sched_interval=2,batch_sched_delay=0,bf_interval=2
PartitionName=main Nodes=ALL Default=YES State=UP
END
        number=1
        for node in "${nodes[@]}"; do
            number=$((number + 1))
            echo "NodeName=$node NodeHostname=$node NodeAddr=10.77.0.$number Port=1700$number CPUs=1 RealMemory=1000 State=UNKNOWN"
        done
    } >"$SLURM_CONF"
    (umask 077 && head -c 128 /dev/urandom >"$work/munge/key")
    munged --force --socket="$work/munge/socket" --key-file="$work/munge/key" --pid-file="$work/munge/pid" \
        --log-file="$work/log/munged.log" --seed-file="$work/munge/seed" 2>/dev/null
    slurmctld -D -c >"$work/log/slurm-said" 2>&1 &
    declare -gA machine
    for node in "${nodes[@]}"; do start_node "$node"; done
    wait_for 20 "three idle nodes" has_idle_nodes
    say "$(sinfo --version): a controller, $(sinfo --noheader --format '%D nodes, %t')"
}

# A node is a machine of its own: what is started there dies with it.
start_node() {
    # shellcheck disable=SC2016 # for the shell over there
    unshare --mount --uts --pid --fork --kill-child --mount-proc \
        sh -c 'hostname "$1"; exec slurmd -D -N "$1"' sh "$1" >>"$work/log/slurm-said" 2>&1 &
    machine[$1]=$!
}

has_idle_nodes() { [ "$(sinfo --noheader --states=idle --format %D 2>/dev/null)" = ${#nodes[@]} ]; }

# wait_for SECONDS WHAT COMMAND...
wait_for() {
    local end=$((SECONDS + $1)) what=$2
    shift 2
    until "$@"; do
        [ "$SECONDS" -lt "$end" ] || fail "waited in vain for $what"
        sleep 0.05
    done
}

# Forty photographs, masks of two of them, and the plan.
gather() {
    cd "$work/data"
    mkdir photos
    cp "$root"/datasets/sample/*.{jpg,png} photos
    local copies=()
    mapfile -t copies < <(find photos -name '*.jpg' | sort | head -n 15)
    for photo in "${copies[@]}"; do cp "$photo" "photos/again_${photo#photos/}"; done
    head -n 4 "$root/datasets/sample/masks.csv" >masks.csv
    "$program" plan photos "${options[@]}" --shards $shards --out plan --quiet || fail "it could not be planned"
    say "planned: $shards shards of $(find photos -type f | wc -l) photographs"
}

submit() {
    local told
    told=$("$root/docs/cluster/slurm.sh" plan run --cpus-per-task=1 --mem=100 --time=10)
    mapfile -t jobs <<<"$told"
    jobs=("${jobs[@]##*job }")
    say "submitted: ${told//$'\n'/, }"
}

# Catches each node in the middle of a shard, and stops the clock there; `caught` has the shards.
catch_all() {
    declare -gA caught=() attempts=()
    wait_for 40 "a shard on each node" each_is_caught
    say "caught the nodes at shards ${caught[node1]}, ${caught[node2]} and ${caught[node3]}"
}

each_is_caught() {
    local node path name shard
    for node in "${nodes[@]}"; do
        for path in plan/round-1/attempts/*-"$node"-*; do
            if [ -n "${caught[$node]:-}" ] || [ ! -e "$path/heartbeat" ]; then continue; fi
            name=${path##*/}
            shard=$((10#${name%%-*}))
            if halt "$shard"; then
                caught[$node]=$shard
                attempts[$node]=$path
            fi
        done
    done
    [ ${#caught[@]} -eq ${#nodes[@]} ]
}

# Processes of the program at work on a shard for the array.
processes_of() {
    local process
    for process in /proc/[0-9]*; do
        if [ "$(readlink "$process/exe" 2>/dev/null)" = "$program" ] && grep -qzx "SLURM_ARRAY_TASK_ID=$1" "$process/environ" 2>/dev/null; then
            echo "${process#/proc/}"
        fi
    done
}

# Whether it was still being done, and is not now. One that was done meanwhile goes on to its end.
halt() {
    signal STOP "$1" || return 1
    [ -e "$(place "$1")" ] || return 0
    signal CONT "$1" || true
    return 1
}

signal() {
    local processes=()
    mapfile -t processes < <(processes_of "$2")
    [ ${#processes[@]} -gt 0 ] && kill "-$1" "${processes[@]}" 2>/dev/null
}

place() { printf 'plan/round-1/shard-%05d' "$1"; }

kill_a_node() {
    lost=${caught[node2]}
    kill -9 "${machine[node2]}"
    wait "${machine[node2]}" 2>/dev/null || true
    [ -e "${attempts[node2]}" ] || fail "node2 left nothing of shard $lost"
    [ ! -e "$(place "$lost")" ] || fail "shard $lost was done before its node was killed"
    say "killed node2 in the middle of shard $lost"
}

do_a_shard_twice() {
    local twice=${caught[node3]} told
    told=slurm-${jobs[0]}_$twice.out
    "$program" work plan --shard "$twice" --threads 1 >by-hand 2>&1 || fail "shard $twice by hand: $(tail -n 1 by-hand)"
    signal CONT "$twice"
    wait_for 30 "shard $twice to be done again" grep -q "another was faster, with the same content" "$told"
    say "did shard $twice by hand while node3 was at it: there, $(grep -h 'another was' "$told")"
}

stop_a_shard() {
    stopped=${caught[node1]}
    scancel --signal=USR1 "${jobs[0]}_$stopped"
    sleep 0.3
    signal CONT "$stopped"
    wait_for 30 "shard $stopped to go back into the queue" grep -q "work ended with 75 and goes back" "slurm-${jobs[0]}_$stopped.out"
    say "sent SIGUSR1 to shard $stopped: exit code 75, back in the queue"
}

until_done() {
    wait_for 60 "Slurm to miss node2" down node2
    say "Slurm has missed node2: $(sinfo --noheader --nodes=node2 --format %T)"
    local number steps=("work of round 1" "merge" "work of round 2" "merge")
    for number in "${!steps[@]}"; do
        wait_for 90 "${steps[number]}" is_gone "${jobs[number]}"
        say "${steps[number]}: job ${jobs[number]} has left the queue"
    done
}

is_gone() { [ -z "$(squeue --noheader --job="$1" 2>/dev/null)" ]; }
down() { [[ $(sinfo --noheader --nodes="$1" --format %T) == down* ]]; }

# A fact of a task as scontrol tells it.
fact() { scontrol --oneliner show job "$1" | sed -n "s/.* $2=\([^ ]*\).*/\1/p"; }

hold() {
    local job state number
    for job in "${jobs[@]}"; do
        for state in $(fact "$job" JobState); do [ "$state" = COMPLETED ] || fail "job $job: $state"; done
    done
    for ((number = 0; number < shards; number++)); do
        local restarts=0
        if [ $number = "$lost" ] || [ $number = "$stopped" ]; then restarts=1; fi
        [ "$(fact "${jobs[0]}_$number" Restarts)" = $restarts ] || fail "shard $number was begun again $(fact "${jobs[0]}_$number" Restarts) times, not $restarts"
    done
    say "all tasks are COMPLETED; Slurm has begun shards $lost and $stopped a second time, no other"
    "$program" status plan | sed 's/^/        /'
    local planned
    planned=$("$program" status plan --json | grep -c "\"done\": $shards,") || true
    [ "$planned" = 2 ] || fail "not all shards of two rounds are done"
    grep -h '^report: ' "slurm-${jobs[3]}.out" || fail "the last merge made no report"

    "$program" report photos "${options[@]}" --out alone --quiet || fail "no report on one machine"
    say "made the same report on one machine"
    diff -r --exclude=run.json alone run || fail "the merged run is another one"
    python3 - alone/run.json run/run.json <<'END' || fail "the merged run's run.json is another one"
import json, sys

def told(path):
    manifest = json.load(open(path, encoding="utf-8"))
    del manifest["execution"], manifest["seal"]
    return manifest

sys.exit(told(sys.argv[1]) != told(sys.argv[2]))
END
    say "$(find run -type f | wc -l) files of the merged run are those of one machine's"
}

case ${1:-} in
    --inside) inside "$2" "$3" "$4" ;;
    "") outside ;;
    *) echo "usage: scripts/slurm_check.sh" >&2; exit 2 ;;
esac
