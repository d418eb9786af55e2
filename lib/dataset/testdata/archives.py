"""Writes keras.npz and medmnist.npz: the same small data set as Keras and as MedMNIST store theirs.

Run with: python archives.py   (NumPy 2.4.6 wrote those that are here)
"""

import numpy as np

train, test = np.arange(6 * 64).reshape(6, 8, 8).astype(np.uint8), np.arange(3 * 64).reshape(3, 8, 8).astype(np.uint8)[::-1].copy()
y_train, y_test = np.array([0, 1, 2, 0, 1, 2]), np.array([2, 1, 0])
np.savez_compressed("keras.npz", x_train=train, y_train=y_train.astype(np.uint8), x_test=test, y_test=y_test.astype(np.uint8))
np.savez(
    "medmnist.npz",
    train_images=train, val_images=test, test_images=test,
    train_labels=y_train.reshape(-1, 1), val_labels=y_test.reshape(-1, 1), test_labels=y_test.reshape(-1, 1),
)
