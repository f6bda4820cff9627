# NQ57 Monitor. `make` alone lists what can be made.
# Needs only make and Python 3.11; PYTHON=… chooses another interpreter.

PYTHON ?= $(shell for python in python3.11 python3; do \
	$$python -c "" 2>/dev/null && echo $$python && break; done)
NQ57_DATA ?= $(CURDIR)/data
BIN := .venv/bin
INSTALLED := .venv/.installed
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input
PYTEST := $(BIN)/python -m pytest

# No program of ours reports to anybody.
export DBT_SEND_ANONYMOUS_USAGE_STATS := false
export GX_ANALYTICS_ENABLED := false
export DO_NOT_TRACK := 1
export NQ57_DATA
export NQ57_WAREHOUSE := $(abspath $(NQ57_DATA))/warehouse.duckdb
export DAGSTER_HOME := $(abspath $(NQ57_DATA))/dagster

MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.PHONY: help setup run ui notebook test test-system check bench clean

help: ## List what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(INSTALLED) ## Install the locked packages into .venv, once

run: setup ## Make the sample, run the daily job on it, say where the results are
	@echo "The sample's workbooks become facts, scores and a release in $(NQ57_DATA) …"
	@$(BIN)/nq57 sample
	@$(BIN)/nq57 run

ui: setup ## Open Dagster on http://localhost:3000
	@mkdir -p $(DAGSTER_HOME)
	@cp data/dagster.yaml $(DAGSTER_HOME)/dagster.yaml
	@$(BIN)/dagster dev --workspace workspace.yaml --host localhost --port 3000

notebook: setup ## Open five questions to the published file in the browser
	@$(BIN)/marimo edit --skip-update-check docs/five_questions.py

test: setup ## Run the tests that need nothing but Python
	@$(PYTEST) -m "not system" --numprocesses 2 --dist loadfile --no-loadscope-reorder

test-system: setup ## Run the tests that need Chromium, LibreOffice or sshd
	@.ci/install-system
	@$(PYTEST) -m system

check: setup ## Check style, types, SQL and the dbt project
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/basedpyright
	@$(BIN)/sqlfluff lint --disable-progress-bar dbt_project
	@$(BIN)/dbt --quiet parse --project-dir dbt_project --profiles-dir dbt_project

bench: setup ## Measure what takes time
	@for script in bench/*.py; do $(BIN)/python $$script || exit 1; done

clean: ## Remove what tools leave behind; never data or .venv
	@rm -rf .pytest_cache .ruff_cache .hypothesis *.egg-info dbt_project/target dbt_project/logs
	@find pipelines tests bench -name __pycache__ -prune -exec rm -rf {} +

$(INSTALLED): requirements.lock pyproject.toml
	@echo "Setting up .venv with $(PYTHON): 160 packages, a few minutes the first time …"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 is needed")'
	@$(PYTHON) -m venv .venv
	@$(PIP) --require-hashes --requirement requirements.lock
	@echo "Packages are in place; installing nq57 itself …"
	@$(PIP) --no-deps --no-build-isolation --editable .
	@$(BIN)/python -c 'from pipelines.definitions import defs; defs()'
	@touch $@
