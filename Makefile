# `make demo`, `make test`: the targets set up what they need. Requires Python 3.11+ and make, nothing else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DOCS_VENV := .venv-docs
NODE_STAMP := node_modules/.pinekeep-stamp
VENV_STAMP := $(VENV)/.pinekeep-stamp
export PATH := $(CURDIR)/$(BIN):$(PATH)

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-fast lint docs site picture pictures snapshots build bench mutants clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(NODE_STAMP) ## Set up the virtual environment, Node inside it, and the CDK command line

$(VENV_STAMP): requirements.txt requirements-dev.txt constraints.txt
	@$(PYTHON) tools/setup.py venv $(VENV)
	@touch $@

$(NODE_STAMP): $(VENV_STAMP) package.json package-lock.json
	@$(BIN)/python tools/setup.py node
	@touch $@

demo: setup ## Run a deployment from beginning to end on the embedded AWS
	@$(BIN)/pinekeep demo

test: setup ## Check style, types and imports, and run every test
	@$(BIN)/python tools/test.py

test-fast: setup ## Run the tests that start no process
	@$(BIN)/python tools/test.py --fast

lint: setup ## Check style, imports and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/pyrefly check

docs: setup ## Regenerate the generated parts of the documentation
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

snapshots: setup ## Update the template snapshots; review them with git diff
	@$(BIN)/pytest tests/stacks/test_snapshots.py --snapshot-update

pictures: setup ## Draw the networks of the examples into docs/pictures
	@$(BIN)/python tools/network_pictures.py

build: setup ## Build the wheel and the source distribution into dist/, the same bytes each time
	@$(BIN)/python tools/build.py dist

bench: setup ## Measure, as ratios against baselines run beside it; NAMES="packing access" for some
	@$(BIN)/python -m bench --write $(NAMES)

mutants: setup ## Run mutation tests; MODULE=policies for one part
	@nice -n 10 $(BIN)/python tools/mutants.py $(MODULE)

clean: ## Remove what the targets made
	@rm -rf $(VENV) $(DOCS_VENV) site node_modules cdk.out build dist *.egg-info
