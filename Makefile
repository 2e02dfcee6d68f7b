PYTHON ?= python3
VENV ?= .venv
PYTHONS ?= python3.11 python3.12 python3.13
BIN = $(VENV)/bin
PIP = $(BIN)/python -m pip install --quiet --disable-pip-version-check
READY = $(VENV)/.ready

.PHONY: help setup demo test test-all shuffle lint bench docs matrix soak evidence coverage lock audit

help:
	@echo "make setup     install into $(VENV), editable, what requirements.lock pins by version and hash"
	@echo "make demo      the crash of 10 October 2025 in miniature, and a report"
	@echo "make test      the quick tests;  make test-all: the slow ones too;  make shuffle: the quick ones 20 times in random order"
	@echo "make lint      style;  make bench: speed (PEERS=PYTHON: other frameworks too);  make matrix: the tests on every Python found"
	@echo "make docs      the documentation as a site, in build/site"
	@echo "make evidence  every promise put to the test, into docs/evidence.md;  make soak: fresh random markets for half an hour"
	@echo "make coverage  lines and branches; of what moves money without the compiler, which hides them: three quarters of an hour"
	@echo "make lock      pin the newest versions that are a week old;  make audit: known faults of those pinned (asks the package index)"

setup: $(READY)

$(READY): pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || \
		{ echo "$(PYTHON) is not Python 3.11 to 3.13; name one with make PYTHON=..."; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) --require-hashes --requirement requirements.lock
	$(PIP) --no-deps --no-build-isolation --editable .
	@echo "Compiling the kernels, once: about a minute."
	@$(BIN)/adlabm run crash --json > /dev/null
	@touch $@

demo: $(READY)
	$(BIN)/adlabm demo

test: $(READY)
	$(BIN)/python -m pytest -q -n 2 -m 'not slow'

test-all: test
	$(BIN)/python -m pytest -q -n 2 -m slow

SHUFFLES ?= 20

shuffle: $(READY)
	@for seed in $$(seq $(SHUFFLES)); do \
		echo "random order, seed $$seed:"; \
		$(BIN)/python -m pytest -q -n 2 -m 'not slow' --random-order --random-order-seed=$$seed || exit 1; \
	done

COVER = NUMBA_DISABLE_JIT=1 $(BIN)/coverage run --parallel-mode -m pytest -q -m 'not slow'
ROOMS = adlabm/ledger/*,adlabm/adl/*,adlabm/exchange/*,adlabm/liquidation/*,adlabm/fund/*,adlabm/kernels/*
ELSEWHERE = COVERAGE_FILE=$(CURDIR)/.coverage $(BIN)/coverage run --parallel-mode -m pytest -q

coverage: $(READY)
	$(BIN)/coverage erase
	$(COVER) tests/ledger tests/adl tests/exchange tests/kernels tests/contracts tests/severity tests/traders tests/oracle tests/venues \
		tests/price tests/test_traders.py tests/test_trader_rules.py tests/test_checkpoint.py tests/test_edges.py tests/test_row_order.py \
		--ignore=tests/venues/test_runs.py --ignore=tests/price/test_drawn.py --ignore=tests/price/test_flow.py
	$(COVER) tests/price/test_drawn.py tests/properties/test_logs.py -k 'chunking or bootstrap_of or fit or svcj_is or outgrew or nothing_is'
	$(BIN)/coverage combine -q
	$(BIN)/coverage report --include '$(ROOMS)' --omit adlabm/kernels/compiler.py --show-missing --skip-covered
	$(BIN)/coverage erase
	$(ELSEWHERE) -m 'not slow'
	$(ELSEWHERE) -m slow tests/web tests/replay tests/sweep/test_analyses.py
	$(BIN)/coverage combine -q
	$(BIN)/coverage report --omit '$(ROOMS)' --show-missing --skip-covered

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(READY)
	@test -f benchmarks/__main__.py || { echo "make bench: there are no benchmarks yet"; exit 1; }
	$(BIN)/python -m benchmarks $(PEERS)

matrix:
	@tested=0; for python in $(PYTHONS); do \
		if $$python -c '' 2>/dev/null; then \
			version=$$($$python -c 'import sys; print("%d.%d" % sys.version_info[:2])'); \
			$(MAKE) --no-print-directory test PYTHON=$$python VENV=.venv-$$version || exit 1; \
			tested=$$((tested + 1)); \
		else echo "$$python: not found, left out"; fi; \
	done; test $$tested -gt 0

docs: $(READY)
	$(BIN)/mkdocs build --strict
	@echo "Open build/site/index.html, or with a search field: $(BIN)/python -m http.server --bind 127.0.0.1 --directory build/site"

# The newest versions that resolve together on every Python that is allowed, with the hashes of their files. None is younger than a week: a stolen release is mostly found within days.
lock: $(READY)
	$(PIP) 'uv>=0.9.17'
	$(BIN)/uv pip compile pyproject.toml --extra dev --extra docs --universal --python-version 3.11 --generate-hashes --upgrade --exclude-newer '7 days' \
		--no-header --no-annotate --quiet --output-file requirements.lock

audit: $(READY)
	$(PIP) 'pip-audit>=2.9'
	$(BIN)/pip-audit --disable-pip --requirement requirements.lock

EVIDENCE_MINUTES ?= 60
SOAK_MINUTES ?= 30

evidence: $(READY)
	$(BIN)/python -W ignore -m evidence --minutes $(EVIDENCE_MINUTES)

soak: $(READY)
	$(BIN)/python -W ignore -m evidence --soak --minutes $(SOAK_MINUTES)
