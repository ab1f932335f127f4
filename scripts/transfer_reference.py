#!/usr/bin/env python3
"""Holds the accuracies of a run of `deconvscope transfer --keep-gram` against scikit-learn's, on the same inner products, splits and penalties.

    python3 scripts/transfer_reference.py RUN [--layers NAME,...]

Support vector machines are solved by sklearn.svm.SVC, one for each class, to 1e-7; multinomial logistic regression by
sklearn.linear_model.LogisticRegression on vectors that have the same inner products (from their eigenvectors). Prints for each layer,
classifier and number a class the mean accuracy of both and the largest difference of a split, in points; exit code 1 above 0.3.
Needs numpy, safetensors and scikit-learn.
"""

import argparse
import csv
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file
from sklearn.linear_model import LogisticRegression
from sklearn.svm import SVC

BOUND = 0.003


def table(run, name):
    with open(run / "data" / f"{name}.csv", newline="") as file:
        return list(csv.DictReader(file))


def svm(gram, trained, tested, labels, c):
    inner, cross = gram[np.ix_(trained, trained)], gram[np.ix_(tested, trained)]
    classes = np.unique(labels)
    decisions = [SVC(kernel="precomputed", C=c, tol=1e-7, cache_size=500).fit(inner, labels[trained] == label).decision_function(cross)
                 for label in classes]
    return classes[np.argmax(decisions, axis=0)]


def softmax(gram, trained, tested, labels, c):
    together = np.concatenate([trained, tested])
    values, vectors = np.linalg.eigh(gram[np.ix_(together, together)])
    points = vectors * np.sqrt(np.maximum(values, 0))
    # For two classes scikit-learn penalises one vector instead of two: half as much.
    penalty = 2 * c if len(np.unique(labels)) == 2 else c
    model = LogisticRegression(C=penalty, tol=1e-8, max_iter=100_000).fit(points[:len(trained)], labels[trained])
    return model.predict(points[len(trained):])


def accuracy(labels, tested, found):
    right = found == labels[tested]
    return np.mean([right[labels[tested] == label].mean() for label in np.unique(labels[tested])])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path)
    parser.add_argument("--layers", type=lambda names: names.split(","))
    asked = parser.parse_args()
    grams = load_file(asked.run / "arrays/gram.safetensors")
    splits = table(asked.run, "transfer_splits")
    taken = {row["image_id"] for row in splits}
    # Rows of the products: the photographs that take part, in the order of images.csv.
    label_of, seen = {}, set()
    contents = {row["image_id"]: row["sha256"] for row in table(asked.run, "contents")}
    classes = {row["label"] for row in table(asked.run, "images") if row["image_id"] in taken}
    for row in table(asked.run, "images"):
        digest = contents.get(row["image_id"])
        if row["label"] in classes and digest and digest not in seen:
            seen.add(digest)
            label_of[row["image_id"]] = row["label"]
    place = {image: number for number, image in enumerate(label_of)}
    labels = np.unique(list(label_of.values()), return_inverse=True)[1]
    parts = defaultdict(list)
    for row in splits:
        parts[row["split"], row["per_class"], row["part"]].append(place[row["image_id"]])
    found = defaultdict(list)
    for row in table(asked.run, "transfer"):
        if asked.layers and row["layer"] not in asked.layers:
            continue
        gram = grams[row["layer"]]
        trained, tested = (np.array(parts[row["split"], row["per_class"], part]) for part in ("train", "test"))
        solve = {"svm": svm, "softmax": softmax}[row["classifier"]]
        theirs = accuracy(labels, tested, solve(gram, trained, tested, labels, float(row["c"])))
        found[row["layer"], row["classifier"], row["per_class"]].append((float(row["accuracy"]), theirs))
    worst = 0.0
    for (layer, classifier, per_class), pairs in found.items():
        ours, theirs = np.array(pairs).T
        off = np.abs(ours - theirs).max()
        worst = max(worst, off)
        print(f"{layer:12} {classifier:8} {per_class:>3} a class: {100 * ours.mean():.2f} %, scikit-learn {100 * theirs.mean():.2f} %,"
              f" splits at most {100 * off:.2f} points apart", flush=True)
    return int(worst > BOUND)


if __name__ == "__main__":
    sys.exit(main())
