# The laboratory's own commands. `make` prints this help.
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
JOBS ?= 3

help: ## Print this help
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

$(BIN)/lab: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/.developed: $(BIN)/lab
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

setup: $(BIN)/lab ## Make the virtual environment

demo: $(BIN)/lab ## Certify the bundled example application, everything embedded
	$(BIN)/lab demo

test: $(VENV)/.developed ## Run the tests
	$(BIN)/python -m pytest -n 2 --dist loadfile

selftest: $(BIN)/lab ## Prove that every check can fail
	$(BIN)/lab selftest --alone --jobs $(JOBS)
	$(BIN)/lab selftest --security --jobs $(JOBS)

check: $(VENV)/.developed ## Style, types and import rules
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(BIN)/lab ## Measure the generator: growth, then against its peers (7 minutes, network)
	$(BIN)/python benchmarks/growth.py
	$(BIN)/python benchmarks/peers.py

clean: ## Remove the virtual environment and the runs
	rm -rf $(VENV) runs

.PHONY: help setup demo test selftest check bench clean
