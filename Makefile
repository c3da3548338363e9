# make build   the sample company's books in revrec.duckdb
# make test    everything that must hold, in about an hour on two cores
# Both work on a machine that has Python 3.11+, make and a C library.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
REVREC_DUCKDB_PATH ?= revrec.duckdb
export REVREC_DUCKDB_PATH
# A process per core; the tests of a module stay together, for they share a warehouse,
# and conftest.py says which modules come first.
PARALLEL := --numprocesses auto --dist loadscope --no-loadscope-reorder
# sqlfluff, without a search for garbage after every 700 of the many objects that it keeps.
SQLFLUFF := $(BIN)/python -c "import gc; gc.set_threshold(100_000, 50, 100); \
	from sqlfluff.cli.commands import cli; cli()"

.PHONY: build setup test test-long lint bench docs lock clean

build: setup
	@$(BIN)/dbt --quiet build --exclude-resource-type unit_test
	@$(BIN)/python scripts/show_books.py

setup: $(VENV)/installed profiles.yml

# Without the index of hashes pip refuses a package; --no-deps because the lock
# is complete (DECISIONS.md says which dependency of dbt-core it leaves out).
$(VENV)/installed: requirements.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes \
		-r requirements.txt
	@touch $@

profiles.yml:
	cp profiles.yml.example profiles.yml

lint: setup
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/yamllint --strict .
	$(SQLFLUFF) lint --processes 2 models tests analyses

test: setup lint
	$(BIN)/pytest -m "not long" $(PARALLEL)

test-long: setup
	$(BIN)/pytest $(PARALLEL)

bench: setup
	$(BIN)/python scripts/bench.py

docs: setup
	$(BIN)/dbt docs generate --static
	@echo "Open target/static_index.html"

# After a change of requirements.in. uv resolves for every platform and version.
lock: setup
	$(PYTHON) -m venv target/lock && target/lock/bin/pip install --quiet uv==0.13.8
	target/lock/bin/uv pip compile requirements.in --override requirements-overrides.txt \
		--universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		-o requirements.txt

clean:
	rm -rf target logs revrec.duckdb
