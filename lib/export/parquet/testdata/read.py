"""Reads the table of parquet_test.go with pandas and pyarrow.

Run: python read.py FILE
"""
import sys

import numpy as np
import pandas
import pyarrow.parquet

file = sys.argv[1]
codes = np.array([[1, -2], [.5, 1e-8], [3, 4]], np.float32)
classes = ["Bag", "T-shirt/top", 'a\tb\n"ü"']


def same(got, want):
    assert got == want, f"{got!r}, want {want!r}"


table = pandas.read_parquet(file)
same(list(table.columns), ["class", "cluster", "code", "index", "log_variance", "split", "thumbnail", "tsne_x", "tsne_y", "x", "y"])
same(np.stack(table["code"]).tolist(), codes.tolist())
same(np.stack(table["log_variance"]).tolist(), [[-1, -2], [-3, -4], [-5, -6]])
same(table[["x", "y"]].to_numpy().tolist(), codes.tolist())
same(table[["tsne_x", "tsne_y"]].to_numpy().tolist(), [[.5, -1], [0, 20], [-3, 7]])
same(table["class"].tolist(), classes)
same(table["cluster"].tolist(), [1, 0, 2])
same(table["split"].tolist(), ["train", "train", "test"])
same(table["index"].tolist(), [0, 1, 0])
same([t["path"] for t in table["thumbnail"]], ["train/0.png", "train/1.png", "test/0.png"])
assert all(t["bytes"].startswith(b"\x89PNG") for t in table["thumbnail"])
kinds = {field.name: str(field.type) for field in pyarrow.parquet.read_schema(file)}
same(kinds["class"], "string")
same(kinds["cluster"], "int64")
same(kinds["code"], "list<element: float not null>")
same(kinds["thumbnail"], "struct<bytes: binary not null, path: string not null>")
print("read")
