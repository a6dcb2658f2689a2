# Two commands on a machine that has Python 3.11 or newer and make: `make demo` and `make test`.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/sh

NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$p -c '$(NEW_ENOUGH)' >/dev/null 2>&1 && { echo $$p; break; }; done)
UV ?= uv
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq
DEMO := out/demo
RESULTS ?= $(DEMO)/before
HOST ?= 127.0.0.1
PORT ?= 8000

.PHONY: help demo test test-long models pages site serve data bench lock clean
help:
	@echo "make demo    analyse the demo city before and after the works, and draw the map"
	@echo "make test    style, types, floor plan and the whole test suite"
	@echo "make test-long  browsers, notebooks, damaged files, killed writers, all examples: half an hour"
	@echo "make models  fetch the EPA SWMM models of other packages; DRAINAGE_TEST_MODELS=out/models tests them too"
	@echo "make pages   bundle the programs of the pages again after a change in web/ (needs npm)"
	@echo "make site    documentation with executed notebooks and drawn pictures, in out/site: a quarter of an hour the first time"
	@echo "make serve   serve $(RESULTS) on http://$(HOST):$(PORT); another report: RESULTS=DIR"
	@echo "make data    build the synthetic demo city again"
	@echo "make bench   measure speed and memory"
	@echo "make lock    resolve the dependencies again (needs uv)"
	@echo "make clean   remove .venv, out and caches"

demo: .venv/.run
	$(BIN)/drainage compare data/pipes.geojson --before 2018-12-31 --after 2021-05-07 \
		--storm-formula demo -o $(DEMO) --force

test: .venv/.dev
	scripts/check

test-long: .venv/.dev
	scripts/check --long

models: .venv/.run
	$(BIN)/python scripts/fetch_models.py out/models

pages: web/node_modules/.ready
	npm --prefix web run build

site: .venv/.dev
	$(BIN)/python scripts/site/build.py

web/node_modules/.ready: web/package-lock.json
	npm --prefix web ci
	@touch $@

serve: .venv/.run
	@test -e $(RESULTS) || $(MAKE) demo
	$(BIN)/drainage serve $(RESULTS) --host $(HOST) --port $(PORT)

data: .venv/.run
	$(BIN)/python data/generate.py

bench: .venv/.bench
	$(BIN)/python benchmarks/run.py
	$(BIN)/python scripts/list_validations.py

# The test set contains the run set, at the same versions (-c).
lock:
	$(UV) pip compile pyproject.toml --extra api --extra dask --extra dem --extra networkx --extra papers --extra pg --extra plot --group build $(LOCKED) -o requirements.lock
	$(UV) pip compile pyproject.toml --extra api --extra dask --extra dem --extra networkx --extra papers --extra pg --extra plot --group dev -c requirements.lock \
		$(LOCKED) -o requirements-dev.lock

LOCKED = --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--custom-compile-command "make lock" --quiet

clean:
	rm -rf .venv out build dist web/node_modules .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find drainage api tests data benchmarks -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true

# Stamps: a second call has nothing to do.
.venv/.run: requirements.lock pyproject.toml | .venv/bin/python
	@echo "Installing from requirements.lock into .venv (once; a minute or two) ..."
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

.venv/.dev: requirements-dev.lock .venv/.run
	@echo "Installing from requirements-dev.lock into .venv (once) ..."
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@

# Others to measure beside, at any version; the page names those that are not there.
.venv/.bench: pyproject.toml .venv/.run
	@echo "Installing what is measured beside into .venv (once) ..."
	@$(PIP) install --no-build-isolation -e '.[bench]' && touch $@ || echo "They could not be installed, and are left out."

.venv/bin/python:
	@test -n "$(PYTHON)" || { \
		echo "drainage needs Python 3.11 or newer; here python3 is: $$(python3 --version 2>&1)." >&2; \
		echo "Install one, or name it: make demo PYTHON=/path/to/python3.12" >&2; exit 1; }
	@$(PYTHON) -c '$(NEW_ENOUGH)' || { \
		echo "drainage needs Python 3.11 or newer; $(PYTHON) is: $$($(PYTHON) --version 2>&1)." >&2; \
		echo "Name another: make demo PYTHON=/path/to/python3.12" >&2; exit 1; }
	@$(PYTHON) -m venv --clear .venv || { rm -rf .venv; \
		echo "$(PYTHON) cannot make a virtual environment (on Debian: apt install python3-venv)." >&2; \
		exit 1; }
