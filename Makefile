# make run     a first comparison of strategies, from a fresh clone
# make test    every test that needs no server (sets itself up)
# make scan    every parameter moves something that is recorded (make test looks at a part of them)
# make removal mechanisms of the plan are taken out, a sample by commit, and their tests must fail
# make cluster tests on a Slurm that answers here (.ci/cluster sets one up on Debian)
# make browser tests of the board and the manual in a headless Chromium (.ci/browser installs one on Debian)
# make services sets both up and runs both: slurm and chromium (make packages installs what they need)
# make lint    style, formatting, types, import directions
# make docs    are the generated pages current? (the pages' examples run in make test)
# make pages   write the generated pages again
# make site    the manual: every page with search, offline, in build/manual/site
# make manual  the same, and the manual's own tests on it
# make bench   how fast it is on this machine (SMALL=1: little worlds, to see that it works)

VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= $(shell command -v python3.12 || command -v python3 || echo python3)

.DEFAULT_GOAL := run
.PHONY: run test scan removal cluster browser packages services slurm chromium lint docs pages site manual bench clean

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 12))' || { \
		echo "Liebian needs Python 3.12 or newer; '$(PYTHON)' is older or missing."; \
		echo "Install Python 3.12, or name one: make PYTHON=/path/to/python3.12"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: $(VENV)/bin/python pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/bin/python pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@ $(VENV)/.installed

# What few need is installed by itself.
$(VENV)/.installed-site: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[site]'
	@touch $@

$(VENV)/.installed-browser: $(VENV)/.installed-dev
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[browser]'
	@touch $@

# Kernels are compiled at installation, and again only after a source has changed.
$(VENV)/.compiled: $(VENV)/.installed $(wildcard sim/*.py sim/*/*.py sim/*/*/*.py)
	$(BIN)/python -m sim.market.precompile
	@touch $@

run: $(VENV)/.installed $(VENV)/.compiled
	$(BIN)/liebian compare baseline flat_cash_referral three_tier_referral group_buy instant_retail

test: $(VENV)/.installed-dev $(VENV)/.compiled
	$(BIN)/python -m pytest -n auto --dist worksteal

scan: $(VENV)/.installed-dev $(VENV)/.compiled
	$(BIN)/python -m pytest -n auto --dist worksteal -m slow tests/market/test_every_parameter_moves.py tests/market/test_lever_bounds.py

removal: $(VENV)/.installed-dev $(VENV)/.compiled
	$(BIN)/python -m tests.plan.removal

cluster: $(VENV)/.installed-dev $(VENV)/.compiled
	$(BIN)/python -m pytest -m cluster tests/cluster

browser: $(VENV)/.installed-browser $(VENV)/.installed-site $(VENV)/.compiled
	$(BIN)/python -m pytest -m browser $(shell grep -rlE '\bmark\.browser\b' tests --include='*.py')

# On Debian, as root; one after the other, because both may install packages.
packages:
	.ci/shells
	.ci/slurm_single_node packages
	.ci/browser packages

# Much of either is waiting, for a queue or a page: with --jobs=2 they go beside each other.
services: slurm chromium

slurm:
	MAKEFLAGS= .ci/cluster

chromium:
	MAKEFLAGS= .ci/browser

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: $(VENV)/.installed-dev $(VENV)/.compiled
	$(BIN)/python -m docs.generate --check

pages: $(VENV)/.installed-dev
	$(BIN)/python -m docs.generate

site: $(VENV)/.installed-site
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m docs.manual

manual: $(VENV)/.installed-dev site
	LIEBIAN_SITE=build/manual/site $(BIN)/python -m pytest -q tests/docs/test_manual.py

bench: $(VENV)/.installed-dev $(VENV)/.compiled
	$(BIN)/python -m benchmarks.run $(if $(SMALL),--small)

clean:
	rm -rf build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
	find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +
