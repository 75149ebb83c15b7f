# Two commands do all set-up by themselves: make demo, make test.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PY := $(BIN)/python
# Written last, so that a set-up that was cut off is done again.
READY := $(VENV)/ready
K8S_TESTS := $(wildcard tests/deploy/test_k8s.py)

MAKEFLAGS += --no-print-directory
# Many processes are started here: each would compile the whole program for itself.
unexport PYTHONDONTWRITEBYTECODE
.DELETE_ON_ERROR:
.PHONY: help setup demo up down test test-quick test-faults fuzz bench check docs lock clean

help: ## say what there is to make
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY) ## make .venv; the other targets do it when needed

demo: $(READY) ## play a case through the whole system, on data of its own
	@$(PY) -m deploy.local.demo

up: $(READY) ## start the three services, and the broker and database if there are none
	@$(PY) -m deploy.local.standing up

down: $(READY) ## stop what `make up` started
	@$(PY) -m deploy.local.standing down

test: $(READY) ## run all tests in random order, side by side; ARGS="tests/shared -k law" runs some, ARGS=--randomly-seed=… repeats an order
	@$(PY) -m pytest -n auto --dist worksteal --durations=10 $(ARGS)

test-quick: $(READY) ## run the tests that need no broker, no database and no service, in about a minute
	@$(PY) -m pytest -n auto --dist worksteal -q -m "not servers" $(ARGS)

test-faults: $(READY) ## kill, cut and flood the running system, and count what was lost: nothing; SEED=… repeats a run
	@$(PY) -m tests.faults

fuzz: $(READY) ## ask the running system what its OpenAPI documents allow, and what not; MINUTES=5, SEED=… repeats a run
	@$(PY) -m tests.fuzz

bench: $(READY) ## measure against FastStream and Celery; ONLY=step runs one part
	@$(PY) -m tests.bench

check: $(READY) ## style, types, layers, lock files, Kubernetes manifests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(PY) -m deploy.local.locks check
	$(if $(K8S_TESTS),$(PY) -m pytest -q $(K8S_TESTS))

docs: $(READY) ## write what is generated from the code, after a change of events or routes
	@$(PY) -m services.documents

lock: $(READY) ## write the lock files anew after a change of pyproject.toml
	@$(PY) -m deploy.local.locks write

clean: ## stop private servers, remove .venv and everything else that was made here
	@if [ -f $(READY) ]; then $(PY) -m deploy.local.backing down --all; fi
	@rm -rf $(VENV) .run build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Quanheng needs Python 3.11 or newer, and '$(PYTHON)' is not: name another with make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { \
		echo "Installing python3-venv with apt-get" >&2; sh deploy/local/apt-install.sh python3-venv >/dev/null; } || { \
		echo "'$(PYTHON)' cannot make a virtual environment: sudo apt-get install python3-venv" >&2; exit 1; }
	@echo "Making $(VENV)" >&2
	@$(PY) -c '' 2>/dev/null || $(PYTHON) -m venv --clear $(VENV)
	@$(PY) -m pip install -q --require-hashes -r requirements-dev.lock
	@$(PY) -m pip install -q --no-deps --no-build-isolation -e .
	@touch $@
