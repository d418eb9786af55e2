"""Reads the table of projector_test.go through TensorBoard's projector.

Run: python read.py FOLDER
"""
import json
import sys

import numpy as np
from tensorboard.backend.event_processing.plugin_event_multiplexer import EventMultiplexer
from tensorboard.plugins import base_plugin
from tensorboard.plugins.projector.projector_plugin import ProjectorPlugin
from werkzeug.test import Client

codes = np.array([[1, -2], [.5, 1e-8], [3, 4]], np.float32)


def same(got, want):
    assert got == want, f"{got!r}, want {want!r}"


context = base_plugin.TBContext(logdir=sys.argv[1], multiplexer=EventMultiplexer())
routes = ProjectorPlugin(context).get_plugin_apps()


def ask(route, **arguments):
    answer = Client(routes[route]).get("/", query_string=arguments)
    assert answer.status_code == 200, f"{route}: {answer.status} {answer.data!r}"
    return answer.data


run = json.loads(ask("/runs"))[0]
shown = json.loads(ask("/info", run=run))["embeddings"][0]
same(shown["tensorName"], "codes")
same(shown["tensorShape"], [3, 2])
same(shown["sprite"]["singleImageDim"], [8, 8])
same(np.frombuffer(ask("/tensor", run=run, name="codes"), np.float32).reshape(3, 2).tolist(), codes.tolist())
rows = ask("/metadata", run=run, name="codes").decode().splitlines()
same(rows[0].split("\t"), ["class", "cluster", "split", "index", "tsne_x", "tsne_y"])
same(rows[2].split("\t"), ["T-shirt/top", "0", "train", "1", "0", "20"])
same(len(rows), 4)
assert ask("/sprite_image", run=run, name="codes").startswith(b"\x89PNG")
print("read")
