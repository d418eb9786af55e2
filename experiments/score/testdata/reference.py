"""Writes reference.json: Welch's and the paired t-test by SciPy and Holm's correction by statsmodels.

Run in this folder with a Python that has scipy and statsmodels: python reference.py
"""

import json

import scipy
import statsmodels
from scipy.stats import ttest_ind, ttest_rel
from statsmodels.stats.multitest import multipletests

samples = [
    ([0.235, 0.21, 0.28, 0.19, 0.26], [0.0, 0.001, 0.0, 0.002, 0.0]),
    ([1.94, 1.5, 2.3, 1.8, 2.1], [1.78, 1.7, 1.9, 1.65, 1.85]),
    ([0.5, 0.5, 0.5], [0.4, 0.45, 0.43]),
    ([246.5, 247.1], [247.5, 246.9, 248.0]),
    ([1.0, 2.0, 3.0, 4.0], [1.0, 2.0, 3.0, 4.0]),
    ([1e-9, 2e-9, 1.5e-9], [1e6, 1.1e6, 0.9e6]),
    ([0.6, 0.61, 0.62, 0.63, 0.64, 0.65, 0.66, 0.67, 0.68, 0.69], [0.7, 0.72, 0.71]),
]
welch = []
for a, b in samples:
    r = ttest_ind(b, a, equal_var=False)
    interval = r.confidence_interval(0.95)
    welch.append({"a": a, "b": b, "t": r.statistic, "df": r.df, "p": r.pvalue, "low": interval.low, "high": interval.high})
paired = [{"a": a, "b": b, "p": ttest_rel(b, a).pvalue} for a, b in samples if len(a) == len(b) and (a, b) != samples[4]]
families = [[0.01, 0.04, 0.03, 0.005], [0.5], [0.04, 0.04, 0.04], [1e-6, 0.9, 0.2, 0.2, 1e-3, 0.049], []]
holm = [{"p": p, "adjusted": list(multipletests(p, method="holm")[1]) if p else []} for p in families]
json.dump({"scipy": scipy.__version__, "statsmodels": statsmodels.__version__, "welch": welch, "paired": paired, "holm": holm}, open("reference.json", "w"), indent=1)
