"""Trains a small VAE for three steps with NumPy alone and writes reference.json, which reference_test.go compares with.

The gradients are written out by hand, in float64; the noise is Threefry-2x32-20 followed by Box and Muller's transform.
The images, the weights at the start and the configuration are those of the test. Made with Python 3.11 and NumPy 2.3.
Run it in this folder: python reference.py
"""
import json

import numpy as np

BETA, WARMUP, RATE, FINAL, RATE_WARMUP, HOLD, STEPS, SEED = 0.5, 0.6, 1e-2, 1e-3, 0.5, 0.4, 3, 9
ORDERS = [[3, 2, 4, 0, 5, 1], [1, 5, 2, 4, 0, 3], [2, 1, 3, 5, 4, 0]]  # of the seed's shuffles, as the test finds them

MASK32, MASK64 = 0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF


def key(seed, stream):
    fnv = 0xCBF29CE484222325
    for byte in stream.encode():
        fnv = ((fnv ^ byte) * 0x100000001B3) & MASK64
    x = (seed + 0x9E3779B97F4A7C15) & MASK64
    x = ((x ^ x >> 30) * 0xBF58476D1CE4E5B9) & MASK64
    x = ((x ^ x >> 27) * 0x94D049BB133111EB) & MASK64
    x ^= x >> 31 ^ fnv
    return x >> 32, x & MASK32


def threefry(k0, k1, c0, c1):
    keys = [k0, k1, 0x1BD11BDA ^ k0 ^ k1]
    x, y = (c0 + k0) & MASK32, (c1 + k1) & MASK32
    for block in range(5):
        for r in [(13, 15, 26, 6), (17, 29, 16, 24)][block % 2]:
            x = (x + y) & MASK32
            y = (y << r | y >> (32 - r)) & MASK32
            y ^= x
        x = (x + keys[(block + 1) % 3]) & MASK32
        y = (y + keys[(block + 2) % 3] + block + 1) & MASK32
    return x, y


def normal(step, rows, columns):
    k = key(SEED, "posterior")
    values = []
    for i in range(rows * columns):
        a, b = (v >> 8 for v in threefry(*k, i, step))
        values.append(np.sqrt(-2 * np.log(1 - a / 2**24)) * np.cos(2 * np.pi * b / 2**24))
    return np.array(values).reshape(rows, columns)


i, p = np.arange(6)[:, None], np.arange(784)[None, :]
images = ((i * i * 7 + p * (i + 3) * 13) % 256) / 255

names = ["encoder/hidden_1", "encoder/mean", "encoder/log_variance", "decoder/hidden_1", "decoder/output"]
sizes = [(784, 8), (8, 2), (8, 2), (2, 8), (8, 784)]
weights, count = {}, 0
for name, (a, b) in zip(names, sizes):
    for part, shape in (("weights", (a, b)), ("bias", (b,))):
        n = int(np.prod(shape))
        weights[f"{name}/{part}"] = 0.05 * np.sin(np.arange(count, count + n)).reshape(shape)
        count += n
first = {k: np.zeros_like(v) for k, v in weights.items()}
second = {k: np.zeros_like(v) for k, v in weights.items()}
losses = []

for step in range(STEPS):
    x = images[ORDERS[step]]
    n = len(x)
    share = step / STEPS
    beta = BETA * min(1, share / WARMUP)
    rate = FINAL + (RATE - FINAL) * (1 + np.cos(np.pi * max(0, share - HOLD) / (1 - HOLD))) / 2
    rate *= min(1, share / RATE_WARMUP)
    w = lambda name: weights[name + "/weights"]
    dense = lambda name, v: v @ w(name) + weights[name + "/bias"]

    h1 = np.tanh(dense("encoder/hidden_1", x))
    mean, free = dense("encoder/mean", h1), dense("encoder/log_variance", h1)
    lv = 2 - np.log1p(np.exp(2 - free))
    eps = normal(step, n, 2)
    z = mean + np.exp(lv / 2) * eps
    h2 = np.tanh(dense("decoder/hidden_1", z))
    logits = dense("decoder/output", h2)
    q = 1 / (1 + np.exp(-logits))
    losses.append([
        float(-(x * np.log(q) + (1 - x) * np.log(1 - q)).sum() / n),
        float(0.5 * (mean**2 + np.exp(lv) - 1 - lv).sum() / n),
    ])

    gradients = {}

    def back(name, inputs, delta):
        gradients[name + "/weights"] = inputs.T @ delta
        gradients[name + "/bias"] = delta.sum(0)
        return delta @ w(name).T

    d = back("decoder/output", h2, (q - x) / n) * (1 - h2**2)
    dz = back("decoder/hidden_1", z, d)
    d_mean = dz + beta * mean / n
    d_lv = (dz * eps * np.exp(lv / 2) / 2 + beta * 0.5 * (np.exp(lv) - 1) / n) / (1 + np.exp(free - 2))
    d = back("encoder/mean", h1, d_mean) + back("encoder/log_variance", h1, d_lv)
    back("encoder/hidden_1", x, d * (1 - h1**2))

    t = step + 1
    for k, g in gradients.items():
        first[k] = 0.9 * first[k] + 0.1 * g
        second[k] = 0.999 * second[k] + 0.001 * g**2
        unbiased = first[k] / (1 - 0.9**t), second[k] / (1 - 0.999**t)
        weights[k] = weights[k] - rate * unbiased[0] / (np.sqrt(unbiased[1]) + 1e-8)

digest = lambda arrays: {k: [float(v.sum()), float((v**2).sum()), float(v.flat[-1])] for k, v in arrays.items()}
with open("reference.json", "w") as f:
    json.dump({"orders": ORDERS, "losses": losses, "weights": digest(weights), "first": digest(first), "second": digest(second)}, f, indent=1)
    f.write("\n")
