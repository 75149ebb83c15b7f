# `make demo` and `make test` do all set-up automatically.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PY := $(BIN)/python
# Written last, so that an interrupted set-up is repeated.
READY := $(VENV)/ready

MAKEFLAGS += --no-print-directory
# The bench and the fuzzer at a small size.
TOOLS := tests/bench/test_bench.py tests/fuzz/test_fuzzing.py
# Many processes start here; without this, each would compile the whole program.
unexport PYTHONDONTWRITEBYTECODE
.DELETE_ON_ERROR:
.PHONY: help setup demo up down test test-quick test-long test-faults test-browser pictures document-pictures fuzz bench check docs lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY) ## make .venv; the other targets do it when needed

demo: $(READY) ## run a case through the whole system, with separate data
	@$(PY) -m deploy.local.demo

up: $(READY) ## start the portal and the services, and broker and database if needed
	@$(PY) -m deploy.local.standing up

down: $(READY) ## stop what `make up` started
	@$(PY) -m deploy.local.standing down

test: $(READY) ## run the tests in parallel, in random order; ARGS="tests/shared -k law" runs some, ARGS=--randomly-seed=… repeats an order
	@$(PY) -m pytest -n auto --dist worksteal --durations=10 -m "not long" $(ARGS)

test-quick: $(READY) ## run the tests that need no broker, no database and no service, in about a minute
	@$(PY) -m pytest -n auto --dist worksteal -q -m "not servers and not long" $(ARGS)

test-long: $(READY) ## run the tests that take long: all examples, all moves, random walks, killed processes, whole systems, the tools
	@$(PY) -m pytest -n auto --dist worksteal --durations=10 -m long $(or $(ARGS),tests $(TOOLS))

test-faults: $(READY) ## kill, disconnect and flood the running system, and check that nothing is lost; SEED=… repeats a run
	@$(PY) -m tests.faults

test-browser: $(READY) ## walk the portal in Chromium, in both languages, with and without scripts; pictures in out/screens
	@$(PY) -m pytest -n auto --dist worksteal tests/browser/test_*.py $(ARGS)

pictures: $(READY) ## cut the pictures of the documents from what `make test-browser` left
	@$(PY) -m tests.browser.pictures

document-pictures: $(READY) ## draw the certificates and notices that the reference shows
	@$(PY) -m tests.shared.documents.pictures

fuzz: $(READY) ## send the running system valid and invalid requests from its OpenAPI documents; MINUTES=5, SEED=… repeats a run
	@$(PY) -m tests.fuzz

bench: $(READY) ## measure against FastStream and Celery; ONLY=step runs one part
	@$(PY) -m tests.bench

check: $(READY) ## check style, types, import contracts, lock files, Kubernetes manifests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(PY) -m deploy.local.locks check
	$(PY) -m pytest -q tests/k8s

docs: $(READY) ## write the generated documents, after a change of events or routes
	@$(PY) -m services.documents

lock: $(READY) ## write the lock files, after a change of pyproject.toml
	@$(PY) -m deploy.local.locks write

clean: ## stop private servers, remove .venv and all other generated files
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
