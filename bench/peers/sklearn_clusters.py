"""k-means and Gaussian mixtures in scikit-learn, on the codes and from the start that this project's program left."""

import argparse
import json
import time
import warnings

import numpy as np
import sklearn
from sklearn.cluster import KMeans
from sklearn.mixture import GaussianMixture

DIM, COMPONENTS, ITERATIONS, RIDGE = 16, 10, 30, 1e-6

parser = argparse.ArgumentParser()
parser.add_argument("--codes", required=True, help="file of the codes, [n, 16] float32")
parser.add_argument("--start", required=True, help="file of a cell for each code, [n] uint8")
parser.add_argument("--seed", type=int, default=0)
args = parser.parse_args()
x = np.fromfile(args.codes, np.float32).reshape(-1, DIM)
warnings.filterwarnings("ignore", category=sklearn.exceptions.ConvergenceWarning)


def measure(task, model, objective):
    started = time.perf_counter()
    model.fit(x)
    seconds = time.perf_counter() - started
    print(json.dumps({"task": task, "seconds": seconds, "objective": float(objective(model)),
                      "iterations": model.n_iter_, "version": sklearn.__version__}), flush=True)


KMeans(COMPONENTS, n_init=1).fit(x[:1000])  # the libraries' threads are there now
for algorithm in "lloyd", "elkan":
    measure(f"k-means {algorithm}", KMeans(COMPONENTS, n_init=10, algorithm=algorithm, random_state=args.seed),
            lambda m: m.inertia_)
measure("mixture", GaussianMixture(COMPONENTS, random_state=args.seed), lambda m: m.score(x))

cells = np.fromfile(args.start, np.uint8)
parts = [x[cells == c].astype(float) for c in range(COMPONENTS)]
ridge = RIDGE * np.eye(DIM)
start = (  # in the type of the codes: products of mixed types would take nearly twice as long
    [len(p) / len(x) for p in parts], [p.mean(0) for p in parts],
    [np.linalg.inv(np.cov(p.T, bias=True) + ridge) for p in parts])
weights, means, precisions = (np.array(values, np.float32) for values in start)
measure("EM", GaussianMixture(COMPONENTS, tol=0, max_iter=ITERATIONS, weights_init=weights, means_init=means,
                              precisions_init=precisions), lambda m: m.score(x))
