"""Writes reference.json: Fréchet distances with SciPy's sqrtm, and precision, recall, density and coverage by their
definitions in NumPy, for the Go tests.

Run with: python reference.py   (needs numpy and scipy; the versions it ran with are in the file)
"""

import json
import platform

import numpy as np
import scipy
from scipy.linalg import sqrtm
from scipy.spatial.distance import cdist

rng = np.random.default_rng(3)
N, DIM, K = 150, 5, 5  # several blocks of points, the last one short

mix = rng.normal(size=(DIM, DIM))
centres = rng.normal(size=(4, DIM)) * 4


def draw(modes, spread, shift):
    x = centres[rng.choice(modes, N)] + spread * rng.normal(size=(N, DIM)) @ mix + shift
    return x.astype(np.float32).astype(np.float64)


def frechet(x, y):
    a, b = np.cov(x, rowvar=False), np.cov(y, rowvar=False)
    return float(np.sum((x.mean(0) - y.mean(0)) ** 2) + np.trace(a + b - 2 * np.real(sqrtm(a @ b))))


def radii(x):
    d = cdist(x, x)
    return np.sort(d, axis=1)[:, K]  # place 0 is the point itself


real = draw([0, 1, 2, 3], 1, 0)
cases = []
for name, generated in [
    ("same", draw([0, 1, 2, 3], 1, 0)),
    ("two modes dropped", draw([0, 1], 1, 0)),
    ("narrow", draw([0, 1, 2, 3], 0.3, 0)),
    ("wide", draw([0, 1, 2, 3], 2, 0)),
    ("shifted", draw([0, 1, 2, 3], 1, 1)),
]:
    d, r, g = cdist(real, generated), radii(real), radii(generated)
    inside = d <= r[:, None]
    cases.append(
        dict(
            name=name,
            generated=generated.ravel().tolist(),
            frechet=frechet(real, generated),
            precision=float(inside.any(axis=0).mean()),
            recall=float((d <= g[None, :]).any(axis=1).mean()),
            density=float(inside.sum(axis=0).mean() / K),
            coverage=float((d.min(axis=1) <= r).mean()),
        )
    )

with open("reference.json", "w") as f:
    json.dump(
        dict(
            versions=dict(python=platform.python_version(), numpy=np.__version__, scipy=scipy.__version__),
            dim=DIM,
            real=real.ravel().tolist(),
            cases=cases,
        ),
        f,
    )
    f.write("\n")
