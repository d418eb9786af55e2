"""Writes pca.json and measures.json: what scikit-learn, SciPy and NumPy make of small data sets, for the Go tests.

Run with: python reference.py   (needs numpy, scipy and scikit-learn; the versions it ran with are in the files)
"""

import json
import platform

import numpy as np
import scipy
import sklearn
from scipy.spatial.distance import cdist
from scipy.special import logsumexp
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.manifold import TSNE, trustworthiness
from sklearn.metrics import log_loss, roc_auc_score, silhouette_score
from sklearn.neighbors import KNeighborsClassifier, NearestNeighbors
from sklearn.preprocessing import StandardScaler

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


def exact(a):
    """Values that float32 holds exactly."""
    return a.astype(np.float32).astype(np.float64)


# Three classes that overlap; codes keep a part of the data.
rng = np.random.default_rng(3)
N, TRAIN, FEATURES, DIM = 150, 100, 12, 3
labels = rng.integers(0, 3, N)
x = exact(rng.normal(size=(3, FEATURES))[labels] + rng.normal(size=(N, FEATURES)))
codes = exact(x @ rng.normal(size=(FEATURES, DIM)) / 4 + 0.5 * rng.normal(size=(N, DIM)) + [0, 5, -1])
other = exact(rng.normal(size=(70, DIM)))

near = NearestNeighbors(n_neighbors=5, algorithm="brute").fit(x[:TRAIN])
distances, indices = near.kneighbors(x[TRAIN:])
within_distances, within_indices = near.kneighbors()

accuracies = {
    k: KNeighborsClassifier(k, algorithm="brute").fit(codes[:TRAIN], labels[:TRAIN]).score(codes[TRAIN:], labels[TRAIN:]) for k in (1, 2, 5, 20)
}

ranks = [
    dict(k=k, trustworthiness=float(trustworthiness(x, codes, n_neighbors=k)), continuity=float(trustworthiness(codes, x, n_neighbors=k)))
    for k in (1, 5, 12, 74)
]

d = 2 * DIM


def kernel(a, b):
    return d / (d + cdist(a, b, "sqeuclidean"))


def mmd(a, b):
    n, m = len(a), len(b)
    within = (kernel(a, a).sum() - n) / (n * (n - 1)) + (kernel(b, b).sum() - m) / (m * (m - 1))
    return float(within - 2 * kernel(a, b).mean())


probes = []
scaler = StandardScaler().fit(codes[:TRAIN])
train, test = scaler.transform(codes[:TRAIN]), scaler.transform(codes[TRAIN:])
for c in (0.1, 1, 100):
    m = LogisticRegression(C=c, solver="newton-cg", tol=1e-10, max_iter=10000).fit(train, labels[:TRAIN])
    l2 = 1 / (c * TRAIN)
    probes.append(
        dict(
            l2=l2,
            objective=float(log_loss(labels[:TRAIN], m.predict_proba(train)) + l2 / 2 * np.sum(m.coef_**2)),
            accuracy=float(m.score(test, labels[TRAIN:])),
            loss=float(log_loss(labels[TRAIN:], m.predict_proba(test))),
            weights=m.coef_.ravel().tolist(),
        )
    )

between = cdist(x, x)
radii = np.sort(between[:TRAIN, :TRAIN], axis=1)[:, 3]  # column 0 is the row itself
inside = (between[TRAIN:, :TRAIN] <= radii).any(axis=1)

log_weights = rng.normal(-230, 8, size=(4, 50))

embedded = TSNE(2, perplexity=20, init="pca", method="exact", random_state=0).fit_transform(x)

rng = np.random.default_rng(4)
scored = dict(
    apart=(rng.normal(size=40), rng.normal(2, 1, size=25)),
    overlapping=(rng.normal(size=60), rng.normal(0.3, 3, size=200)),
    backwards=(rng.normal(1, 1, size=30), rng.normal(size=30)),
    ties=(rng.integers(0, 5, 50).astype(float), rng.integers(1, 7, 30).astype(float)),
    single=(rng.normal(size=1), rng.normal(size=9)),
)
aurocs = [
    dict(
        name=name,
        inside=inside.tolist(),
        outside=outside.tolist(),
        auroc=float(roc_auc_score([0] * len(inside) + [1] * len(outside), np.concatenate([inside, outside]))),
    )
    for name, (inside, outside) in scored.items()
]

with open("measures.json", "w") as f:
    json.dump(
        dict(
            versions=dict(python=platform.python_version(), numpy=np.__version__, scipy=scipy.__version__, sklearn=sklearn.__version__),
            features=FEATURES,
            dim=DIM,
            train=TRAIN,
            x=x.ravel().tolist(),
            codes=codes.ravel().tolist(),
            labels=labels.tolist(),
            other=other.ravel().tolist(),
            indices=indices.ravel().tolist(),
            distances=distances.ravel().tolist(),
            within_indices=within_indices.ravel().tolist(),
            within_distances=within_distances.ravel().tolist(),
            accuracies=accuracies,
            ranks=ranks,
            silhouettes=[float(silhouette_score(x, labels)), float(silhouette_score(codes, labels))],
            mmd=mmd(codes, other),
            variance=codes.var(axis=0).tolist(),
            probes=probes,
            inside=inside.tolist(),
            log_weights=log_weights.ravel().tolist(),
            nll=(np.log(50) - logsumexp(log_weights, axis=1)).tolist(),
            quantiles=[[q, float(np.quantile(distances, q))] for q in (0, 0.25, 0.5, 0.99, 1)],
            aurocs=aurocs,
            tsne=float(trustworthiness(x, embedded, n_neighbors=5)),
        ),
        f,
    )
    f.write("\n")
