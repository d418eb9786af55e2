"""What bounds an epoch on this machine: its matrix products alone, with PyTorch's library and with XLA, and Adam's reading and writing of
memory, each over the steps of an epoch. The products are the output of each layer, the gradient of its weights and, in all but
the first, the gradient of its input."""

import json
import time
from statistics import median

import jax
import jax.numpy as jnp
import torch

import common
from common import BATCH, HIDDEN, LATENT, PIXELS

args = common.arguments()
STEPS = args.images // BATCH
LAYERS = [(PIXELS, HIDDEN[0]), HIDDEN, (HIDDEN[1], 2 * LATENT), (LATENT, HIDDEN[1]), HIDDEN[::-1], (HIDDEN[0], PIXELS)]


def timed(name, epoch):
    epoch()
    seconds = []
    for _ in range(args.epochs):
        start = time.monotonic()
        epoch()
        seconds.append(time.monotonic() - start)
    print(json.dumps({"limit": name, "seconds": median(seconds)}), flush=True)


def torch_products():
    products = []
    for i, (inputs, outputs) in enumerate(LAYERS):
        x, w, slope = torch.randn(BATCH, inputs), torch.randn(inputs, outputs), torch.randn(BATCH, outputs)
        products += [(x, w), (x.T, slope)] + [(slope, w.T)] * (i > 0)
    outputs = [a @ b for a, b in products]

    def epoch():
        for _ in range(STEPS):
            for (a, b), out in zip(products, outputs):
                torch.mm(a, b, out=out)
    return epoch


def xla_products():
    keys = jax.random.split(jax.random.key(args.seed), len(LAYERS) + 1)
    weights = [jax.random.normal(k, shape) / shape[0] ** .5 for k, shape in zip(keys, LAYERS)]

    @jax.jit
    def epoch(x, weights):
        def step(state, _):
            x, _ = state
            values = []
            for w in weights:
                values.append(x[:, :w.shape[0]])  # of mean and log-variance, as many as the code has
                x = values[-1] @ w
            slope, gradients = x, []
            for i in reversed(range(len(weights))):
                gradients.append(values[i].T @ slope)
                if i > 0:
                    slope = slope @ weights[i].T
                    slope = jnp.pad(slope, ((0, 0), (0, weights[i - 1].shape[1] - slope.shape[1])))
            return (x, gradients), None
        start = [jnp.zeros_like(w) for w in reversed(weights)]
        return jax.lax.scan(step, (x, start), None, length=STEPS)[0]

    x = jax.random.normal(keys[-1], (BATCH, PIXELS))
    return lambda: jax.block_until_ready(epoch(x, weights))


def adam():
    arrays = [torch.rand(sum(inputs * outputs + outputs for inputs, outputs in LAYERS)) for _ in range(4)]
    weights, first, second, gradient = ([a] for a in arrays)
    step = [torch.tensor(1.0)]

    def epoch():
        for _ in range(STEPS):
            torch._fused_adam_(weights, gradient, first, second, [], step, lr=1e-3, beta1=.9, beta2=.999, weight_decay=0.0, eps=1e-8,
                               amsgrad=False, maximize=False)
    return epoch


timed("matrix products alone, PyTorch", torch_products())
timed("matrix products alone, XLA", xla_products())
timed("Adam alone, in one pass, PyTorch", adam())
