"""Runs models in onnxruntime-web in Chromium and compares codes, log-variances and images with those in expected.npz.

Run: python browser.py WEB FOLDER, with the files of onnxruntime-web in WEB and a folder for each model in FOLDER, as for read.py.
CHROMIUM names the browser.
"""
import functools
import http.server
import os
import pathlib
import sys
import threading

import numpy as np
from playwright.sync_api import sync_playwright

web, folder = sys.argv[1:]


class Files(http.server.SimpleHTTPRequestHandler):
    """Serves the files of WEB under /web and those of FOLDER under /."""

    extensions_map = {".mjs": "text/javascript", ".js": "text/javascript", ".wasm": "application/wasm", "": "application/octet-stream"}

    def translate_path(self, path):
        if path.startswith("/web/"):
            return os.path.join(web, path.removeprefix("/web/"))
        return super().translate_path(path)

    def do_GET(self):
        if self.path == "/":
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b'<!DOCTYPE html><script src="/web/ort.wasm.min.js"></script>')
        else:
            super().do_GET()

    def log_message(self, *_):
        pass


RUN = """async ([file, input, values, shape]) => {
    ort.env.wasm.numThreads = 1;
    ort.env.wasm.wasmPaths = "/web/";
    const session = await ort.InferenceSession.create(file);
    const out = await session.run({[input]: new ort.Tensor("float32", Float32Array.from(values), shape)});
    return Object.fromEntries(Object.entries(out).map(([name, t]) => [name, [Array.from(t.data), t.dims]]));
}"""


def run(page, file, name, values):
    out = page.evaluate(RUN, [file, name, values.ravel().tolist(), list(values.shape)])
    return {name: np.array(values, np.float32).reshape(dims) for name, (values, dims) in out.items()}


def compare(model, got, want):
    assert got.keys() == want.keys(), f"{model}: outputs {sorted(got)}, want {sorted(want)}"
    for name in want:
        np.testing.assert_allclose(got[name], want[name], rtol=1e-5, atol=1e-5, err_msg=f"{model}: {name}")


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Files, directory=folder))
threading.Thread(target=server.serve_forever, daemon=True).start()
models = sorted(path.name for path in pathlib.Path(folder).iterdir() if path.is_dir())
with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path=os.environ["CHROMIUM"], args=["--no-sandbox"])
    page = browser.new_page()
    page.goto(f"http://127.0.0.1:{server.server_port}/")
    for model in models:
        want = dict(np.load(pathlib.Path(folder, model, "expected.npz")))
        images = want.pop("images").astype(np.float32) / 255
        decoded = want.pop("decoded")
        compare(model, run(page, f"/{model}/encoder.onnx", "images", images), want)
        compare(model, run(page, f"/{model}/decoder.onnx", "codes", want["codes"]), {"images": decoded})
    browser.close()
print(len(models), "models")
