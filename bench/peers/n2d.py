"""N2D (McConville et al., arXiv 1908.05968) with the peers' libraries: the recipe of the authors' n2d.py and run.sh.

An autoencoder 784-500-500-2000-10 of ReLU layers is trained by Adam on the mean squared error, UMAP is fitted to its
codes, and a mixture of Gaussians with full covariances to the points of UMAP. Training and test images are used
together, and labels only score. With --kept, a killed training continues after its last checkpoint, with the weights
that it would have had."""

import argparse
import gzip
import importlib.metadata
import json
import os
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
EVERY = 20  # epochs from one checkpoint to the next

parser = argparse.ArgumentParser()
parser.add_argument("--data", required=True, help="folder of the four files of Fashion-MNIST or MNIST")
parser.add_argument("--images", type=int, default=70_000, help="the first of the training images, then of the test images")
parser.add_argument("--epochs", type=int, default=1000)
parser.add_argument("--seed", type=int, default=0)
parser.add_argument("--kept", type=pathlib.Path, help="file for the checkpoint")
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


def trained(x):
    """The encoder after training on images x, [n, 784] in [0, 1], and the seconds that the training took in all."""
    encoder, decoder = layers(WIDTHS), layers(WIDTHS[::-1])
    optimiser = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()], lr=1e-3, eps=1e-7, fused=True)
    parts = {"encoder": encoder, "decoder": decoder, "optimiser": optimiser}
    epochs, seconds = 0, 0.0
    if args.kept and args.kept.exists():
        checkpoint = torch.load(args.kept)
        for name, part in parts.items():
            part.load_state_dict(checkpoint[name])
        torch.set_rng_state(checkpoint["random"])
        epochs, seconds = checkpoint["epochs"], checkpoint["seconds"]
    while epochs < args.epochs:
        started = time.perf_counter()
        for batch in torch.randperm(len(x)).split(BATCH):
            loss = torch.nn.functional.mse_loss(decoder(encoder(x[batch])), x[batch])
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            optimiser.step()
        epochs += 1
        seconds += time.perf_counter() - started
        if epochs % EVERY == 0 or epochs == args.epochs:
            if args.kept:
                state = {name: part.state_dict() for name, part in parts.items()}
                beside = args.kept.with_suffix(".new")
                torch.save(state | {"random": torch.get_rng_state(), "epochs": epochs, "seconds": seconds}, beside)
                os.replace(beside, args.kept)
            print(json.dumps({"epoch": epochs, "seconds": seconds, "loss": loss.item()}), flush=True)
    return encoder, seconds


def accuracy(classes, clusters):
    counts = contingency_matrix(classes, clusters)
    return counts[linear_sum_assignment(counts, maximize=True)].sum() / len(classes)


torch.manual_seed(args.seed)
x = np.concatenate([common.images(args.data, split) for split in ("train", "t10k")])[:args.images]
x = torch.from_numpy(x.astype(np.float32) / 255)
y = np.concatenate([labels(split) for split in ("train", "t10k")])[:args.images]
encoder, training = trained(x)
started = time.perf_counter()
with torch.no_grad():
    codes = torch.cat([encoder(part) for part in x.split(10_000)]).numpy()
plane = umap.UMAP(n_neighbors=20, min_dist=0.0, n_components=10, random_state=args.seed).fit_transform(codes)
found = GaussianMixture(CLUSTERS, random_state=args.seed).fit_predict(plane)
print(json.dumps({
    "accuracy": float(accuracy(y, found)),
    "nmi": float(normalized_mutual_info_score(y, found)),
    "ari": float(adjusted_rand_score(y, found)),
    "training": training, "clustering": time.perf_counter() - started,
    "version": ", ".join(f"{p} {importlib.metadata.version(p)}" for p in ("torch", "umap-learn", "scikit-learn")),
}), flush=True)
