"""SciPy's and statsmodels' values for tests/statistics.rs: tests/fixtures/golden/statistics.json."""

import json
import sys
from pathlib import Path

import numpy as np
import scipy
import statsmodels
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

OUT = Path("tests/fixtures/golden/statistics.json")
RESAMPLES = 9_999
REPEATS = 40


def samples(rng):
    """Paired differences as comparisons have them: few and many, skewed, with ties and zeros."""
    normal = [rng.normal(0.1, 0.3, n).tolist() for n in (2, 5, 10, 23, 50, 51, 400)]
    skewed = [(-rng.beta(0.4, 3.0, n)).tolist() for n in (10, 40, 200)]
    tied = [rng.integers(-4, 6, n).astype(float).tolist() for n in (6, 9, 12, 80)]
    return normal + skewed + tied


def wilcoxon(values):
    """Exact up to 50; with ties or zeros SciPy has no exact distribution, but counts all signs for few values."""
    nonzero = [v for v in values if v != 0]
    tied = len(set(map(abs, nonzero))) < len(nonzero)
    if len(nonzero) > 50:
        method = "asymptotic"
    elif tied:
        if len(nonzero) > 13:
            return None
        method = stats.PermutationMethod(n_resamples=2 ** len(nonzero))
    else:
        method = "exact"
    two = stats.wilcoxon(nonzero, method=method, correction=False)
    # The smaller of both sums is SciPy's statistic; ours is the positive one, and SciPy's one-sided test tells it.
    positive = stats.wilcoxon(nonzero, method="asymptotic", alternative="greater").statistic
    return {"p": float(two.pvalue), "positive_ranks": float(positive), "count": len(nonzero)}


def bootstrap(values, seed):
    """The interval's ends with many resamples, and how far they move with as many as deconvscope draws."""
    many = stats.bootstrap((values,), np.mean, n_resamples=200_000, method="BCa", batch=1_000,
                           rng=np.random.default_rng(seed)).confidence_interval
    repeats = [stats.bootstrap((values,), np.mean, n_resamples=RESAMPLES, method="BCa",
                               rng=np.random.default_rng(seed + 1 + i)).confidence_interval for i in range(REPEATS)]
    spread = [float(np.std([r[end] for r in repeats], ddof=1)) for end in (0, 1)]
    return {"low": float(many[0]), "high": float(many[1]), "low_sd": spread[0], "high_sd": spread[1]}


def main():
    rng = np.random.default_rng(20131112)
    paired = []
    for seed, values in enumerate(samples(rng)):
        entry = {"values": values, "wilcoxon": wilcoxon(values)}
        if len(values) >= 5:
            entry["bootstrap"] = bootstrap(values, 1000 * seed)
        low, high = stats.t.interval(0.95, len(values) - 1, np.mean(values), stats.sem(values))
        entry["t"] = {"mean": float(np.mean(values)), "low": float(low), "high": float(high)}
        paired.append(entry)
    counts = [(5, 1, 0, 4), (0, 3, 3, 0), (1, 1, 7, 12), (200, 31, 12, 157), (10, 0, 9, 0), (3000, 700, 812, 500)]
    tables = []
    for both, first, second, neither in counts:
        table = [[both, first], [second, neither]]
        tables.append({"counts": [both, first, second, neither], "p": float(mcnemar(table, exact=True).pvalue)})
    shares = []
    for hits, trials in ((0, 3), (3, 3), (14, 20), (199, 400), (1, 10_000)):
        low, high = proportion_confint(hits, trials, method="wilson")
        shares.append({"hits": hits, "trials": trials, "low": float(low), "high": float(high)})
    # Drawn behind all others, so that those stay what they are.
    families = [[0.01], [0.04, 0.03, 0.02], [0.5, 0.001, 0.001, 0.9], rng.uniform(0, 0.2, 12).tolist(), [0.0, 1.0, 0.3]]
    holm = [{"p": p, "corrected": multipletests(p, method="holm")[1].tolist()} for p in families]
    # Of a normal figure the p-value by the interval is the z-test's.
    normal = []
    for value, error, bound in ((0.3, 0.1, 0.0), (-0.2, 0.4, 0.1), (5.0, 1.0, 7.0), (0.0, 2.0, -1.0)):
        low, high = stats.norm.interval(0.95, value, error)
        p = 2 * stats.norm.sf(abs(value - bound) / error)
        normal.append({"value": value, "low": float(low), "high": float(high), "bound": bound, "p": float(p)})
    OUT.write_text(json.dumps({
        "made_with": {"scipy": scipy.__version__, "statsmodels": statsmodels.__version__, "numpy": np.__version__},
        "paired": paired,
        "mcnemar": tables,
        "wilson": shares,
        "holm": holm,
        "p_of_interval": normal,
    }, indent=1) + "\n")
    print(f"{OUT}: {len(paired)} samples", file=sys.stderr)


if __name__ == "__main__":
    main()
