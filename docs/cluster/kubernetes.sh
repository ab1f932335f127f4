#!/bin/bash
# Carries out a planned run on Kubernetes: the Jobs of kubernetes.yaml one after the other, for Jobs know no order among themselves.
#   kubernetes.sh [STEP...]      steps: plan work merge [all: plan work merge work merge; with --masks worst once more work merge]
# Needs kubectl and has to go on running; begun again from any step it finds done what is done.
set -euo pipefail
file=$(dirname "$0")/kubernetes.yaml
[ $# -gt 0 ] || set -- plan work merge work merge

# The Job's word that it is over. `kubectl wait` waits for one of the two only.
over() {
    state=$(kubectl get job "$1" --output 'jsonpath={.status.conditions[?(@.status=="True")].type}') || return 1
    [[ " $state " == *" Complete "* || " $state " == *" Failed "* ]]
}

kubectl apply --filename "$file" --selector app.kubernetes.io/component=storage
for step in "$@"; do
    job=deconvscope-$step
    kubectl delete job "$job" --ignore-not-found
    kubectl apply --filename "$file" --selector "app.kubernetes.io/component=$step"
    until over "$job"; do sleep 15; done
    if [[ " $state " == *" Failed "* ]]; then
        echo "kubernetes.sh: $job has failed; kubectl describe job $job and kubectl logs --selector batch.kubernetes.io/job-name=$job tell why" >&2
        exit 1
    fi
done
