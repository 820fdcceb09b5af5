# Chores of the project: the same words here, in CI and in CONTRIBUTING.md. `make help` lists them.
#
#   PYTHON=python3.12 make setup     another interpreter (3.11 or newer)
#   QUICK=1 make bench               the benches in minutes, to see that they run; the figures are not the real ones

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMPS := $(VENV)/.stamps
BESIDE ?= 2
QUIET  := --quiet --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help setup demo studio test quick wheel lint type bench docs site browser clean

help:  ## list these targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 10

setup: $(STAMPS)/dev  ## make .venv with exact versions, and .venv/bin/etude

# The stamp lies inside the environment, so that deleting .venv starts afresh; it is older than pyproject.toml or
# constraints.txt only when one of them changed.
$(STAMPS)/dev: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(0 if v >= (3, 11) else f"Etude needs Python 3.11 or newer, and $(PYTHON) is {v[0]}.{v[1]}; say PYTHON=python3.11 make setup")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install $(QUIET) --constraint constraints.txt --upgrade pip
	$(BIN)/python -m pip install $(QUIET) --constraint constraints.txt --build-constraint constraints.txt --editable . --group dev
	$(BIN)/python -c 'from etude.families.sequence.precompile import everything; everything()'
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/bench: $(STAMPS)/dev bench/peers-pictures.txt
	$(BIN)/python -m pip install $(QUIET) --constraint constraints.txt --group bench
	$(BIN)/python -m pip install $(QUIET) --no-deps --requirement bench/peers-pictures.txt
	@touch $@

$(STAMPS)/docs: $(STAMPS)/dev
	$(BIN)/python -m pip install $(QUIET) --constraint constraints.txt --group docs
	@touch $@

demo: $(STAMPS)/dev  ## learn, make, trace, sign and verify on the works that come along; leaves demo-studio/index.html
	$(BIN)/python examples/demo.py demo-studio

studio: $(STAMPS)/dev  ## open the studio in a browser, on the demo's project where there is one
	$(BIN)/etude studio $(if $(wildcard demo-studio/studio),demo-studio/studio,my-studio)

# Two processes of one thread each (tests/conftest.py): with two threads each they would wait for each other.
test: $(STAMPS)/dev browser  ## every test, in BESIDE processes (2); installs nothing that is there already
	$(BIN)/python -m pytest -n $(BESIDE) --dist loadfile --no-loadscope-reorder

quick: $(STAMPS)/dev  ## the tests that learn nothing: for everyday use, in a minute or so
	$(BIN)/python -m pytest -m "not slow" -q

wheel: $(STAMPS)/dev  ## build wheel and sdist into dist/, and try the wheel in an empty environment
	$(BIN)/python -m hatchling build -d dist
	rm -rf dist/try && $(PYTHON) -m venv dist/try
	dist/try/bin/python -m pip install $(QUIET) --constraint constraints.txt dist/*.whl
	cd dist && try/bin/etude init try/studio && try/bin/etude -C try/studio samples tunes \
	  && try/bin/etude -C try/studio learn first --from tunes --budget 1m && try/bin/etude -C try/studio make first -n 1

lint: $(STAMPS)/dev  ## ruff, its format, and the layers of the house
	$(BIN)/ruff check --no-cache .
	$(BIN)/ruff format --no-cache --check .
	$(BIN)/lint-imports --no-logo

type: $(STAMPS)/dev  ## mypy --strict on the source, the tests, the benches and the rest
	$(BIN)/mypy

bench: $(STAMPS)/bench  ## the table of figures beside the peers, into bench/out/ (about three hours; QUICK=1: minutes)
	$(BIN)/python bench/run.py $(if $(QUICK),--quick)

docs: $(STAMPS)/dev  ## write docs/cli.md anew from the commands themselves
	$(BIN)/python -m etude.cli.reference docs/cli.md

site: $(STAMPS)/docs  ## build the documentation site into site/, without a network; a broken link fails
	$(BIN)/zensical build --strict --clean

# Some tests look at our pages in a real browser. It is installed only where it is missing and can be: as root, on Debian.
# Elsewhere those tests are skipped and say why.
browser:
	@if command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core; } >/dev/null 2>&1 \
	  || echo "Chromium could not be installed: tests that look at pages will be skipped"; \
	else echo "No Chromium here: tests that look at pages will be skipped (Debian: apt-get install chromium)"; fi

clean:  ## remove the environment and everything that was built
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis bench/out demo-studio site .cache
