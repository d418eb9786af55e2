"""Writes numpy.npz and numpy-deflated.npz: arrays of the types and shapes that lib/npz reads, as NumPy writes them.

Run with: python numpy_files.py   (NumPy 2.4.6 wrote those that are here)
"""

import numpy as np

arrays = {f"a_{t}": np.array([[0, 1, 2], [100, 101, 127]]).astype(t) for t in "u1 i1 <u2 <i2 <u4 <i4 <u8 <i8 <f4 <f8 >i8 >f4".split()}
arrays |= {
    "bool": np.array([True, False, True]),
    "negative": np.array([-1, -(2**40)]),
    "fraction": np.array([0.5, -1e-30], dtype=np.float32),
    "half": np.array([0.1, -65504, 2**-24], dtype=np.float16),
    "scalar": np.array(7, dtype=np.uint8),
    "empty": np.zeros((0, 28, 28), dtype=np.uint8),
    "column": np.arange(5, dtype=np.uint8).reshape(5, 1),
    "fortran": np.asfortranarray(np.arange(6, dtype=np.uint8).reshape(2, 3)),
    "complex": np.array([1j]),
    "text": np.array(["one", "two"]),
    "object": np.array([None], dtype=object),
}
np.savez("numpy.npz", **arrays)
np.savez_compressed("numpy-deflated.npz", **arrays)
