# Everything lives in this folder: .venv/ (Python, kernel, XLA plugin) and bin/ are made by setup, .e2e/ by e2e, .test/ and .venv-exports/ by test, results/ by the runs.
# What setup writes into the notebooks' kernel is said again here for programs started by make.
VENV := $(CURDIR)/.venv
XLA  := $(VENV)/lib/go-xla

export GOMLX_NO_AUTO_INSTALL    := 1
export PJRT_PLUGIN_LIBRARY_PATH := $(XLA):$(XLA)/nvidia
export JUPYTER_DATA_DIR         := $(VENV)/share/jupyter
export JUPYTER_CONFIG_DIR       := $(VENV)/etc/jupyter-user
export JUPYTER_RUNTIME_DIR      := $(VENV)/run
export IPYTHONDIR               := $(VENV)/ipython
export PYTHON
# As in setup/setup.sh: a newer Go builds with the version of go.mod.
GO := $(shell sed -n 's/^go //p' go.mod 2>/dev/null)
ifeq ($(filter go$(basename $(GO)).%,$(shell go env GOVERSION 2>/dev/null).0),)
export GOTOOLCHAIN := go$(GO)
endif
ifneq ($(filter x86_64 amd64,$(shell uname -m)),)
export GOEXPERIMENT := simd
# In this build, preemption makes the tests several times slower on some processors: cmd/fashionlatent/preemption_simd.go.
export GODEBUG := asyncpreemptoff=1
endif

PLUGIN   ?=
LABFLAGS ?=

# How much make bench measures; for a quick look: make bench ROUNDS=1 EPOCHS=2 IMAGES=2560
ROUNDS ?= 3
EPOCHS ?= 5
IMAGES ?= 60000
PARTS  ?= training clustering scaling sweep

# The Python with the programs that read exports. Tests that need them are skipped without it.
EXPORTS := $(CURDIR)/.venv-exports/bin/python

.PHONY: help setup setup-cluster run test test-exports test-container notebooks-fix e2e test-cluster lab html bench check-gpu check-gpu-build microbench clean clean-runs

help:
	@echo "make setup       prepare this folder: Python environment, kernel, XLA plugin, programs, data"
	@echo "                 PLUGIN=gomlx uses GoMLX's installer for the plugin (also for NVIDIA GPUs), PLUGIN=none uses no plugin,"
	@echo "                 PLUGIN=FILE uses your own plugin; PYTHON=FILE names the Python for .venv"
	@echo "make run         train, draw, execute the notebooks, export them to results/html/, print the tables; the page results/html/index.html"
	@echo "                 appears after the first two models and grows; everything that is up to date is kept"
	@echo "make lab         open the notebooks in JupyterLab (LABFLAGS=\"--no-browser --port 9000\" passes flags to it)"
	@echo "make html        execute and export the notebooks only"
	@echo "make test        check the format, run vet, staticcheck and the tests, and execute every notebook at the smallest scale"
	@echo "make test-exports    only test that onnxruntime, safetensors, pandas and TensorBoard read what export and embed write"
	@echo "make notebooks-fix   remove the outputs from the notebooks and format their Go; name what must be changed by hand"
	@echo "make e2e         test the example with scikit-learn, and, if Chromium is installed, the pages, four notebooks in JupyterLab and, with npm, ONNX models in the browser"
	@echo "make bench       compare the speed of this project with PyTorch, Keras, JAX, GoMLX's own loop and scikit-learn: results/bench/"
	@echo "                 ROUNDS=1 EPOCHS=2 IMAGES=2560 PARTS=\"training sweep\" makes it shorter; see bench/README.md"
	@echo "make check-gpu   check losses and repeatability on an NVIDIA GPU and measure its speed: results/bench/gpu.md; BACKEND=xla:/path/of/plugin.so"
	@echo "                 names XLA's plugin for CUDA. make check-gpu-build makes bin/gpu, which it needs on a machine without Go and network"
	@echo "make microbench  run the Go benchmarks of single functions"
	@echo "make setup-cluster   prepare this folder for sweeps on many machines (experiments/sweep/README.md)"
	@echo "make test-cluster    test sweeps on a temporary Slurm cluster on this machine; on Debian as root, it installs Slurm"
	@echo "make test-container  test the Dockerfile's steps in a bare Debian; on Debian as root, with debootstrap"
	@echo "make clean       remove what setup, tests and sweeps made (.venv, .venv-bench, .venv-cluster, .venv-exports, .snakemake, .e2e, .test, bin); clean-runs: remove runs, what N2D has kept, pages and the smaller scales' results"

