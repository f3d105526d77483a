# Everything a contributor runs. Paths stay relative, so that a checkout whose own path has a
# space or a non-ASCII letter works; tools run as `python -m`, so that none depends on PATH.

PYTHON ?= python3
PY := .venv/bin/python
BOOK := _build/html/index.html
NOTEBOOKS := notebooks
# Two notebooks at once; each test file in one process. What notebooks gave is kept in .evidence.
PYTEST := $(if $(ALL),rm -rf .evidence;) $(PY) -m pytest tests $(NOTEBOOKS) --nbval \
  -n auto --dist loadfile --no-loadscope-reorder

.PHONY: help env book pdf test quick refresh bounds bench lab lint lock
.DEFAULT_GOAL := help

help:  ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-8s %s\n", $$1, $$2}' Makefile

# The environment carries a copy of the lock it was made from. The comparison is by content: a
# second call installs nothing, a changed lock installs everything anew. It also remembers the
# path of the checkout: after a move, gan_helpers must be installed from its new place.
env:  ## make the environment .venv from requirements.lock, if it is not there already
	@cmp -s requirements.lock .venv/requirements.lock || { \
	  set -e; \
	  $(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v <= (3, 13) else "This book needs Python 3.11, 3.12 or 3.13; $(PYTHON) is %d.%d. Try: make PYTHON=python3.12" % v)'; \
	  echo "Installing the locked packages into .venv (once, some minutes)"; \
	  rm -rf .venv; \
	  $(PYTHON) -m venv .venv; \
	  $(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock; \
	  cp requirements.lock .venv/requirements.lock; \
	}
	@[ "$$(cat .venv/checkout 2>/dev/null)" = "$(CURDIR)" ] || { \
	  $(PY) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e . && \
	  echo "$(CURDIR)" > .venv/checkout; \
	}

# Always from nothing, in some ten seconds: Sphinx repeats no warning of a page that it does not
# re-read, and MyST-NB remembers glued numbers that no notebook holds any more.
book: env  ## render the book to _build/html from the notebooks' committed outputs
	@rm -rf _build
	@$(PY) .venv/bin/jupyter-book build . --warningiserror --nitpick --keep-going --quiet
	@echo "The book: $(BOOK)"

pdf: book  ## print the book to _build/pdf/book.pdf (needs Chromium)
	@$(PY) -m tools.pdf

# A notebook that has been executed in its present state is compared, but not executed again.
test: lint book  ## everything: lint, book, unit tests, rules, rendered pages, every notebook
	@$(PYTEST)

quick: lint  ## daily work: the same without the rendered book
	@$(PYTEST) --ignore=tests/test_pages.py --ignore=tests/test_browser.py \
  --ignore=tests/test_keyboard.py

lint: env
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m codespell_lib
	@$(PY) -m mypy

refresh: env  ## renew the notebooks whose outputs are stale, and no others
	@$(PY) -m tools.refresh $(ONLY)

bounds: env  ## run notebooks under five seeds and record the range of their trained numbers
	@$(PY) -m tools.bounds $(ONLY)

bench: env  ## speed of the judge and of the networks on this machine
	@$(PY) -m research.bench

lab: env  ## open the notebooks in JupyterLab
	@$(PY) -m jupyterlab $(NOTEBOOKS)

lock:  ## resolve pyproject.toml anew into requirements.lock (needs uv)
	@uv pip compile pyproject.toml --extra book --universal --python-version 3.11 \
	  --generate-hashes --no-header --upgrade -o requirements.lock
