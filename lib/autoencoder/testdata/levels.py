"""Writes levels.json: the loss of a VAE with two levels, gated layers, clipped log-variances and a VampPrior, in NumPy.

Run: python levels.py > levels.json
"""
import json

import numpy as np

pixels, top, h1, h2, images = 64, 2, 5, 4, 3
shapes = [  # in the order of Config.Variables
    ("encoder/hidden_1", pixels, 2 * h1), ("encoder/hidden_2", h1, 2 * h2),
    ("encoder/mean", h2, top), ("encoder/log_variance", h2, top),
    ("lower_encoder/hidden_1", pixels, 2 * h1), ("lower_encoder/hidden_code", top, 2 * h1),
    ("lower_encoder/hidden_2", 2 * h1, 2 * h2), ("lower_encoder/mean", h2, top), ("lower_encoder/log_variance", h2, top),
    ("lower_prior/hidden_2", top, 2 * h2), ("lower_prior/hidden_1", h2, 2 * h1),
    ("lower_prior/mean", h1, top), ("lower_prior/log_variance", h1, top),
    ("decoder/hidden_code", top, 2 * h2), ("decoder/hidden_2", top, 2 * h2), ("decoder/hidden_1", 2 * h2, 2 * h1),
    ("decoder/output", h1, pixels),
]


def values(start, *shape):
    """Values that both programs can make: sin(start + 1), sin(start + 2), ..."""
    return np.sin(start + 1 + np.arange(np.prod(shape), dtype=np.float64)).reshape(shape)


w, names = {}, []
for i, (name, n, m) in enumerate(shapes):
    w[name + "/weights"], w[name + "/bias"] = values(100 * i, n, m), values(100 * i + 50, m)
    names += [name + "/weights", name + "/bias"]
w["prior/images"] = values(7, images, pixels)
names.append("prior/images")
x = .5 + .5 * values(3, 2, pixels)


def dense(name, v):
    return v @ w[name + "/weights"] + w[name + "/bias"]


def hidden(name, v):
    both = dense(name, v)
    half = both.shape[1] // 2
    return both[:, :half] / (1 + np.exp(-both[:, half:]))


def gaussian(part, v):
    return dense(part + "/mean", v), np.clip(dense(part + "/log_variance", v), -6, 2)


def upper(v):
    return gaussian("encoder", hidden("encoder/hidden_2", hidden("encoder/hidden_1", v)))


def log_normal(z, mean, log_variance):
    return -.5 * np.sum((z - mean) ** 2 / np.exp(log_variance) + log_variance + np.log(2 * np.pi), -1)


mean2, var2 = upper(x)
joint = np.concatenate([hidden("lower_encoder/hidden_1", x), hidden("lower_encoder/hidden_code", mean2)], 1)
mean1, var1 = gaussian("lower_encoder", hidden("lower_encoder/hidden_2", joint))
prior = gaussian("lower_prior", hidden("lower_prior/hidden_1", hidden("lower_prior/hidden_2", mean2)))
learned = upper(np.clip(w["prior/images"], 0, 1))
components = np.stack([log_normal(mean2, m, v) for m, v in zip(*learned)], 1) - np.log(images)
log_prior = np.log(np.sum(np.exp(components), 1)) + log_normal(mean1, *prior)
kl = log_normal(mean2, mean2, var2) + log_normal(mean1, mean1, var1) - log_prior
logits = dense("decoder/output", hidden("decoder/hidden_1", np.concatenate([hidden("decoder/hidden_code", mean2), hidden("decoder/hidden_2", mean1)], 1)))
reconstruction = np.sum(np.logaddexp(0, logits) - x * logits, -1)
print(json.dumps({"variables": names, "mean": np.concatenate([mean2, mean1], 1).tolist(), "log_variance": np.concatenate([var2, var1], 1).tolist(),
                  "kl": kl.tolist(), "reconstruction": reconstruction.tolist()}))
