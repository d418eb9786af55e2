"""N2D (McConville et al., arXiv 1908.05968) with the peers' libraries: the recipe of the authors' n2d.py and run.sh.

An autoencoder 784-500-500-2000-10 of ReLU layers is trained by Adam on the mean squared error, UMAP is fitted to its
codes, and a mixture of Gaussians with full covariances to the points of UMAP. Training and test images are used
together, and labels only score."""

import argparse
import gzip
import importlib.metadata
import json
import pathlib
import time

import numpy as np
import torch
import umap
from scipy.optimize import linear_sum_assignment
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score
from sklearn.metrics.cluster import contingency_matrix
from sklearn.mixture import GaussianMixture

import common

WIDTHS, CLUSTERS, BATCH = (784, 500, 500, 2000, 10), 10, 256

parser = argparse.ArgumentParser()
parser.add_argument("--data", required=True, help="folder of the four files of Fashion-MNIST or MNIST")
parser.add_argument("--images", type=int, default=70_000, help="the first of the training images, then of the test images")
parser.add_argument("--epochs", type=int, default=1000)
parser.add_argument("--seed", type=int, default=0)
args = parser.parse_args()


def labels(split):
    path = pathlib.Path(args.data) / f"{split}-labels-idx1-ubyte"
    content = path.read_bytes() if path.exists() else gzip.decompress(path.with_name(path.name + ".gz").read_bytes())
    return np.frombuffer(content, np.uint8, offset=8)


def layers(widths):
    """Linear layers with ReLU between them, initialised as Keras does."""
    made = []
    for inputs, outputs in zip(widths, widths[1:]):
        layer = torch.nn.Linear(inputs, outputs)
        torch.nn.init.xavier_uniform_(layer.weight)
        torch.nn.init.zeros_(layer.bias)
        made += [layer, torch.nn.ReLU()]
    return torch.nn.Sequential(*made[:-1])


def encoded(x):
    """The codes, [n, 10], of images x, [n, 784] in [0, 1]."""
    encoder, decoder = layers(WIDTHS), layers(WIDTHS[::-1])
    optimiser = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()], lr=1e-3, eps=1e-7, fused=True)
    for _ in range(args.epochs):
        for batch in torch.randperm(len(x)).split(BATCH):
            loss = torch.nn.functional.mse_loss(decoder(encoder(x[batch])), x[batch])
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            optimiser.step()
    with torch.no_grad():
        return torch.cat([encoder(part) for part in x.split(10_000)]).numpy()


def accuracy(classes, clusters):
    counts = contingency_matrix(classes, clusters)
    return counts[linear_sum_assignment(counts, maximize=True)].sum() / len(classes)


torch.manual_seed(args.seed)
x = np.concatenate([common.images(args.data, split) for split in ("train", "t10k")])[:args.images]
y = np.concatenate([labels(split) for split in ("train", "t10k")])[:args.images]
started = time.perf_counter()
codes = encoded(torch.from_numpy(x.astype(np.float32) / 255))
trained = time.perf_counter()
plane = umap.UMAP(n_neighbors=20, min_dist=0.0, n_components=10, random_state=args.seed).fit_transform(codes)
found = GaussianMixture(CLUSTERS, random_state=args.seed).fit_predict(plane)
print(json.dumps({
    "accuracy": float(accuracy(y, found)),
    "nmi": float(normalized_mutual_info_score(y, found)),
    "ari": float(adjusted_rand_score(y, found)),
    "training": trained - started, "clustering": time.perf_counter() - trained,
    "version": ", ".join(f"{p} {importlib.metadata.version(p)}" for p in ("torch", "umap-learn", "scikit-learn")),
}), flush=True)
