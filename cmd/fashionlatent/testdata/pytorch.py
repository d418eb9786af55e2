"""Prints the codes and images that a PyTorch module makes of images, as JSON: python pytorch.py MODULE.py WEIGHTS IMAGES.npz

WEIGHTS is an .npz or a .safetensors file. The module is that of README.md in this folder's parent; documents_test.go writes the files, and keeps in pytorch.json what PyTorch 2.15.0 said, rounded to 6 places.
"""
import json
import runpy
import sys

import numpy as np
import torch
from safetensors.torch import load_file

path = sys.argv[2]
if path.endswith(".safetensors"):
    arrays = load_file(path)
else:
    arrays = {name: torch.from_numpy(array) for name, array in np.load(path).items() if "/" in name}
module = runpy.run_path(sys.argv[1])["Autoencoder"](arrays)
images = torch.from_numpy(np.load(sys.argv[3])["images"]) / 255
with torch.no_grad():
    codes = module.encode(images)
    made = {"Codes": codes, "Images": module.decode(codes)}
json.dump({name: np.round(values.double().numpy(), 6).tolist() for name, values in made.items()}, sys.stdout)
