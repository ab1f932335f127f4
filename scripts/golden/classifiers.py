"""scikit-learn's values for tests/classifiers.rs: tests/fixtures/golden/classifiers.json."""

import json
import warnings
from pathlib import Path

import numpy as np
import sklearn
from sklearn.linear_model import LogisticRegression
from sklearn.svm import SVC

OUT = Path("tests/fixtures/golden/classifiers.json")
TRAINED, TESTED = 45, 30


def features(rng, classes, dimensions, spread):
    """Of length 1, as a layer's are made: a centre for each class and noise, never below zero as behind a rectifier."""
    centres = rng.normal(0.3, 1.0, (classes, dimensions))
    labels = np.arange(TRAINED + TESTED) % classes
    values = np.maximum(centres[labels] + rng.normal(0, spread, (len(labels), dimensions)), 0)
    return values / np.linalg.norm(values, axis=1, keepdims=True), labels


def svm(gram, cross, labels, classes, c):
    machines = []
    for label in range(classes):
        machine = SVC(kernel="precomputed", C=c, tol=1e-9, cache_size=100).fit(gram, labels == label)
        machines.append(machine.decision_function(cross).tolist())
    return {
        "c": c,
        "decisions": machines,
        "classes": np.argmax(np.array(machines), axis=0).tolist(),
    }


def softmax(trained, tested, labels, c):
    # For two classes scikit-learn penalises one vector instead of two: half as much.
    penalty = 2 * c if labels.max() == 1 else c
    model = LogisticRegression(C=penalty, tol=1e-10, max_iter=100_000).fit(trained, labels)
    return {
        "c": c,
        "probabilities": model.predict_proba(tested).tolist(),
        "classes": model.predict(tested).tolist(),
    }


def main():
    warnings.simplefilter("error")
    cases = []
    # Many dimensions, few dimensions, classes that overlap so far that all vectors are bounded, two classes.
    for seed, classes, dimensions, spread in [(1, 4, 60, 1.0), (2, 5, 6, 0.7), (3, 3, 10, 6.0), (4, 2, 20, 1.0)]:
        values, labels = features(np.random.default_rng(seed), classes, dimensions, spread)
        trained, tested = values[:TRAINED], values[TRAINED:]
        gram, cross = trained @ trained.T, tested @ trained.T
        cases.append({
            "classes": classes,
            "labels": labels[:TRAINED].tolist(),
            "gram": gram.ravel().tolist(),
            "cross": cross.ravel().tolist(),
            "svm": [svm(gram, cross, labels[:TRAINED], classes, c) for c in (0.01, 1.0, 100.0)],
            "softmax": [softmax(trained, tested, labels[:TRAINED], c) for c in (0.1, 10.0, 1000.0)],
        })
    OUT.write_text(json.dumps({"scikit-learn": sklearn.__version__, "cases": cases}) + "\n")


if __name__ == "__main__":
    main()
