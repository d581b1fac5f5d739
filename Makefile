# Needs Python 3.11 or newer with its venv module, git and make; everything else is set up here.
# `make help` lists the targets.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SOURCES := mpadmin core history sites conftest.py manage.py
CATALOGUE := locale/zh_Hans/LC_MESSAGES/django
# The lock files fix every version and hash; nothing else is ever installed.
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input --require-hashes

.PHONY: help serve test lint format messages lock bench clean

help: ## List the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /make \1\t/' | expand -t 16

serve: $(VENV)/serve.stamp ## Open the console at 127.0.0.1:8000
	@exec $(BIN)/python manage.py serve

test: $(VENV)/test.stamp ## Set up what the tests need, then run every check and test
	@core/tests/support/packages.sh
	@$(MAKE) lint
	@# The models are looked at, no database: there need not be one yet, so no warning.
	@$(BIN)/python -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run \
		--settings core.tests.support.settings
	@$(BIN)/python -m pytest -n 3 --dist loadfile

lint: $(VENV)/test.stamp ## Check style and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy $(SOURCES)

format: $(VENV)/test.stamp ## Put the code into shape
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

messages: $(VENV)/test.stamp ## Collect the texts to translate, and compile what is translated
	@$(BIN)/python manage.py makemessages --locale zh_Hans --no-location --no-wrap --no-obsolete \
	  --ignore .venv --ignore bench --ignore data --ignore tests
	@# A date that changes at each run would be all that most commits change.
	@sed -i.old '/^"POT-Creation-Date:/d' $(CATALOGUE).po && rm $(CATALOGUE).po.old
	@msgfmt --check-format --statistics --output-file $(CATALOGUE).mo $(CATALOGUE).po

lock: $(VENV)/test.stamp ## Write the lock files anew from pyproject.toml
	@# A newer Python needs fewer packages, and what it leaves out an older one would miss.
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:3] > (3, 11, 2))' || { echo "mpadmin: Lock with the oldest Python, 3.11.2 — on Debian 12: make lock PYTHON=/usr/bin/python3" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV)/lock
	@$(VENV)/lock/bin/python -m pip install --quiet --disable-pip-version-check pip-tools
	@$(LOCK) --output-file requirements.txt pyproject.toml
	@$(LOCK) --extra dev --output-file requirements-dev.txt pyproject.toml

bench: $(VENV)/test.stamp ## Measure lists and bulk edits on up to 1,000,000 records
	@$(BIN)/python bench/run.py

clean: ## Remove what these targets made, except data/
	@rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis bench/data

# Nothing of this machine's pip configuration may get into the files.
LOCK := $(VENV)/lock/bin/python -m piptools compile --quiet --generate-hashes --strip-extras \
	--allow-unsafe --no-header --no-emit-options --no-emit-index-url --no-emit-find-links \
	--no-emit-trusted-host

$(VENV)/serve.stamp: requirements.txt
	@$(make_venv)
	@echo "Installing the console's packages (once) ..."
	@$(INSTALL) -r requirements.txt
	@touch $@

$(VENV)/test.stamp: requirements-dev.txt
	@$(make_venv)
	@echo "Installing the packages of the tests (once) ..."
	@$(INSTALL) -r requirements-dev.txt
	@touch $@

# A half-made or moved environment is made again; a sound one is kept.
define make_venv
$(BIN)/python -m pip --version >/dev/null 2>&1 && exit 0; \
command -v $(PYTHON) >/dev/null || { echo "mpadmin: There is no $(PYTHON) — install it: apt-get install python3 python3-venv" >&2; exit 1; }; \
$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "mpadmin: $(PYTHON) is older than 3.11 — install a newer one and name it: make serve PYTHON=python3.12" >&2; exit 1; }; \
$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "mpadmin: Python's venv module is missing — install it: apt-get install python3-venv" >&2; exit 1; }; \
$(PYTHON) -m venv --clear $(VENV)
endef
