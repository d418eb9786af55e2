"""Writes pca.json: what scikit-learn's PCA makes of a small data set, for the Go tests.

Run with: python reference.py   (needs numpy and scikit-learn; the versions it ran with are in the file)
"""

import json
import platform

import numpy as np
import sklearn
from sklearn.decomposition import PCA

rng = np.random.default_rng(2)
N, FEATURES, DIM = 80, 7, 3
x = rng.normal(size=(N, FEATURES)) @ rng.normal(size=(FEATURES, FEATURES)) + rng.normal(size=FEATURES)
x = x.astype(np.float32).astype(np.float64)
p = PCA(DIM, svd_solver="full").fit(x)
components = p.components_.copy()
for row in components:  # the entry of largest magnitude is positive
    row *= np.sign(row[np.argmax(np.abs(row))])
codes = (x - p.mean_) @ components.T

with open("pca.json", "w") as f:
    json.dump(
        dict(
            versions=dict(python=platform.python_version(), numpy=np.__version__, sklearn=sklearn.__version__),
            features=FEATURES,
            dim=DIM,
            x=x.ravel().tolist(),
            mean=p.mean_.tolist(),
            components=components.ravel().tolist(),
            variance=p.explained_variance_.tolist(),
            share=p.explained_variance_ratio_.tolist(),
            codes=codes.ravel().tolist(),
            mse=float(np.mean((x - p.inverse_transform(p.transform(x))) ** 2)),
        ),
        f,
    )
    f.write("\n")
