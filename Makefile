# Everything a contributor runs. Each target does the set-up it needs by itself.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.tocsin-set-up
# A process for each core up to four, each with a Temporal server of its own.
SIDE_BY_SIDE := -n auto --maxprocesses 4 --dist loadfile
.DEFAULT_GOAL := help
.PHONY: help setup demo up test test-fast fmt check docs rules histories bench lock

help:  ## Say what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(STAMP)  ## Make .venv in the checkout from the pinned lock
	@:

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "Tocsin needs Python 3.11 or newer; '$(PYTHON)' is $$($(PYTHON) --version 2>&1)." >&2; \
		echo "Install one and name it: make setup PYTHON=python3.12" >&2; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps \
		--no-build-isolation -e .
	@touch $@

demo: setup  ## Play a day-long crisis in under a minute
	$(BIN)/tocsin demo

up: setup  ## Run the whole system on this machine; ARGS=--simulate with simulated chats, phones and mail boxes
	$(BIN)/tocsin up $(ARGS)

test: setup  ## Run every test, then the stories again without the workflow cache, so that every task replays
	$(BIN)/python -m pytest tests -m "not alone" $(SIDE_BY_SIDE)
	$(BIN)/python -m pytest tests -m alone
	TOCSIN_MAX_CACHED_WORKFLOWS=0 $(BIN)/python -m pytest tests/server/test_stories*.py

test-fast: setup  ## Run the tests that need no server
	$(BIN)/python -m pytest tests -m "not server"

fmt: setup  ## Format, and repair what can be repaired
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

check: setup  ## Format, lint, types, imports, rules, docs: no server, under a minute
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright
	$(BIN)/lint-imports
	@$(MAKE) --no-print-directory rules docs

docs: setup  ## Check that the reference names everything there is
	$(BIN)/python -m pytest tests/docs -m "not server" -q

rules: setup  ## Print rule -> tests -> code; fail on a rule that nobody keeps
	$(BIN)/python -m tests.rules

histories: setup  ## Record the golden histories that are not there yet; ARGS=--again records over them
	$(BIN)/python -m tests.replay.make $(ARGS)

bench: setup  ## Measure what docs/performance.md says
	$(BIN)/python -m bench

lock: setup  ## Pin every dependency anew, with the hashes of every platform's wheels
	$(BIN)/pip-compile --quiet --generate-hashes --extra dev --allow-unsafe --strip-extras --no-header --no-annotate \
		--no-emit-index-url --no-emit-trusted-host --no-emit-find-links --output-file requirements.lock pyproject.toml
