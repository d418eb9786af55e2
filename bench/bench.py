"""Measures this project beside its peers; README.md in this folder says what is measured and how. make bench calls it."""

import argparse
import contextlib
import csv
import json
import os
import pathlib
import platform
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from statistics import mean, median, stdev

ROOT = pathlib.Path(__file__).resolve().parent.parent
SCRATCH = ROOT / "bench" / "scratch"
KEPT = ROOT / "bench" / "kept"  # what n2d made; it takes days, and continues where it was stopped
PYTHON = [str(ROOT / ".venv-bench" / "bin" / "python")]
OURS = "this project"

# What would keep a contender from all cores, or choose its kernels for it.
UNSET = ["OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "OPENBLAS_CORETYPE", "GOMAXPROCS", "XLA_FLAGS",
         "PJRT_NPROC", "MKL_ENABLE_INSTRUCTIONS", "ONEDNN_MAX_CPU_ISA", "GOMLX_SIMD_AVX2", "GOMLX_SIMD_AVX512"]
ENVIRONMENT = {name: value for name, value in os.environ.items() if name not in UNSET} | {
    "GOMLX_BACKEND": "xla:cpu", "JAX_PLATFORMS": "cpu", "CUDA_VISIBLE_DEVICES": "",
    "TORCHINDUCTOR_CACHE_DIR": str(SCRATCH / "inductor"),
}


def program(name):
    return [str(ROOT / "bin" / "bench" / name)]


def peer(name):
    return PYTHON + [str(ROOT / "bench" / "peers" / name)]


CONTENDERS = {  # command and environment of each
    OURS: (program("ours"), {}),
    OURS + ", pure Go": (program("ours"), {"GOMLX_BACKEND": "go"}),
    "GoMLX train.Loop": (program("trainloop"), {}),
    "JAX, lax.scan": (peer("jax_scan.py"), {}),
    "JAX, lax.scan, our XLA flag": (peer("jax_scan.py"), {"XLA_FLAGS": "--xla_backend_extra_options=xla_cpu_use_multi_output_fusion"}),
    "Keras on JAX, fit": (peer("keras_fit.py"), {}),
    "PyTorch": (peer("pytorch.py"), {}),
    "PyTorch, compiled": (peer("pytorch.py") + ["--compile"], {}),
}


class Failure(Exception):
    """What makes the benchmark worthless."""


@dataclass
class Process:
    """What a process printed, a dictionary per line, and what it used."""
    lines: list
    arrived: list  # seconds from the start to each line
    seconds: float  # from the start to the end
    peak_mb: float


def run(command, environment={}, timeout=None, heard=None, **flags):
    """Runs a contender and waits for it, or ends it after timeout seconds. heard is called with each line."""
    command = command + [word for name, value in flags.items() for word in (f"--{name}", str(value))]
    with tempfile.TemporaryFile("w+") as errors, contextlib.ExitStack() as at_end:
        started = time.monotonic()
        child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, env=ENVIRONMENT | environment, text=True)
        at_end.callback(child.kill)  # if this process is stopped
        if timeout is not None:
            timer = threading.Timer(timeout, child.kill)
            timer.start()
            at_end.callback(timer.cancel)
        lines, arrived = [], []
        for line in child.stdout:
            arrived.append(time.monotonic() - started)
            lines.append(json.loads(line))
            if heard:
                heard(lines[-1])
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.monotonic() - started
        child.returncode = os.waitstatus_to_exitcode(status)
        if timeout is not None and seconds >= timeout:
            raise Failure(f"{' '.join(command)}\nwas ended because it took more than {timeout:.0f} s")
        if child.returncode:
            errors.seek(0)
            raise Failure(f"{' '.join(command)}\nexited with {child.returncode}:\n{errors.read()[-2000:]}")
    return Process(lines, arrived, seconds, usage.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10))


def say(*words):
    print("bench:", *words, file=sys.stderr, flush=True)


