"""Writes half.json: float32 values, as their bits, with what NumPy rounds them to in half precision."""

import json
import pathlib

import numpy as np

random = np.random.default_rng(0)
values = np.concatenate([
    [0, -0.0, 1, -2, 65504, 65519.99, 65520, -1e6, np.inf, -np.inf, 2**-14, 2**-15, 2**-24, 2**-25, 2**-26, 1.5 * 2**-24, 2.5 * 2**-24],
    1 + np.arange(8) * 2**-11,  # ties
    random.normal(size=100), random.normal(size=100) * 1e-5, random.normal(size=50) * 1e4,
]).astype(np.float32)
with np.errstate(over="ignore"):
    halves = values.astype(np.float16)
pathlib.Path(__file__).with_name("half.json").write_text(json.dumps({
    "numpy": np.__version__,
    "values": values.view(np.uint32).tolist(),
    "halves": halves.view(np.uint16).tolist(),
}) + "\n")
