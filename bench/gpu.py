"""Checks the training on a GPU; README.md in this folder says what is checked and how. make check-gpu calls it."""

import argparse
import importlib.util
import os
import pathlib
import platform
import sys
import time

import bench
from bench import OURS, ROOT, Failure, Table, median, ratio, run, spread

FOLDER = ROOT / "bin" / "gpu"  # the program and the data, made by make check-gpu-build
LIMIT = 1  # nat per image: how far a loss may be from the processor's
ROUNDS = 2  # processes of each training, which must give the same bits
ADVICE = """gpu: it needs an NVIDIA GPU and XLA's plugin for CUDA. Install the plugin with `make setup PLUGIN=gomlx`, or with
gpu: `pip install "jax[cuda13]"` for the Python that runs this (PYTHON=FILE names it), or give its file: BACKEND=xla:/path/of/plugin.so"""


def say(*words):
    print("gpu:", *words, file=sys.stderr, flush=True)


def cuda_plugin():
    """The file of the CUDA plugin in JAX's wheel, if this Python has it."""
    spec = importlib.util.find_spec("jax_plugins")
    for folder in spec.submodule_search_locations if spec else []:
        for file in sorted(pathlib.Path(folder).glob("xla_cuda*/xla_cuda_plugin.so")):
            return file


def gpu_environment(backend):
    """The environment of programs that compute on the GPU: the first one, with the user's flags for XLA.

    >>> gpu_environment("xla:cuda")["GOMLX_BACKEND"]
    'xla:cuda'
    """
    flags = [os.environ.get("XLA_FLAGS", "")]
    libraries = pathlib.Path(backend.partition(":")[2]).parents
    if len(libraries) > 3 and (nvidia := libraries[2] / "nvidia" / "cu13").is_dir():  # beside the plugin of JAX's wheel
        flags.append(f"--xla_gpu_cuda_data_dir={nvidia}")
    gpu = {"GOMLX_BACKEND": backend, "CUDA_VISIBLE_DEVICES": os.environ.get("CUDA_VISIBLE_DEVICES", "0")}
    return gpu | ({"XLA_FLAGS": " ".join(flags).strip()} if any(flags) else {})


def faults(trainings):
    """What is wrong with the trainings: a dictionary of (model, batch) to the lines of the GPU and the line of the processor.

    >>> line = {"loss": 260.5, "weights": "ab", "version": "backend xla:cuda"}
    >>> faults({("vae", 128): ([line, line], line | {"loss": 261.0})})
    []
    >>> faults({("vae", 128): ([line, line | {"weights": "cd"}], line | {"loss": 262.0})})
    ['vae, batches of 128: the loss 260.500 is 1.500 nats from the 262.000 on the processor, more than 1', 'vae, batches of 128: repeats gave other bits']
    """
    wrong = []
    for (model, batch), (lines, reference) in trainings.items():
        name = f"{model}, batches of {batch:,}"
        for loss in sorted({line["loss"] for line in lines}):
            if not abs(loss - reference["loss"]) <= LIMIT:
                wrong.append(f"{name}: the loss {loss:.3f} is {abs(loss - reference['loss']):.3f} nats from the "
                             f"{reference['loss']:.3f} on the processor, more than {LIMIT}")
        if len({line["weights"] for line in lines}) > 1:
            wrong.append(f"{name}: repeats gave other bits")
    return wrong


def agreement(trainings, o):
    rows = [[model, batch, f"{lines[0]['loss']:.4f}", f"{reference['loss']:.4f}", f"{lines[0]['loss'] - reference['loss']:+.4f}",
             "yes" if len({line["weights"] for line in lines}) == 1 else "NO", ", ".join(sorted({line["weights"][:12] for line in lines}))]
            for (model, batch), (lines, reference) in trainings.items()]
    return Table("gpu", "Losses and bits", f"Loss on the test images after {o.epochs} epochs on {o.images:,} images, nats per image, with seed 0; on the processor with "
                 f"{reference_version(trainings)}. The same bits: of the weights, after {ROUNDS} trainings in processes of their own.",
                 ["model", "batch", "loss", "on the processor", "difference", "same bits", "weights"], rows)


def reference_version(trainings):
    return next(iter(trainings.values()))[1]["version"]


def speed(done, note, o):
    """The table of done, which maps (contender, model, batch) to its processes."""
    rows = []
    for (name, model, batch), all in done.items():
        later = [p.lines[-1]["seconds"][1:] for p in all]
        ours = [median(p.lines[-1]["seconds"][1:]) for p in done[OURS, model, batch]]
        rows.append([name, all[0].lines[-1]["version"], model, batch, *spread(sum(later, [])), median(p.arrived[0] for p in all),
                     ratio(ours, map(median, later))])
    return Table("gpu", "Speed", f"s/epoch: of the epochs after the first, {o.images:,} images, f32 without TF32. First: from the start of the program to the end of its first epoch. "
                 f"Ratios below 1: this project is faster.{note}",
                 ["contender", "version", "model", "batch", "s/epoch", "min", "max", "first, s", "s/epoch, ours / theirs"], rows)


