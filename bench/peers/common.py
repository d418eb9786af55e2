"""What the peers share: the task's numbers, the data, and the lines on standard output that bench.py reads."""

import argparse
import gzip
import importlib.metadata
import json
import pathlib
import time

import numpy as np

PIXELS, HIDDEN, LATENT = 784, (512, 256), 2
BATCH, RATE = 128, 1e-3


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", required=True, help="folder of Fashion-MNIST's four files")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--images", type=int, default=60_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--batch", type=int, default=BATCH, help="JAX: images per step")
    parser.add_argument("--compile", action="store_true", help="PyTorch: torch.compile")
    return parser.parse_args()


def images(folder, split):
    """The images of a split, "train" or "t10k": uint8 [n, 784]."""
    path = pathlib.Path(folder) / f"{split}-images-idx3-ubyte"
    content = path.read_bytes() if path.exists() else gzip.decompress(path.with_name(path.name + ".gz").read_bytes())
    return np.frombuffer(content, np.uint8, offset=16).reshape(-1, PIXELS)


def train(epochs, epoch):
    """Calls epoch(k) for k = 0, 1, ...; it returns when the epoch's work is done. Returns the seconds of each."""
    seconds = []
    for k in range(epochs):
        started = time.perf_counter()
        epoch(k)
        seconds.append(time.perf_counter() - started)
        epoch_ended(k + 1)
    return seconds


def epoch_ended(k):
    print(json.dumps({"epoch": k}), flush=True)


def finish(seconds, loss, *packages):
    """Reports the seconds of each epoch, the loss on the test images and the packages' versions."""
    version = ", ".join(f"{p} {importlib.metadata.version(p)}" for p in packages)
    print(json.dumps({"seconds": seconds, "loss": float(loss), "version": version}), flush=True)