# The programs are built by setup each time; Go knows what is up to date.
setup:
	@sh setup/setup.sh all $(if $(PLUGIN),"$(PLUGIN)")

# Training needs no Jupyter, which is installed beside it.
run:
	@sh setup/setup.sh training $(if $(PLUGIN),"$(PLUGIN)")
	@bin/fashionlatent run -prepare "sh setup/setup.sh notebooks"

html: setup
	@bin/fashionlatent notebooks -scale quick

lab: setup
	@cd notebooks && "$(VENV)/bin/jupyter" lab --LabApp.news_url=None \
		--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate $(LABFLAGS)

test test-exports: export FASHIONLATENT_EXPORTS := $(EXPORTS)
test: setup test-exports
	@unformatted=$$(gofmt -l *.go bench cmd experiments lib setup); [ -z "$$unformatted" ] || { echo "not formatted (gofmt -w): $$unformatted"; exit 1; }
	go vet ./...
	GOEXPERIMENT=nosimd go vet ./lib/... ./cmd/... # as on other processors
	go vet -tags noxla ./lib/backend
	go tool staticcheck ./...
	go tool actionlint .github/workflows/*.yml
	GOMLX_SIMD_AVX512=false GOMLX_SIMD_AVX2=false go test -timeout 40m ./... # for the small networks of the tests, this is faster
	go test -race -short ./lib/show ./lib/record ./lib/points # these are used by several goroutines at the same time
	"$(VENV)/bin/python" -m doctest bench/bench.py bench/gpu.py
	@rm -rf .test && bin/fashionlatent notebooks -scale smoke,seeds=1 -results .test -out .test/html
	bin/fashionlatent verify -scale smoke,seeds=1 -results .test -rerun 2

test-exports: setup .venv-exports/ready
	go test -count=1 -run ExportsInPython ./lib/export/... ./cmd/fashionlatent

.venv-exports/ready: requirements-exports.txt .venv/setup/venv
	"$(VENV)/bin/python" -m venv --clear .venv-exports
	.venv-exports/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-exports.txt
	touch $@

# It is written when .venv is made, perhaps for another Python.
.venv/setup/venv: | setup ;

notebooks-fix: setup
	@bin/fashionlatent notebooks -fix

e2e: setup
	@sh setup/e2e.sh

setup-cluster: setup
	@sh setup/cluster.sh

test-cluster: setup
	@sh setup/cluster.sh test

test-container:
	@sh setup/container.sh

bench: setup .venv-bench/ready
	go build -o bin/bench/ ./bench/...
	@.venv-bench/bin/python bench/bench.py --rounds $(ROUNDS) --epochs $(EPOCHS) --images $(IMAGES) --parts "$(PARTS)"

# The peers' own environment, apart from the project's: 6 GB on disk, for PyTorch brings its libraries for GPUs.
.venv-bench/ready: bench/requirements.txt
	"$(or $(PYTHON),python3)" -m venv --clear .venv-bench
	.venv-bench/bin/python -m pip install --quiet --require-hashes -r bench/requirements.txt
	touch $@

# bin/gpu is all that check-gpu needs besides bench/: the program and the data. Where Go is missing, it has been carried there.
check-gpu-build:
	@sh setup/setup.sh training
	@mkdir -p bin/gpu
	go build -ldflags "-s -w" -o bin/gpu/ ./bench/ours
	@for file in "$$(unset FASHIONLATENT_DATA; bin/fashionlatent data | sed -n 's/^folder *//p')"/*-ubyte*; do \
		case $$file in *.gz) cp "$$file" bin/gpu/;; *) gzip -c "$$file" >"bin/gpu/$${file##*/}.gz";; esac; done

check-gpu: $(if $(shell command -v go 2>/dev/null),check-gpu-build)
	@"$(or $(PYTHON),python3)" bench/gpu.py $(if $(BACKEND),--backend "$(BACKEND)") $(GPUFLAGS)

microbench: setup
	go test -run '^$$' -bench . -benchtime 1s ./...

clean:
	rm -rf .venv .venv-bench .venv-cluster .venv-exports .snakemake .e2e .test bin bench/scratch

clean-runs:
	rm -rf bench/kept results/runs results/data results/other results/sweeps results/html results/smoke* results/quick* results/full,* results/models/*/layouts
