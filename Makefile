# Each target sets up what it needs: python3 (3.11 or newer) with venv, bash and make, are enough.
.DEFAULT_GOAL := help
SHELL := /bin/bash -o pipefail
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
# Every test starts processes: let them find our modules compiled.
export PYTHONDONTWRITEBYTECODE :=
# Only its owner can enter the folder; the files are open to the users that containers run as.
SECRETS ?= secrets

.PHONY: help install setup demo test test-fast test-compose chaos check format docs pictures screenshots lock compose-secrets bench fuzz clean

help: ## Say what the targets do
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:[^#]*## /\t/' | expand -t 17

install: $(VENV)/.installed ## Make .venv and install what Newsmill runs on, with checked hashes

setup: $(VENV)/.ready ## Install what the tests and checks need as well

$(VENV)/.installed: requirements-run.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Newsmill needs Python 3.11 or newer; set PYTHON=python3.x" if sys.version_info < (3, 11) else 0)'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(call install,requirements-run.lock,what Newsmill runs on)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.ready: $(VENV)/.installed requirements.lock
	@$(call install,requirements.lock,what the tests and checks need)
	@touch $@

# A line for each package as it comes: that takes minutes on a slow line.
install = echo "installing $(2) into $(VENV): `grep -c == $(1)` packages" && \
	$(BIN)/python -m pip install --disable-pip-version-check --no-input --require-hashes -r $(1) | \
	sed -un 's/^ *Downloading \(.*\)-[^-]*-[^-]*-[^-]*\.whl\( (.*)\)\{0,1\}$$/  \1\2/p; /^Successfully/s/^\(Successfully installed\).*/  installed/p'

demo: install ## Run the sample articles through Newsmill and print what became of them
	@$(BIN)/newsmill demo
	@echo 'To try files of yours: . $(BIN)/activate, then newsmill up'

test: setup ## Run all tests, on real PostgreSQL, Valkey and worker processes
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder $(PYTEST)

test-fast: setup ## Run the tests that need no server, each property with few examples; under a minute
	$(BIN)/python -m pytest -q --hypothesis-profile fast tests/house tests/unit

test-compose: setup ## Test the docker compose deployment, on Docker or compose-lab; PYTEST=… for its options
	VENV=$(VENV) tests/compose/run $(PYTEST)

chaos: setup ## Break a running system on purpose: ROUNDS=20 rounds of faults from SEED=1 on
	$(BIN)/python -m tests.chaos --rounds $(or $(ROUNDS),20) --seed $(or $(SEED),1)

check: setup ## Check style, types, directions of imports, sizes and names, and that models and migrations agree
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q tests/house tests/integration/db/test_migrations.py

format: setup ## Put the code into the project's format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: setup ## Write the generated tables of the documentation anew
	$(BIN)/python -m tests.documentation

pictures: setup ## Draw the pictures of the README anew, from a real run
	$(BIN)/python -m tests.documentation.pictures

screenshots: setup ## Take a picture of each page of the web console, in ./screenshots
	$(BIN)/python -m pytest -q tests/browser/screenshots.py

UV_LOCK = $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header

lock: setup ## Write the requirements*.lock files anew from pyproject.toml
	$(UV_LOCK) --python-version 3.11 --extra embedded --extra dev --extra monitoring --extra s3 --extra parquet \
		--extra excel --extra wiki --extra archives --output-file requirements.lock pyproject.toml
	printf 'setuptools\n' | $(UV_LOCK) --python-version 3.11 --extra embedded --constraint requirements.lock \
		--output-file requirements-run.lock pyproject.toml -
	printf 'setuptools\nembedded-postgres\n' | $(UV_LOCK) --python-version 3.13 --extra monitoring --extra s3 --extra parquet \
		--extra excel --extra wiki --constraint requirements.lock \
		--output-file requirements-image.lock pyproject.toml -

compose-secrets: ## Make the passwords that docker compose needs, in ./secrets; existing ones stay
	@umask 077; mkdir -p $(SECRETS); for name in postgres redis flower web; do file=$(SECRETS)/$${name}_password; \
	if [ -e $$file ]; then echo "$$file is there, and stays"; else \
	head -c 24 /dev/urandom | base64 | tr '+/' '-_' > $$file.new && chmod 0444 $$file.new && mv $$file.new $$file && \
	echo "$$file made"; fi || exit 1; done

bench: setup ## Measure throughput against a plain Celery chain, and what commands cost
	$(BIN)/python -m benchmarks.throughput
	$(BIN)/python -m benchmarks.commands

fuzz: setup ## Fuzz parse and clean, guided by coverage, for SECONDS=60; .fuzz keeps the inputs
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r tests/fuzz/requirements.lock
	$(BIN)/python -m tests.fuzz --seconds $(or $(SECONDS),60)

clean: ## Remove what the targets made
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache .fuzz build *.egg-info
