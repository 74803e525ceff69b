# Two targets do all the set-up themselves: `make demo` and `make test`. All of them: `make help`.
#
#   PYTHON    the interpreter to make .venv with; 3.11 or newer
#   WORKERS   processes that run the tests; one more than there are cores, for tests often wait
#   ARGS      more for pytest, as in: make test ARGS='tests/test_diff.py -x'

PYTHON ?= python3
WORKERS ?= $(shell echo $$(($$(getconf _NPROCESSORS_ONLN) + 1)))
ARGS ?=
SECONDS ?= 3600

BIN := .venv/bin
LOCK := requirements
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# Everything comes from the lock, hash by hash; then the project itself, with what is there. It is
# compiled, as what pip installs is: not every user may, or wants to, write that down later.
PROJECT := $(PIP) install --no-deps --no-build-isolation --editable . \
	&& $(BIN)/python -m compileall -q indexer

# The first of these that is new enough. A command that is there may still not run.
FOUND = $(shell for python in $(PYTHON) python3.13 python3.12 python3.11; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& { echo "$$python"; break; }; done)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo check test test-all test-pythons soak fuzz bench lint docs pages dist release audit lock clean

help: ## Show this.
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 21

demo: .venv/.run ## See it work without a network: two crawls of a simulated Docker Hub.
	@$(BIN)/indexer demo
	@echo "The command is $(BIN)/indexer: '. $(BIN)/activate' lets you leave the path away."

PYTEST := $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

check: lint ## Within a minute: what lint checks, and the unit tests.
	$(PYTEST) -m unit $(ARGS)

test: .venv/.dev ## Run the tests, but for those that are marked nightly.
	$(PYTEST) $(ARGS)

test-all: .venv/.dev ## Run the tests, those that are marked nightly too: about an hour.
	$(PYTEST) --nightly $(ARGS)

soak: .venv/.dev ## Random histories for SECONDS=3600, from SEED if given; ALL=1 adds the slow tests.
	$(BIN)/python -m tests.oracle.soak --seconds $(SECONDS) $(if $(SEED),--seed $(SEED))
	$(if $(ALL),INDEXER_SOAK=1 $(PYTEST) --nightly --timeout 0 $(ARGS))

fuzz: .venv/.dev ## Feed strangers' text to every reader for SECONDS=3600; what breaks one is kept.
	$(BIN)/python -m tests.fuzz --seconds $(SECONDS)

bench: .venv/.dev ## Measure what is promised about speed and memory, as ratios; some minutes.
	$(BIN)/python -m benchmarks --page docs/benchmarks.md $(BENCH)

lint: .venv/.dev ## Check style, types, walls and the generated pages.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/codespell
	$(BIN)/python docs/generate_cli.py --check

pages: .venv/.dev ## Write the pages that are generated from the code: docs/cli.md, docs/reference, the README.
	$(BIN)/python docs/generate_cli.py

docs: pages .venv/.docs ## Write these, and build the documentation as a site into build/site.
	$(BIN)/python -m scripts.build_site

dist: .venv/.dev ## Build the source distribution and, from it, the wheel, into dist/.
	$(BIN)/python -m build --no-isolation

release: .venv/.dev ## Build a release into dist/: built twice, checked, with checksums and notes.
	$(BIN)/python -m scripts.release $(if $(TAG),--tag $(TAG))

audit: .venv/.made ## Ask whether a pinned package has a known vulnerability; needs a network.
	$(PIP) install --require-hashes -r $(LOCK)/audit.txt
	$(BIN)/pip-audit --disable-pip --require-hashes --progress-spinner off \
		-r $(LOCK)/parquet.txt -r $(LOCK)/dev.txt

test-pythons: ## Run the tests on Python 3.11, 3.12, 3.13, or PYTHONS, as far as they are here.
	WORKERS=$(WORKERS) PYTHONS="$(PYTHONS)" scripts/test-pythons $(ARGS)

lock: .venv/.made ## Renew the lock for what pyproject.toml asks; UPGRADE=1 takes newer versions too.
	$(PIP) install 'uv>=0.8'
	$(COMPILE) --output-file $(LOCK)/run.txt pyproject.toml
	$(COMPILE) --output-file $(LOCK)/build.txt --constraint $(LOCK)/run.txt --group build
	$(COMPILE) --output-file $(LOCK)/dev.txt --constraint $(LOCK)/run.txt \
		--constraint $(LOCK)/build.txt --group test --group lint pyproject.toml
	$(COMPILE) --output-file $(LOCK)/parquet.txt --constraint $(LOCK)/dev.txt --extra parquet \
		pyproject.toml
	$(COMPILE) --output-file $(LOCK)/docs.txt --constraint $(LOCK)/dev.txt --group docs
	$(COMPILE) --output-file $(LOCK)/audit.txt --constraint $(LOCK)/dev.txt --group audit

# One lock for every supported Python and platform; it names no place to download from.
COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --custom-compile-command 'make lock' $(if $(UPGRADE),--upgrade)

clean: ## Remove .venv and everything that was built or cached.
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

.venv/.made:
	@if [ -z "$(FOUND)" ]; then \
		echo "The indexer needs Python 3.11 or newer, and '$(PYTHON)' is none:" \
			"install one, or name one, as in 'make PYTHON=/opt/python3.12/bin/python3 ...'." >&2; \
		exit 1; \
	fi
	@echo "Making .venv with $(FOUND) ..."
	@$(FOUND) -m venv .venv
	@touch $@

.venv/.run: $(LOCK)/run.txt $(LOCK)/build.txt pyproject.toml | .venv/.made
	@echo "Installing the indexer into .venv ..."
	@$(PIP) install --require-hashes -r $(LOCK)/run.txt -r $(LOCK)/build.txt
	@$(PROJECT)
	@touch $@

.venv/.dev: $(LOCK)/dev.txt pyproject.toml | .venv/.made
	@echo "Installing the indexer and the tools to test it into .venv ..."
	@$(PIP) install --require-hashes -r $(LOCK)/dev.txt
	@$(PROJECT)
	@touch $@ .venv/.run

.venv/.docs: $(LOCK)/docs.txt | .venv/.dev
	@echo "Installing what builds the site into .venv ..."
	@$(PIP) install --require-hashes -r $(LOCK)/docs.txt
	@touch $@
