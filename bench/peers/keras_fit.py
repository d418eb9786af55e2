"""The VAE in Keras on JAX, trained by fit."""

import os
import time

os.environ["KERAS_BACKEND"] = "jax"

import keras
from keras import layers, ops

import common
from common import BATCH, HIDDEN, LATENT, PIXELS


class VAE(keras.Model):
    def __init__(self, seed):
        super().__init__()
        self.seed = keras.random.SeedGenerator(seed)
        self.scale = layers.Rescaling(1 / 255)
        hidden = lambda nodes: layers.Dense(nodes, "relu", kernel_initializer="he_normal")
        linear = lambda nodes: layers.Dense(nodes, kernel_initializer="lecun_normal")
        self.encoder = keras.Sequential([hidden(n) for n in HIDDEN])
        self.mean, self.log_variance = linear(LATENT), linear(LATENT)
        self.decoder = keras.Sequential([hidden(n) for n in reversed(HIDDEN)] + [linear(PIXELS)])

    def call(self, levels, training=False):
        x = self.scale(levels)
        hidden = self.encoder(x)
        mean, log_variance = self.mean(hidden), self.log_variance(hidden)
        z = mean
        if training:
            z = mean + ops.exp(log_variance / 2) * keras.random.normal(ops.shape(mean), seed=self.seed)
        return x, self.decoder(z), mean, log_variance

    def compute_loss(self, x, y, y_pred, sample_weight=None, training=True):
        """The mean loss of a batch of grey levels, uint8 [batch, 784]: nats per image."""
        x, logits, mean, log_variance = y_pred
        cross_entropy = PIXELS * ops.mean(keras.losses.binary_crossentropy(x, logits, from_logits=True))
        kl = ops.sum(ops.square(mean) + ops.exp(log_variance) - 1 - log_variance, -1) / 2
        return cross_entropy + ops.mean(kl)


class Clock(keras.callbacks.Callback):
    def __init__(self):
        super().__init__()
        self.seconds = []

    def on_epoch_begin(self, epoch, logs=None):
        self.started = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        self.seconds.append(time.perf_counter() - self.started)
        common.epoch_ended(epoch + 1)


args = common.arguments()
keras.utils.set_random_seed(args.seed)
data = common.images(args.data, "train")[:args.images // BATCH * BATCH]  # whole batches: fit would train on the rest too
model, clock = VAE(args.seed), Clock()
model.compile(keras.optimizers.Adam(common.RATE, epsilon=1e-8), jit_compile=True, steps_per_execution=39)  # 12 x 39 = 468
model.fit(data, batch_size=BATCH, epochs=args.epochs, verbose=0, callbacks=[clock])
loss = model.evaluate(common.images(args.data, "t10k"), batch_size=2000, verbose=0)
common.finish(clock.seconds, loss, "keras", "jax")
