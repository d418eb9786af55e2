"""The VAE in JAX and Optax: the data on the device, and the whole epoch one jitted call with lax.scan over its steps."""

from functools import partial

import jax
import jax.numpy as jnp
import optax

import common
from common import HIDDEN, LATENT, PIXELS


def initial(key):
    def dense(key, name, inputs, outputs):
        relu = name.startswith("hidden")
        scale = jnp.sqrt((2 if relu else 1) / inputs)
        return scale * jax.random.normal(key, (inputs, outputs)), jnp.zeros(outputs)

    shapes = {
        "hidden1": (PIXELS, HIDDEN[0]), "hidden2": HIDDEN, "mean": (HIDDEN[1], LATENT), "log_variance": (HIDDEN[1], LATENT),
        "hidden3": (LATENT, HIDDEN[1]), "hidden4": HIDDEN[::-1], "output": (HIDDEN[0], PIXELS),
    }
    keys = jax.random.split(key, len(shapes))
    return {name: dense(k, name, *shape) for k, (name, shape) in zip(keys, shapes.items())}


def loss(weights, levels, key=None):
    """The mean loss of a batch of grey levels, uint8 [batch, 784]: nats per image. Without a key, from the posterior mean."""
    def dense(name, x):
        w, b = weights[name]
        return x @ w + b

    x = levels.astype(jnp.float32) / 255
    hidden = jax.nn.relu(dense("hidden2", jax.nn.relu(dense("hidden1", x))))
    mean, log_variance = dense("mean", hidden), dense("log_variance", hidden)
    z = mean
    if key is not None:
        z = mean + jnp.exp(log_variance / 2) * jax.random.normal(key, mean.shape)
    logits = dense("output", jax.nn.relu(dense("hidden4", jax.nn.relu(dense("hidden3", z)))))
    cross_entropy = optax.sigmoid_binary_cross_entropy(logits, x).sum(-1)
    kl = (mean**2 + jnp.exp(log_variance) - 1 - log_variance).sum(-1) / 2
    return (cross_entropy + kl).mean()


args = common.arguments()
optimizer = optax.adam(common.RATE)


@partial(jax.jit, donate_argnums=(0, 1))
def train_epoch(weights, moments, data, key):
    steps = len(data) // args.batch
    shuffle, noise = jax.random.split(key)
    order = jax.random.permutation(shuffle, len(data))[:steps * args.batch].reshape(steps, args.batch)

    def step(state, inputs):
        weights, moments = state
        rows, key = inputs
        value, gradient = jax.value_and_grad(loss)(weights, data[rows], key)
        updates, moments = optimizer.update(gradient, moments)
        return (optax.apply_updates(weights, updates), moments), value

    state, losses = jax.lax.scan(step, (weights, moments), (order, jax.random.split(noise, steps)))
    return *state, losses.mean()


key = jax.random.key(args.seed)
data = jnp.asarray(common.images(args.data, "train")[:args.images])
weights = jax.jit(initial)(key)
moments = optimizer.init(weights)


def epoch(k):
    global weights, moments
    weights, moments, mean = train_epoch(weights, moments, data, jax.random.fold_in(key, k + 1))
    mean.block_until_ready()


seconds = common.train(args.epochs, epoch)
test = jax.jit(loss)(weights, jnp.asarray(common.images(args.data, "t10k")))
common.finish(seconds, test, "jax", "optax")
