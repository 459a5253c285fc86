# `make run` shows netcase at work, `make test` proves it. Each works as the only command on a fresh clone:
# the first one of them builds .venv from requirements.lock, the later ones use it.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.complete
PYTEST := $(BIN)/python -m pytest
QUIET  := PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1
# Two workers a core: many tests wait for real programs rather than compute. A file's tests stay together, so that they may
# share what is dear to start.
WORKERS ?= $(shell echo $$((2 * $$(nproc))))
PARALLEL := -n $(WORKERS) --maxprocesses 8 --dist loadfile --no-loadscope-reorder
# Six real routers keep time, and want the machine for themselves: `make lab`.
LAB    := tests/integration/test_lab.py tests/integration/test_lab_faults.py
TESTS  ?=

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test lab lint check lock clean

help:  ## this list
	@sed -nE 's/^([a-z]+):.*##[ ]*(.*)/  make \1	\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 16

run: $(STAMP)  ## the demonstration network with an agent on it, broken in front of you (ARGS="--once", …)
	@$(BIN)/netcase demo $(ARGS)

test: $(STAMP)  ## every test but the lab's (TESTS=tests/unit for some)
ifeq ($(strip $(TESTS)),)
	@$(PYTEST) -q $(PARALLEL) $(addprefix --ignore=,$(LAB))
else
	@$(PYTEST) -q $(PARALLEL) $(TESTS)
endif

lab: $(STAMP)  ## an agent on six real routers that break (root; FAULTS="-k bgpd" for some; half an hour)
	@NETCASE_EVERY_FAULT=1 $(PYTEST) -q $(LAB) $(FAULTS)

lint: $(STAMP)  ## format, lint, types and import contracts
	@echo "ruff format --check";  $(BIN)/ruff format --check --quiet . || { echo "To mend: $(BIN)/ruff format ."; exit 1; }
	@echo "ruff check";           $(BIN)/ruff check --quiet .
	@echo "mypy --strict";        $(BIN)/mypy
	@echo "lint-imports";         $(BIN)/lint-imports

check: lint test  ## lint, then every test

lock: $(STAMP)  ## choose the dependencies' versions anew (keeps those that still fit; UPGRADE=--upgrade takes the newest)
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		--all-extras --group dev $(UPGRADE) pyproject.toml -o requirements.lock
	@if grep -nE '://|--(extra-)?index-url|--find-links' requirements.lock; then \
		echo "requirements.lock names a place to download from: see the lines above." >&2; exit 1; fi
	@git --no-pager diff --stat -- requirements.lock

clean:  ## remove what the other targets made (not netcase-data)
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis build dist demo-out
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(STAMP): requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { \
		echo "netcase needs Python 3.11 or newer, and '$(PYTHON)' is not there." \
		     "Install it, or name yours: make PYTHON=/path/to/python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "netcase needs Python 3.11 or newer; '$(PYTHON)' is $$($(PYTHON) --version 2>&1)." \
		     "Name a newer one: make PYTHON=/path/to/python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "$(PYTHON) has no venv or no pip: install them (Debian and Ubuntu: apt-get install python3-venv)." >&2; exit 1; }
	@$(BIN)/python -c '' 2>/dev/null || { echo "Making $(VENV) with $$($(PYTHON) --version)"; $(PYTHON) -m venv --clear $(VENV); }
	@echo "Installing $$(grep -c '==' requirements.lock) pinned packages into $(VENV) (only now; about a minute) ..."
	@$(QUIET) $(BIN)/python -m pip install -qq --require-hashes -r requirements.lock
	@$(QUIET) $(BIN)/python -m pip install -qq --no-deps --no-build-isolation --editable .
	@echo "Installed."
	@touch $@