class Clock:
    """Counts the processes, says how far they are, and ends what takes longer than the time."""

    def __init__(self, total, minutes):
        self.total, self.done, self.started, self.seconds = total, 0, time.monotonic(), 60 * minutes

    def run(self, name, command, environment, **flags):
        try:
            p = run(command, environment, timeout=max(1, self.seconds - self.elapsed()), **flags)
        except Failure as failure:
            raise Failure(f"{name}: {failure}" + (f"\n{ADVICE}" if self.done == 0 else "")) from None
        self.done += 1
        left = self.elapsed() / self.done * (self.total - self.done)
        say(f"{self.done} of {self.total}: {name}: loss {p.lines[-1]['loss']:.2f}, {p.seconds:.0f} s" + (f"; about {left:.0f} s left" if left else ""))
        return p

    def elapsed(self):
        return time.monotonic() - self.started


def check(o):
    """Trains everything and returns the page, its faults and whether the device is a GPU."""
    models = [(model, o.batches[0]) for model in ("ae", "vae")] + [("vae", batch) for batch in o.batches[1:]]
    peer = all(importlib.util.find_spec(name) for name in ("jax", "optax"))
    clock = Clock((ROUNDS + 1) * len(models) + peer * ROUNDS * len(o.batches), o.minutes)
    task = {"data": o.data, "epochs": o.epochs, "images": o.images}
    gpu = gpu_environment(o.backend)
    done = {(OURS, *key): [clock.run(f"{key[0]}, batches of {key[1]}", [o.program], gpu, model=key[0], batch=key[1], **task) for _ in range(ROUNDS)]
            for key in models}
    trainings = {key: ([p.lines[-1] for p in done[OURS, *key]], clock.run(
        f"{key[0]}, batches of {key[1]}, on the processor", [o.program], {"GOMLX_BACKEND": o.reference}, model=key[0], batch=key[1], **task).lines[-1])
        for key in models}
    version = done[OURS, *models[0]][0].lines[-1]["version"]
    cuda = "cuda" in version
    note = "" if peer else " JAX and Optax are not in the Python that ran this."
    jax = gpu | {"JAX_PLATFORMS": "cuda" if cuda else "cpu", "JAX_DEFAULT_MATMUL_PRECISION": "highest"}
    try:
        for batch in o.batches if peer else []:
            script = [sys.executable, str(ROOT / "bench" / "peers" / "jax_scan.py")]
            done["JAX, lax.scan", "vae", batch] = [clock.run(f"JAX, batches of {batch}", script, jax, batch=batch, **task) for _ in range(ROUNDS)]
    except Failure as failure:
        note = " JAX did not finish."
        say(failure)
    wrong = faults(trainings)
    device = bench.output("nvidia-smi", "--query-gpu=name,driver_version", "--format=csv,noheader").partition("\n")[0] if cuda else ""
    what = f"GPU: {device or 'unknown'} (name, driver)" if cuda else "**No GPU: this page is of a processor, and only shows that the check runs**"
    text = f"# GPU\n\n{what}; {bench.machine()}; {version}; {platform.system()} {platform.release()}; made by `make check-gpu` in " \
        f"{clock.elapsed() / 60:.1f} minutes. What is checked and how: [bench](../../bench/README.md).\n\n"
    text += "**The check failed:**\n\n" + "".join(f"- {w}\n" for w in wrong) if wrong else "**The check passed.**\n"
    return text + "\n" + "\n".join(t.markdown() for t in (agreement(trainings, o), speed(done, note, o))), wrong, cuda


def options():
    installed = (ROOT / ".venv/lib/go-xla/pjrt_c_api_cpu_plugin.so").exists()
    plugin = cuda_plugin()
    carried = FOLDER if any(FOLDER.glob("*-ubyte*")) else None
    parser = argparse.ArgumentParser()
    parser.add_argument("--backend", default=os.environ.get("GOMLX_BACKEND") or (f"xla:{plugin}" if plugin else "xla:cuda"),
                        help="what is checked, as GOMLX_BACKEND names it; default: GOMLX_BACKEND, JAX's plugin for CUDA, or one that the set-up installed")
    parser.add_argument("--reference", default="xla:cpu" if installed else "go", help="backend of the processor")
    parser.add_argument("--epochs", type=int, default=5, help="epochs of each training, 2 or more")
    parser.add_argument("--images", type=int, default=60_000, help="training images")
    parser.add_argument("--batches", type=int, nargs="+", default=[128, 4096], help="images per step")
    parser.add_argument("--minutes", type=float, default=7.5, help="what takes longer is ended")
    parser.add_argument("--data", default=os.environ.get("FASHION_MNIST_DIR") or carried, help="folder of Fashion-MNIST's four files")
    parser.add_argument("--program", default=str(FOLDER / "ours"), help="the program bench/ours")
    parser.add_argument("--out", type=pathlib.Path, help="the page; default: results/bench/gpu.md, or below results/smoke without a GPU or for a reduced check")
    o = parser.parse_args()
    if not os.access(o.program, os.X_OK):
        parser.error(f"the program {o.program} is not there; run make check-gpu-build on a machine with Go")
    if o.epochs < 2 or min(o.batches) < 1 or max(o.batches) > o.images:
        parser.error("want 2 epochs or more, and batches of 1 image or more and no more than there are images")
    o.data = o.data or bench.folder_of()
    o.standard = o.epochs >= 5 and o.images == 60_000 and o.batches == [128, 4096]
    return o


def main():
    o = options()
    try:
        text, wrong, cuda = check(o)
    except Failure as failure:
        sys.exit(f"gpu: failed: {failure}")
    out = o.out or ROOT / "results" / ("bench" if cuda and o.standard else "smoke/bench") / "gpu.md"
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(text)
    print(text)
    say(f"{'FAILED' if wrong else 'passed'}: {out}")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
