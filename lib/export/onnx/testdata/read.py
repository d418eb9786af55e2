"""Runs models in onnxruntime and compares codes, log-variances and images with those in expected.npz.

Run: python read.py FOLDER, with a folder for each model in FOLDER: encoder.onnx, decoder.onnx, expected.npz.
"""
import json
import pathlib
import sys

import numpy as np
import onnxruntime


def session(path):
    return onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])


def compare(model, what, got, want):
    assert got.dtype == np.float32 and got.shape == want.shape, f"{model}: {what} is {got.dtype} {got.shape}, want float32 {want.shape}"
    np.testing.assert_allclose(got, want, rtol=1e-5, atol=1e-5, err_msg=f"{model}: {what}")


folders = sorted(path for path in pathlib.Path(sys.argv[1]).iterdir() if path.is_dir())
for folder in folders:
    model, want = folder.name, np.load(folder / "expected.npz")
    encoder, decoder = session(folder / "encoder.onnx"), session(folder / "decoder.onnx")
    images = want["images"].astype(np.float32) / 255
    outputs = [name for name in ("codes", "log_variances") if name in want]
    assert [o.name for o in encoder.get_outputs()] == outputs, f"{model}: outputs {[o.name for o in encoder.get_outputs()]}"
    assert encoder.get_inputs()[0].shape == ["batch", images.shape[1]], f"{model}: input {encoder.get_inputs()[0].shape}"
    assert decoder.get_inputs()[0].shape == ["batch", want["codes"].shape[1]], f"{model}: input {decoder.get_inputs()[0].shape}"
    for name, got in zip(outputs, encoder.run(None, {"images": images})):
        compare(model, name, got, want[name])
        one = encoder.run([name], {"images": images[:1]})[0]  # the batch size is free
        compare(model, name + " of one image", one, want[name][:1])
    compare(model, "images", decoder.run(["images"], {"codes": want["codes"]})[0], want["decoded"])
    for part in (encoder, decoder):
        about = part.get_modelmeta().custom_metadata_map
        json.loads(about["config"])
        assert about["run"] == model, f"{model}: metadata {about}"
        for kind, values in (("input", part.get_inputs()), ("output", part.get_outputs())):
            for v in values:
                assert about[f"{kind} {v.name}"].startswith(f"[batch, {v.shape[1]}] float32: "), f"{model}: metadata {about}"
print(len(folders), "models")
