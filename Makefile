# Everything starts here: `make demo`, `make test`. Needs Python 3.11+ and make, nothing else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DOCS_VENV := .venv-docs
NODE_STAMP := node_modules/.pinekeep-stamp
VENV_STAMP := $(VENV)/.pinekeep-stamp
export PATH := $(CURDIR)/$(BIN):$(PATH)

.DEFAULT_GOAL := help
.PHONY: help setup demo test lint docs site picture snapshots bench mutants clean

help: ## Say what there is
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(NODE_STAMP) ## Set everything up: virtual environment, Node inside it, the CDK CLI

$(VENV_STAMP): requirements.txt constraints.txt
	@$(PYTHON) tools/setup.py venv $(VENV)
	@touch $@

$(NODE_STAMP): $(VENV_STAMP) package.json package-lock.json
	@$(BIN)/python tools/setup.py node
	@touch $@

demo: setup ## Run the whole way once on the embedded AWS
	@$(BIN)/pinekeep demo

test: setup ## Check style and types, and run every test
	@$(BIN)/python tools/test.py

lint: setup ## Style and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

docs: setup ## Write the generated parts of the docs again
	@$(BIN)/python tools/docs.py

$(DOCS_VENV)/.pinekeep-stamp: docs/requirements.txt
	@$(PYTHON) -m venv --clear $(DOCS_VENV)
	@$(DOCS_VENV)/bin/python -m pip --disable-pip-version-check --quiet install -r docs/requirements.txt
	@touch $@

site: setup $(DOCS_VENV)/.pinekeep-stamp ## Build the documentation as a site with search into site/
	@$(BIN)/python tools/site.py
	@cd build/site && ../../$(DOCS_VENV)/bin/zensical build --strict --clean
	@$(BIN)/python tools/site.py finish
	@echo "open site/index.html"

picture: setup ## Draw docs/demo.svg, the terminal in the README, from a run of the demonstration
	@$(BIN)/python tools/terminal_picture.py

snapshots: setup ## Write the template snapshots again; review them with git diff
	@$(BIN)/pytest tests/stacks/test_snapshots.py --snapshot-update

bench: setup ## Measure, as ratios against baselines run beside it; NAMES="packing access" for some
	@$(BIN)/python -m bench --write $(NAMES)

mutants: setup ## Change the code in small ways and see that a test fails; MODULE=policies for one part
	@nice -n 10 $(BIN)/python tools/mutants.py $(MODULE)

clean: ## Remove what setup made
	@rm -rf $(VENV) $(DOCS_VENV) site node_modules cdk.out build *.egg-info
