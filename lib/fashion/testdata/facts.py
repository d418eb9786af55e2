"""Prints facts of the real Fashion-MNIST that tests compare with: facts_test.go here, pca_test.go and knn_test.go of
lib/latent, and TestCrossEntropyOnRealImages of lib/autoencoder.

Run with the folder of the four files and a Python that has NumPy and scikit-learn: python facts.py FOLDER
"""

import gzip
import pathlib
import sys

import numpy as np
from sklearn.neighbors import KNeighborsClassifier


def read(name, offset):
    path = pathlib.Path(sys.argv[1]) / name
    content = path.read_bytes() if path.exists() else gzip.decompress(path.with_name(name + ".gz").read_bytes())
    return np.frombuffer(content, np.uint8, offset=offset)


train, test = (read(f"{split}-images-idx3-ubyte", 16).reshape(-1, 784) / 255 for split in ("train", "t10k"))
labels, test_labels = (read(f"{split}-labels-idx1-ubyte", 8) for split in ("train", "t10k"))
mean = train.mean(0)
print(f"mean pixel: training images {train.mean():.4f}, test images {test.mean():.4f}")
print(f"squared error per pixel of the training images' mean on the test images: {((test - mean) ** 2).mean():.4f}")

_, _, axes = np.linalg.svd(np.cov(train.T))
for dim in (1, 2, 4, 8, 16, 32, 64):
    kept = (test - mean) @ axes[:dim].T @ axes[:dim] + mean
    print(f"squared error per pixel of {dim} principal components: {((test - kept) ** 2).mean():.4f}")

nearest = KNeighborsClassifier(5, algorithm="brute").fit(train.astype(np.float32), labels)
print(f"accuracy of 5 nearest neighbours, first 1,000 test images: {nearest.score(test[:1000].astype(np.float32), test_labels[:1000]):.3f}")


def cross_entropy(x, p):
    """Nats per image, where 0 log 0 is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ones, zeros = np.where(x > 0, x * np.log(p), 0), np.where(x < 1, (1 - x) * np.log(1 - p), 0)
    return -(ones + zeros).sum(1).mean()


print(f"cross-entropy per test image: of the image itself {cross_entropy(test, test):.2f}, of the mean training image {cross_entropy(test, mean):.2f}")
