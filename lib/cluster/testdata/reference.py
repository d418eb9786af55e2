"""Writes reference.json: what scikit-learn and networkx make of small data sets, for the Go tests.

Run with: python reference.py   (needs numpy, scikit-learn and networkx; the versions it ran with are in the file)
"""

import json
import platform

import networkx as nx
import numpy as np
import sklearn
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score
from sklearn.metrics.cluster import contingency_matrix
from sklearn.mixture import GaussianMixture
from sklearn.neighbors import kneighbors_graph

rng = np.random.default_rng(1)
K, DIM, N = 4, 3, 600

# Four correlated Gaussians that overlap; values that are exact in float32.
means = rng.normal(size=(K, DIM)) * 2
mix = rng.normal(size=(K, DIM, DIM)) * 0.5 + np.eye(DIM) * 0.5
component = rng.integers(0, K, N)
x = means[component] + np.einsum("nij,nj->ni", mix[component], rng.normal(size=(N, DIM)))
x = x.astype(np.float32).astype(np.float64)

starts = []
for _ in range(3):
    init = x[rng.choice(N, K, replace=False)]
    m = KMeans(K, init=init, n_init=1, algorithm="lloyd").fit(x)
    starts.append(
        dict(init=init.ravel().tolist(), inertia=m.inertia_, iterations=int(m.n_iter_), centres=m.cluster_centers_.ravel().tolist(), labels=m.labels_.tolist())
    )
many = KMeans(K, n_init=20, random_state=0).fit(x)

init = x[rng.choice(N, K, replace=False)]
mixtures = []
for tolerance in (1e-3, 1e-9):
    g = GaussianMixture(
        K, tol=tolerance, max_iter=1000, weights_init=np.full(K, 1 / K), means_init=init, precisions_init=np.tile(np.eye(DIM), (K, 1, 1))
    ).fit(x)
    mixtures.append(
        dict(
            init=init.ravel().tolist(),
            tolerance=tolerance,
            iterations=int(g.n_iter_),
            log_likelihood=g.score(x),
            bic=g.bic(x),
            weights=g.weights_.tolist(),
            means=g.means_.ravel().tolist(),
            covariances=g.covariances_.ravel().tolist(),
            labels=g.predict(x).tolist(),
            log_density=g.score_samples(x)[:20].tolist(),
        )
    )

agreements = []
for classes, clusters in [
    ([0, 0, 1, 1], [0, 0, 1, 1]),
    ([0, 0, 1, 1], [1, 1, 0, 0]),
    ([0, 0, 1, 2], [0, 0, 1, 1]),
    ([0, 0, 0, 0], [0, 1, 2, 3]),
    ([0, 0, 0, 0], [0, 0, 0, 0]),
    ([0, 1, 2, 3], [3, 2, 1, 0]),
    ([0, 0, 1, 1], [0, 1, 0, 1]),
    ([0], [0]),
    (component.tolist(), many.labels_.tolist()),
    (component.tolist(), rng.integers(0, 7, N).tolist()),
    (component.tolist(), (many.labels_ // 2 * 5).tolist()),
]:
    agreements.append(
        dict(
            classes=classes,
            clusters=clusters,
            nmi=float(normalized_mutual_info_score(classes, clusters, average_method="arithmetic")),
            ari=float(adjusted_rand_score(classes, clusters)),
            present=contingency_matrix(classes, clusters).tolist(),
        )
    )

# The mutual neighbour graph with Jaccard weights, each point counted among its own neighbours, and modularities of two partitions of it.
NEIGHBOURS = 12
near = kneighbors_graph(x, NEIGHBOURS, mode="connectivity", include_self=False).toarray() > 0
mutual = near & near.T
closed = near | np.eye(N, dtype=bool)
common = closed.astype(int) @ closed.T.astype(int)
weight = np.where(mutual, common / (2 * (NEIGHBOURS + 1) - common), 0.0)
graph = nx.from_numpy_array(weight)
modularities = []
for labels in (component, many.labels_):
    for resolution in (1.0, 8.0):
        sets = [set(np.flatnonzero(labels == c).tolist()) for c in range(K)]
        modularities.append(
            dict(labels=labels.tolist(), resolution=resolution, modularity=nx.community.modularity(graph, sets, resolution=resolution))
        )
rows, columns = np.nonzero(np.triu(weight))

with open("reference.json", "w") as f:
    json.dump(
        dict(
            versions=dict(python=platform.python_version(), numpy=np.__version__, sklearn=sklearn.__version__, networkx=nx.__version__),
            k=K,
            dim=DIM,
            x=x.ravel().tolist(),
            kmeans=starts,
            best_inertia=many.inertia_,
            mixtures=mixtures,
            agreements=agreements,
            graph=dict(
                neighbours=NEIGHBOURS,
                nearest=np.argsort(((x[:, None] - x[None]) ** 2).sum(-1) + np.diag(np.full(N, np.inf)), axis=1)[:20, :NEIGHBOURS].tolist(),
                edges=np.stack([rows, columns], 1).tolist(),
                weights=weight[rows, columns].tolist(),
                giant=len(max(nx.connected_components(graph), key=len)),
                modularities=modularities,
            ),
        ),
        f,
    )
    f.write("\n")
