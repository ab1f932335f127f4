"""What NumPy, SciPy and statsmodels make of small inputs of the measures (docs/measures.md): tests/fixtures/golden/measures.json."""

import json
import sys
from itertools import combinations
from pathlib import Path

import numpy as np
import scipy
import statsmodels
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

OUT = Path("tests/fixtures/golden/measures.json")
RESAMPLES = 9_999
REPEATS = 40


def interval(value, error, freedom):
    reach = stats.t.ppf(0.975, freedom) * error
    return {"value": float(value), "low": float(value - reach), "high": float(value + reach)}


def ranks(rng):
    """Of pairs with and without ties, of few and many."""
    for n, ties in ((2, False), (5, False), (5, True), (12, True), (40, True), (60, False)):
        a = rng.integers(0, n // 2 + 2, n).astype(float) if ties else rng.normal(size=n)
        b = a + rng.integers(-2, 3, n) if ties else rng.normal(size=n) - 0.5 * a
        yield {"a": a.tolist(), "b": b.tolist(), "rank": float(stats.spearmanr(a, b).statistic),
               "pearson": float(stats.pearsonr(a, b).statistic)}


def trends(rng):
    """Least squares over the means of groups; for two groups it is Welch's interval, which SciPy has."""
    for sizes in ((5, 4), (3, 9, 6), (30, 2, 8, 17), (4, 0, 5, 6)):
        groups = [rng.normal(0.3 * place, 0.5 + place, size) for place, size in enumerate(sizes)]
        places = np.array([place for place, group in enumerate(groups) if len(group)], float)
        kept = [group for group in groups if len(group)]
        means = np.array([group.mean() for group in kept])
        slope = np.polyfit(places, means, 1)[0]
        # The slope is linear in the means: its weights are its slopes for the unit vectors.
        weights = np.array([np.polyfit(places, unit, 1)[0] for unit in np.eye(len(kept))])
        parts = np.array([weight**2 * group.var(ddof=1) / len(group) for weight, group in zip(weights, kept)])
        freedom = parts.sum() ** 2 / sum(part**2 / (len(group) - 1) for part, group in zip(parts, kept))
        found = interval(slope, np.sqrt(parts.sum()), freedom)
        if len(sizes) == 2:
            welch = stats.ttest_ind(groups[1], groups[0], equal_var=False).confidence_interval()
            assert np.allclose([welch.low, welch.high], [found["low"], found["high"]], atol=1e-9)
        yield {"groups": [group.tolist() for group in groups], **found}


def shares():
    for first, second in (((9, 20), (1, 20)), ((0, 7), (7, 7)), ((3, 40), (5, 31)), ((12, 30), (12, 30))):
        # statsmodels has the first less the second.
        low, high = confint_proportions_2indep(*second, *first, method="newcomb", compare="diff")
        yield {"first": first, "second": second, "value": second[0] / second[1] - first[0] / first[1],
               "low": float(low), "high": float(high)}


def bounded():
    """Values that are all alike between −1 and 1."""
    for value, count in ((-1.0, 3), (-1.0, 4), (0.8, 10), (1.0, 50)):
        low, high = proportion_confint((value + 1) / 2 * count, count, method="wilson")
        yield {"value": value, "count": count, "low": float(2 * low - 1), "high": float(2 * high - 1)}


def bootstrap(rng):
    """Of a rank correlation over pairs, and how far its ends move with as many resamples as deconvscope draws."""
    for n in (15, 60):
        a = rng.normal(size=n)
        b = a + rng.normal(scale=1.2, size=n)
        def of(seed, resamples):
            return stats.bootstrap((a, b), lambda x, y: stats.spearmanr(x, y).statistic, paired=True, vectorized=False,
                                   n_resamples=resamples, method="BCa", rng=np.random.default_rng(seed)).confidence_interval
        repeats = [of(seed, RESAMPLES // 9) for seed in range(REPEATS)]
        # The scatter falls with the root of the number of resamples.
        spread = [float(np.std([found[end] for found in repeats], ddof=1)) / 3 for end in (0, 1)]
        many = [float(np.mean([found[end] for found in repeats])) for end in (0, 1)]
        yield {"a": a.tolist(), "b": b.tolist(), "low": many[0], "high": many[1], "low_sd": spread[0], "high_sd": spread[1]}


def jackknives(rng):
    """Of a mean over pairs of photographs."""
    for photos in (3, 6, 11):
        distance = {pair: float(value) for pair, value in
                    zip(combinations(range(photos), 2), rng.random(photos * (photos - 1) // 2))}
        mean = np.mean(list(distance.values()))
        without = [np.mean([value for pair, value in distance.items() if photo not in pair]) for photo in range(photos)]
        error = np.sqrt((photos - 1) / photos * np.sum((without - np.mean(without)) ** 2))
        yield {"without": [float(value) for value in without], **interval(mean, error, photos - 1)}


def closer():
    """As in src/experiments/correspondence/closer.rs."""
    near = [0.1, 0.2, 0.15, 0.1, 0.05, 0.12]
    far = [0.3, 0.25, 0.4, 0.35, 0.2, 0.3]
    pairs = list(combinations(range(4), 2))
    def of(photo=None):
        kept = [at for at, pair in enumerate(pairs) if photo not in pair]
        return np.mean([far[at] for at in kept]) - np.mean([near[at] for at in kept])
    without = np.array([of(photo) for photo in range(4)])
    return {"near": near, "far": far, **interval(of(), np.sqrt(3 / 4 * np.sum((without - without.mean()) ** 2)), 3)}


def welch():
    """As in src/comparison/first_layers.rs."""
    many, few = [0.5, 0.6, 0.4, 0.7, 0.55], [0.1, 0.2, 0.15, 0.3]
    found = stats.ttest_ind(few, many, equal_var=False).confidence_interval()
    return {"low": float(found.low), "high": float(found.high)}


def grids(rng):
    """Noise, a wave, a spot: energy from an eighth of a cycle a pixel on by NumPy's transform, and the pixels that hold nine tenths."""
    for height, width in ((20, 28), (17, 16)):
        y, x = np.mgrid[:height, :width]
        noise = rng.normal(size=(2, height, width))
        coarse = np.cos(2 * np.pi * 2 * x / width)[None] + 0.1 * noise
        fine = np.cos(2 * np.pi * 0.3 * x)[None] * np.exp(-((y - 5) ** 2 + (x - 9) ** 2) / 8)[None] * np.ones((2, 1, 1))
        for planes in (noise, coarse, fine):
            planes = planes.round(3)
            power = np.abs(np.fft.fft2(planes)) ** 2
            cycles = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.fftfreq(width)[None])
            energy = np.sort((planes**2).sum(0).ravel())[::-1]
            held = np.searchsorted(np.cumsum(energy), 0.9 * energy.sum()) + 1
            yield {"size": [height, width], "values": planes.ravel().tolist(),
                   "fine_share": float(power[:, cycles >= 0.125].sum() / power.sum()), "area": float(held / energy.size)}


def sizes(rng):
    """Planes at 24 rows and columns: every pixel taken 24 times each way, then means over blocks."""
    for height, width in ((5, 7), (31, 26)):
        planes = rng.normal(size=(2, height, width)).round(3)
        large = planes.repeat(24, 1).repeat(24, 2)
        small = large.reshape(2, 24, height, 24, width).mean((2, 4))
        yield {"size": [height, width], "values": planes.ravel().tolist(), "small": small.ravel().round(7).tolist()}


def spreads(rng):
    vectors = rng.normal(size=(4, 12)).astype(np.float32).astype(float)
    vectors[1:] += 0.7 * vectors[0]
    norms = np.linalg.norm(vectors, axis=1)
    cosines = [vectors[a] @ vectors[b] / norms[a] / norms[b] for a, b in combinations(range(4), 2)]
    return {"vectors": vectors.tolist(), "spread": float(1 - np.mean(cosines))}


def main():
    rng = np.random.default_rng(20131112)
    OUT.write_text(json.dumps({
        "made_with": {"scipy": scipy.__version__, "statsmodels": statsmodels.__version__, "numpy": np.__version__},
        "ranks": list(ranks(rng)), "trends": list(trends(rng)), "shares": list(shares()), "bounded": list(bounded()),
        "bootstrap": list(bootstrap(rng)), "jackknives": list(jackknives(rng)), "closer": closer(), "welch": welch(),
        "grids": list(grids(rng)), "sizes": list(sizes(rng)), "spreads": spreads(rng),
    }) + "\n")
    print(f"{OUT}: {OUT.stat().st_size} bytes", file=sys.stderr)


if __name__ == "__main__":
    main()
