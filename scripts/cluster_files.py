#!/usr/bin/env python3
"""Holds the files of docs/cluster against what will read them.

    python3 scripts/cluster_files.py

kubernetes.yaml against the schemas of every Kubernetes from 1.33 on, and against what its server asks beyond them of Jobs; the shell
files against bash, and shellcheck where there is one. Mistakes that are made on purpose must be found. `setup.py reference` fetches
the schemas and what reads them; without them it says that it skips Kubernetes. Exit code 1 where a file does not hold.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CLUSTER = ROOT / "docs" / "cluster"
SCHEMAS = ROOT / ".deps" / "kubernetes"
sys.path.insert(0, str(ROOT / ".deps" / "linters"))

try:
    import jsonschema
    import referencing
    from ruamel.yaml import YAML
except ImportError as error:
    LACKING = f"{error.name or error}"
else:
    LACKING = None if SCHEMAS.is_dir() else "Kubernetes' schemas"

SHELL = ["slurm.sh", "slurm.sbatch", "kubernetes.sh"]

# What is typed right and what a hurried hand makes of it; every one must be refused.
MISTAKES = [
    ("completionMode: Indexed", "completionmode: Indexed"),
    ("  completionMode: Indexed\n", ""),
    ("completions: 64", "completions: 65"),
    ("backoffLimitPerIndex: 6", "backoffLimitPerIndex: six"),
    ("  backoffLimitPerIndex: 6\n", ""),
    ("maxFailedIndexes: 3", "maxFailedIndexes: 100"),
    ("action: FailIndex", "action: FailShard"),
    ("[1, 75, 137, 143]", "[75, 1, 137, 143]"),
    ("[42]", "[0, 42]"),
    ("      restartPolicy: Never\n", ""),
    ("podReplacementPolicy: Failed", "podReplacementPolicy: TerminatingOrFailed"),
    ('status: "True" }]', 'status: "True" }]\n      onExitCodes: { operator: In, values: [3] }'),
    ("claimName: deconvscope", "claimName: photographs"),
    ("[{ name: work, mountPath: /data }]", "[{ name: data, mountPath: /data }]"),
    ("cpu: \"4\"", "cpus: \"4\""),
    ("--shard, auto, --threads, \"4\"", "--shard, auto, --threads, \"8\""),
]


def main():
    wrong = list(shell_files())
    if LACKING:
        print(f"kubernetes.yaml: skipped: no {LACKING}; `python3 scripts/setup.py reference` fetches it")
    else:
        wrong += kubernetes()
    for problem in wrong:
        print(f"error: {problem}", file=sys.stderr)
    return 1 if wrong else 0


def shell_files():
    for name in SHELL:
        yield from ended(["bash", "-n", str(CLUSTER / name)])
    if shutil.which("shellcheck") is None:
        print(f"{', '.join(SHELL)}: bash can read them; shellcheck is skipped, there is none here")
        return
    yield from ended(["shellcheck", *(str(CLUSTER / name) for name in SHELL)])
    print(f"{', '.join(SHELL)}: bash and shellcheck have nothing to say")


def ended(command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        yield done.stdout + done.stderr


def kubernetes():
    text = (CLUSTER / "kubernetes.yaml").read_text(encoding="utf-8")
    judges = {version.name: judges_of(version) for version in sorted(SCHEMAS.iterdir()) if version.is_dir()}
    wrong = list(problems(text, judges))
    newest = {max(judges, key=lambda version: [int(part) for part in version.split(".")])}
    for right, mistake in MISTAKES:
        if right not in text:
            wrong.append(f"kubernetes.yaml has no {right!r}: change MISTAKES in scripts/cluster_files.py with it")
        elif not list(problems(text.replace(right, mistake), {version: judges[version] for version in newest})):
            wrong.append(f"a mistake in kubernetes.yaml is not found: {mistake!r} for {right!r}")
    if not wrong:
        print(f"kubernetes.yaml: as Kubernetes {', '.join(judges)} wants it; {len(MISTAKES)} mistakes made on purpose are found")
    return wrong


def judges_of(version):
    """By (apiVersion, kind): what validates an object for this version."""
    contents = {path.stem: json.loads(path.read_bytes()) for path in version.glob("*.json")}
    resources = [referencing.Resource.from_contents(content) for content in contents.values()]
    registry = referencing.Registry().with_resources((resource.id(), resource) for resource in resources)

    def judge(name):
        return jsonschema.Draft202012Validator(contents[name], registry=registry)

    return {("batch/v1", "Job"): judge("job-batch-v1"), ("v1", "PersistentVolumeClaim"): judge("persistentvolumeclaim-v1")}


def problems(text, judges):
    objects = list(YAML(typ="safe", pure=True).load_all(text))
    for item in objects:
        name = f"{item.get('kind')} {item['metadata']['name']}"
        for version, known in judges.items():
            judge = known.get((item.get("apiVersion"), item.get("kind")))
            if judge is None:
                yield f"{name}: no schema of Kubernetes {version} for it"
                continue
            for error in judge.iter_errors(item):
                yield f"{name}, Kubernetes {version}: {'.'.join(map(str, error.path))}: {error.message}"
        if item.get("kind") == "Job":
            for problem in beyond_the_schema(item["spec"]):
                yield f"{name}: {problem}"
    yield from together(objects)


def beyond_the_schema(spec):
    """What the server refuses of a Job that fits its schema, as far as ours are concerned."""
    pod = spec["template"]["spec"]
    indexed, per_index = spec.get("completionMode") == "Indexed", "backoffLimitPerIndex" in spec
    if pod.get("restartPolicy") != "Never":
        yield "podFailurePolicy wants restartPolicy: Never"
    if indexed and "completions" not in spec:
        yield "Indexed wants completions"
    if not indexed and (per_index or "maxFailedIndexes" in spec):
        yield "backoffLimitPerIndex and maxFailedIndexes want completionMode: Indexed"
    if "maxFailedIndexes" in spec and not per_index:
        yield "maxFailedIndexes wants backoffLimitPerIndex"
    if numbers(spec, "maxFailedIndexes", "completions") and spec["maxFailedIndexes"] > spec["completions"]:
        yield "maxFailedIndexes is above completions"
    if spec.get("podReplacementPolicy", "Failed") != "Failed":
        yield "podFailurePolicy wants podReplacementPolicy: Failed"
    for number, rule in enumerate(spec.get("podFailurePolicy", {}).get("rules", [])):
        yield from (f"rule {number}: {problem}" for problem in rule_problems(rule, per_index))
    mounted = {mount["name"] for container in pod["containers"] for mount in container.get("volumeMounts", [])}
    lacking = mounted - {volume["name"] for volume in pod.get("volumes", [])}
    if lacking:
        yield f"mounts what is no volume of it: {', '.join(sorted(lacking))}"


def rule_problems(rule, per_index):
    if rule["action"] not in ("FailJob", "FailIndex", "Ignore", "Count"):
        yield f"there is no action {rule['action']}"
    if rule["action"] == "FailIndex" and not per_index:
        yield "FailIndex wants backoffLimitPerIndex"
    codes, conditions = rule.get("onExitCodes"), rule.get("onPodConditions")
    if bool(codes) == bool(conditions):
        yield "wants onExitCodes or onPodConditions, and not both"
    if codes:
        values = codes["values"]
        if values != sorted(set(values)):
            yield f"exit codes must ascend: {values}"
        if codes["operator"] not in ("In", "NotIn") or (codes["operator"] == "In" and 0 in values):
            yield "wants In, without 0, or NotIn"


def together(objects):
    """What the objects say of each other."""
    claims = {item["metadata"]["name"] for item in objects if item["kind"] == "PersistentVolumeClaim"}
    jobs = {item["metadata"]["labels"]["app.kubernetes.io/component"]: item["spec"] for item in objects if item["kind"] == "Job"}
    args = {}
    for name, spec in jobs.items():
        pod = spec["template"]["spec"]
        args[name] = pod["containers"][0]["args"]
        asked = {volume["persistentVolumeClaim"]["claimName"] for volume in pod["volumes"]}
        if not asked <= claims:
            yield f"{name}: no claim {', '.join(asked - claims)}"
        processors = pod["containers"][0]["resources"]["requests"].get("cpu")
        if "--threads" in args[name] and behind("--threads", args[name]) != processors:
            yield f"{name}: --threads is not what it asks of processors, {processors}"
    shards = int(behind("--shards", args["plan"]))
    if jobs["work"].get("completions") != shards:
        yield f"work has other completions than the plan has shards, {shards}"
    if not behind("--out", args["plan"]) == args["work"][1] == args["merge"][1]:
        yield "plan, work and merge name different plans"


def behind(option, args):
    return args[args.index(option) + 1]


def numbers(spec, *names):
    return all(isinstance(spec.get(name), int) for name in names)


if __name__ == "__main__":
    sys.exit(main())