@dataclass
class Table:
    """A table of results. A cell is a string, a number, or None where there is nothing to say.

    >>> print(Table("t", "Title", "Note.", ["who", "s", "MB"], [["we", 0.51234, 1234.5], ["they", None, 12]]).markdown())
    ## Title
    <BLANKLINE>
    Note.
    <BLANKLINE>
    | who | s | MB |
    | --- | --- | --- |
    | we | 0.512 | 1,234 |
    | they | – | 12 |
    <BLANKLINE>
    """
    name: str
    title: str
    note: str
    columns: list
    rows: list

    def markdown(self):
        def text(v):
            return "–" if v is None else v if isinstance(v, str) else f"{v:,}" if isinstance(v, int) else f"{v:,.{places(v)}f}"
        lines = [self.columns, ["---"] * len(self.columns)] + [[text(v) for v in row] for row in self.rows]
        return f"## {self.title}\n\n{self.note}\n\n" + "".join(f"| {' | '.join(line)} |\n" for line in lines)

    def write_csv(self, folder):
        with open(folder / f"{self.name}.csv", "w", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(self.columns)
            writer.writerows([f"{v:.6g}" if isinstance(v, float) else v for v in row] for row in self.rows)


def places(value):
    """Decimals that show three figures or more."""
    return 0 if abs(value) >= 1000 else 1 if abs(value) >= 100 else 2 if abs(value) >= 1 else 3


def spread(values):
    return [median(values), min(values), max(values)]


def ratio(ours, theirs):
    """The median over rounds of ours divided by theirs in the same round.

    >>> ratio([1, 4, 9], [1, 2, 3])
    2.0
    """
    return median(a / b for a, b in zip(ours, theirs))


# ---- Training

def disagreement(losses, tolerance):
    """What is wrong with contenders' losses, where one is farther than the tolerance from the median of them all.

    >>> disagreement({"a": 260.0, "b": 261.5, "c": 266.0}, tolerance=2)
    "test loss farther than 2.0 nats from the contenders' median 261.50: c: 266.00"
    >>> disagreement({"a": 260.0, "b": 261.5, "c": 263.0}, tolerance=2)
    """
    middle = median(losses.values())
    far = [f"{name}: {loss:.2f}" for name, loss in losses.items() if not abs(loss - middle) <= tolerance]
    if far:
        return f"test loss farther than {tolerance:.1f} nats from the contenders' median {middle:.2f}: {'; '.join(far)}"


def training(o):
    say("training: one uncounted short process of each contender first")
    for command, environment in CONTENDERS.values():
        run(command, environment, data=o.data, epochs=1, images=min(o.images, 2560))
    done = {name: [] for name in CONTENDERS}
    limits = {}
    for seed in range(o.rounds):
        for name, (command, environment) in CONTENDERS.items():
            p = run(command, environment, data=o.data, epochs=o.epochs, images=o.images, seed=seed)
            done[name].append(p)
            end = p.lines[-1]
            say(f"training, round {seed + 1}: {name}: {median(end['seconds'][1:]):.2f} s an epoch, "
                f"{p.arrived[0]:.1f} s to the end of the first, test loss {end['loss']:.2f}")
        for line in run(peer("limits.py"), data=o.data, epochs=o.epochs - 1, images=o.images, seed=seed).lines:
            limits.setdefault("limit: " + line["limit"], []).append(line["seconds"])
        say(f"training, round {seed + 1}: " + ", ".join(f"{name} {all[-1]:.2f} s" for name, all in limits.items()))
    losses = {name: median(p.lines[-1]["loss"] for p in all) for name, all in done.items()}
    # One run's loss varies by about 1 nat with its seed; and by much more when the model is hardly trained.
    tolerance = (2 if o.rounds >= 3 else 4) if o.standard else .1 * median(losses.values())
    if wrong := disagreement(losses, tolerance):
        raise Failure(wrong)

    def epochs(name):  # the seconds of those after the first, by round
        return [p.lines[-1]["seconds"][1:] for p in done[name]]

    rows = []
    for name, all in done.items():
        firsts = [p.arrived[0] for p in all]
        rows.append([
            name, all[0].lines[-1]["version"], *spread(sum(epochs(name), [])), *spread(firsts), max(p.peak_mb for p in all),
            losses[name], ratio(map(median, epochs(OURS)), map(median, epochs(name))),
            ratio([p.arrived[0] for p in done[OURS]], firsts),
        ])
    for name, all in limits.items():
        rows.append([name, "", *spread(all), *[None] * 5, ratio(map(median, epochs(OURS)), all), None])
    return Table("table", "Training the VAE", f"A VAE 784-512-256-2 and its mirror image on {o.images:,} images, batches of 128, "
                 f"Adam at a constant 1e-3, {o.epochs} epochs; rounds in alternation: {o.rounds}. s/epoch: of the epochs after the "
                 "first. First: from the start of the program to the end of its first epoch. Test loss: nats per image, "
                 "median. Ratios below 1: this project is faster. Limits: parts of an epoch's work alone, which no contender can do without.",
                 ["contender", "version", "s/epoch", "min", "max", "first, s", "first min", "first max", "peak MB", "test loss",
                  "s/epoch, ours / theirs", "first, ours / theirs"], rows)


# ---- Clustering

CLUSTERINGS = [  # task, name, and which of our program's results it is to be compared with
    ("k-means", OURS, "k-means"), ("k-means lloyd", "scikit-learn, lloyd", "k-means"),
    ("k-means elkan", "scikit-learn, elkan", "k-means"),
    ("mixture", OURS, "mixture"), ("mixture", "scikit-learn", "mixture"), ("EM", OURS, "EM"), ("EM", "scikit-learn", "EM"),
]
TASKS = {"k-means": "k-means, 10 starts (inertia)", "mixture": "mixture to tolerance 1e-3 (log-likelihood)",
         "EM": "mixture, 30 iterations from one start (log-likelihood)"}


def clustering(o):
    codes, start = SCRATCH / "codes.f32", SCRATCH / "start.u8"
    run(program("clusters") + ["--make"], data=o.data, images=o.images, codes=codes)
    ours, theirs, version = {}, {}, ""
    for seed in range(o.rounds):
        for command, into in (program("clusters"), ours), (peer("sklearn_clusters.py"), theirs):
            for line in run(command, codes=codes, start=start, seed=seed).lines:
                into.setdefault(line["task"], []).append(line)
                version = line.get("version", version)
        say(f"clustering, round {seed + 1}: " + ", ".join(
            f"{task} {all[-1]['seconds']:.2f} s" for side in (ours, theirs) for task, all in side.items()))
    for a, b in zip(ours["EM"], theirs["EM"]):
        if not abs(a["objective"] - b["objective"]) < .01:
            raise Failure(f"EM from the same start: log-likelihood {a['objective']} here and {b['objective']} in scikit-learn")
    rows = []
    for task, name, against in CLUSTERINGS:
        all = (ours if name == OURS else theirs)[task]
        rows.append([TASKS[against], name, *spread([r["seconds"] for r in all]), median(r["objective"] for r in all),
                     median(r["iterations"] for r in all), ratio([r["seconds"] for r in ours[against]], [r["seconds"] for r in all])])
    return Table("clustering", "Clustering", f"10 clusters of {codes.stat().st_size // 64:,} codes of 16 dimensions, rounds: {o.rounds}; "
                 f"scikit-learn {version}. The log-likelihood is the mean of a code, in nats.",
                 ["task", "contender", "seconds", "min", "max", "objective", "iterations", "ours / theirs"], rows)


# ---- Cost and number of images and epochs

def scaling(o):
    sizes = [(images, epochs) for images in (o.images // 4, o.images // 2, o.images) for epochs in (1, 2, 4)]
    done = {size: [] for size in sizes}
    for round in range(o.few):
        for images, epochs in sizes:
            done[images, epochs].append(run(program("ours"), data=o.data, images=images, epochs=epochs))
        say(f"scaling, round {round + 1}: " + ", ".join(f"{i} images, {e} epochs {all[-1].seconds:.1f} s" for (i, e), all in done.items()))
    rows = []
    for (images, epochs), all in done.items():
        later = [s for p in all for s in p.lines[-1]["seconds"][1:]]
        epoch = median(later) if later else None
        rows.append([images, epochs, epoch, epoch and 1e6 * epoch / images, median(p.seconds for p in all), max(p.peak_mb for p in all)])
    return Table("scaling", "Cost by number of images and epochs", f"This project on XLA, rounds: {o.few}. s/epoch: of the epochs after the first. "
                 "Total: the program from start to end.",
                 ["images", "epochs", "s/epoch", "µs/image", "total, s", "peak MB"], rows)


# ---- Sweeps

SAME_LOSS = 0.01  # nats per image: by so much the rounding of another number of threads may change a loss after two epochs


def sweep(o):
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    done = {jobs: [] for jobs in sorted({1, min(8, max(2, cores))})}  # there are 8 runs
    for round in range(o.few):
        for jobs, all in done.items():
            all.append(run(program("sweep"), data=o.data, images=o.images // 4, jobs=jobs))
        say(f"sweep, round {round + 1}: " + ", ".join(f"{jobs} at once {all[-1].lines[0]['seconds']:.1f} s" for jobs, all in done.items()))
    losses = [p.lines[0]["losses"] for all in done.values() for p in all]
    difference = max(max(of) - min(of) for of in zip(*losses))  # of runs with the same seed, in nats per image
    if difference > SAME_LOSS:
        raise Failure(f"the losses of runs trained at once differ by up to {difference:.3g} nats from those of runs trained one after another, want at most {SAME_LOSS}")
    seconds = {jobs: [p.lines[0]["seconds"] for p in all] for jobs, all in done.items()}
    rows = [[jobs, *spread(seconds[jobs]), max(p.peak_mb for p in all), ratio(seconds[1], seconds[jobs])] for jobs, all in done.items()]
    return Table("sweep", "Runs one after another and at once", f"8 runs of 2 epochs on {o.images // 4:,} images, this project on XLA, rounds: {o.few}, "
                 f"all of them timed together; the number of threads changes their losses by at most {difference:.1g} nats.",
                 ["at once", "seconds", "min", "max", "peak MB", "times faster than one by one"], rows)


# ---- N2D

def n2d(o):
    scores = {"ACC": "accuracy", "NMI": "nmi", "ARI": "ari"}
    images = 70_000 if o.images == 60_000 else o.images
    folders = {"Fashion-MNIST": o.data, "MNIST": folder_of("-data", "mnist")}
    done = {name: [] for name in folders}
    for seed in range(o.rounds):
        for name, all in done.items():
            all.append(n2d_scores(f"{name}, seed {seed}", data=folders[name], images=images, epochs=o.n2d_epochs, seed=seed))
            say(f"n2d, {name}, seed {seed}: " + ", ".join(f"{score} {all[-1][key]:.3f}" for score, key in scores.items()))
    rows = [[name, len(all), *sum((around([line[key] for line in all]) for key in scores.values()), []),
             median(line["training"] for line in all), median(line["clustering"] for line in all), "; ".join(sorted({line["version"] for line in all}))] for name, all in done.items()]
    lines = sum(done.values(), [])  # some may be of earlier calls
    o.minutes = sum(line["training"] + line["clustering"] for line in lines) / 60
    o.machine = "; ".join(sorted({line.get("machine", "a machine whose name was not kept") for line in lines}))
    return Table("n2d", "N2D", f"An autoencoder 784-500-500-2000-10 after {o.n2d_epochs:,} epochs, UMAP of its codes to 10 dimensions with 20 neighbours, and a mixture of 10 Gaussians, "
                 f"on {images:,} images. No label in any fit. Mean and standard deviation over the seeds.",
                 ["data", "seeds", *(word for score in scores for word in (score, "sd")), "training, s", "clustering, s", "version"], rows)


def n2d_scores(name, **flags):
    """The scores of a seed, which are kept. Until they are there, checkpoints of the training are."""
    kept = KEPT / f"n2d, {name}, {flags['images']} images, {flags['epochs']} epochs"
    scores = kept.with_suffix(".json")
    if not scores.exists():
        KEPT.mkdir(exist_ok=True)

        def heard(line):
            if "epoch" in line:
                left = line["seconds"] / line["epoch"] * (flags["epochs"] - line["epoch"]) / 60
                say(f"n2d, {name}: epoch {line['epoch']} of {flags['epochs']}, loss {line['loss']:.5f}, {left:.0f} min of training left")

        last = run(peer("n2d.py"), heard=heard, kept=kept.with_suffix(".pt"), **flags).lines[-1] | {"machine": machine()}
        beside = scores.with_suffix(".new")
        beside.write_text(json.dumps(last) + "\n")
        os.replace(beside, scores)
        kept.with_suffix(".pt").unlink()
    return json.loads(scores.read_text())


def around(values):
    """The mean and, of two values or more, the standard deviation.

    >>> around([1.0, 2.0, 3.0]), around([1.0])
    ([2.0, 1.0], [1.0, None])
    """
    return [mean(values), stdev(values) if len(values) > 1 else None]


# ---- The whole

PARTS = {"training": training, "clustering": clustering, "scaling": scaling, "sweep": sweep}
ALONE = {"n2d": n2d}  # takes days, so it is measured only when it is named, and has a page of its own


def output(*command, without=None):
    """What a command prints, run without an environment variable."""
    with contextlib.suppress(OSError, subprocess.CalledProcessError):
        env = {name: value for name, value in os.environ.items() if name != without}
        return subprocess.run(command, cwd=ROOT, env=env, check=True, capture_output=True, text=True).stdout.strip()
    return ""


def machine():
    """The processor's model and its cores."""
    with contextlib.suppress(OSError, StopIteration):
        model = next(line for line in open("/proc/cpuinfo") if line.startswith("model name"))
        return f"{model.partition(':')[2].strip()}, {os.cpu_count()} cores"
    return f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores"


def folder_of(*flags):
    """The folder of a data set: of Fashion-MNIST, or of the one that the flags name."""
    listed = dict(line.split(maxsplit=1) for line in output(str(ROOT / "bin" / "fashionlatent"), "data", *flags, without="FASHIONLATENT_DATA").splitlines())
    if "folder" not in listed:
        sys.exit(f"bench: failed: `bin/fashionlatent {' '.join(['data', *flags])}` names no folder of the data; run `make setup`")
    return listed["folder"]


def options():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=3, help="processes of each contender")
    parser.add_argument("--epochs", type=int, default=5, help="epochs of training in each, 2 or more")
    parser.add_argument("--images", type=int, default=60_000, help="training images")
    parser.add_argument("--parts", default=" ".join(PARTS), help=f"which of {', '.join(PARTS)}; or {', '.join(ALONE)} alone")
    parser.add_argument("--n2d-epochs", type=int, default=1000, help="epochs of n2d's autoencoder")
    o = parser.parse_args()
    if o.parts not in ALONE and (unknown := set(o.parts.split()) - set(PARTS)):
        if alone := unknown & set(ALONE):
            parser.error(f"{', '.join(alone)} is measured alone, without other parts")
        parser.error(f"no part is called {', '.join(unknown)}; there are {', '.join(PARTS)}, and alone {', '.join(ALONE)}")
    if o.rounds < 1 or o.epochs < 2 or o.n2d_epochs < 1 or not 2560 <= o.images <= 60_000:
        parser.error("want 1 round or more, 2 epochs or more, 1 epoch of n2d's or more, 2560 to 60000 images")
    o.few = (o.rounds + 2) // 3  # for what has no peers
    o.standard = o.epochs >= 5 and o.images == 60_000
    o.publish = o.standard and o.rounds >= 3 and o.parts.split() == list(PARTS)
    if o.parts in ALONE:
        o.publish = o.images == 60_000 and o.n2d_epochs == 1000
    return o


def main():
    o = options()
    shutil.rmtree(SCRATCH, ignore_errors=True)
    SCRATCH.mkdir(parents=True)
    o.data = folder_of()
    folder = ROOT / "results" / "bench" if o.publish else ROOT / "results" / "smoke" / "bench"
    started = time.monotonic()
    o.machine, o.minutes = machine(), None
    try:
        tables = [(PARTS | ALONE)[part](o) for part in o.parts.split()]
    except Failure as failure:
        sys.exit(f"bench: failed: {failure}")
    except KeyboardInterrupt:
        sys.exit("bench: stopped")
    minutes = (time.monotonic() - started) / 60 if o.minutes is None else o.minutes
    heading = f"# Benchmark\n\n{o.machine}; {platform.system()} {platform.release()}; Python {platform.python_version()}; " \
        f"{output('go', 'env', 'GOVERSION')}; this project at {output('git', 'describe', '--always', '--dirty')}; " \
        f"made by `make bench` in {minutes:.0f} minutes. What is measured and how: [bench](../../bench/README.md).\n\n"
    folder.mkdir(parents=True, exist_ok=True)
    for table in tables:
        table.write_csv(folder)
    text = heading + "\n".join(table.markdown() for table in tables)
    (folder / f"{o.parts if o.parts in ALONE else 'table'}.md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
