# Every target makes what it needs first: `make demo` and `make test` are enough on a fresh machine
# with Python 3.11 or later, make and libgomp.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
CODE := benchmarks commands docs features models serving training plumbline.py tests

.PHONY: check setup demo mlflow test proofs bench lint types docs lock clean

check: lint types test

setup: $(READY)

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("plumbline needs Python 3.11 or later; set PYTHON=... (found %d.%d)" % sys.version_info[:2] if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check "$$(grep -o '^uv==[0-9.]*' requirements.lock)"
	$(BIN)/uv pip sync --quiet --compile-bytecode --require-hashes requirements.lock
	$(BIN)/uv pip install --quiet --no-deps --editable .
	@touch $(READY)

demo: setup
	$(BIN)/plumbline demo $(ARGS)

# the runs of every training, at http://127.0.0.1:5000
mlflow: setup
	$(BIN)/mlflow ui --backend-store-uri "$${MLFLOW_TRACKING_URI:-sqlite:///mlflow.db}" --host 127.0.0.1 $(ARGS)

test: setup
	$(BIN)/python -m pytest -n auto $(ARGS)

# the proofs at full size, some or all of them: make proofs ARGS="single oracle"
proofs: setup
	$(BIN)/python -m tests.proofs $(ARGS)

# speed side by side with peers, written to docs/benchmarks.md; full size:
# make bench ARGS="--rows 1000000 --activities 10000000 --steps 3 --cutoffs 2000"
bench: setup
	$(BIN)/python -m benchmarks.features $(ARGS)

lint: setup
	$(BIN)/ruff check $(CODE)
	$(BIN)/ruff format --check $(CODE)

types: setup
	$(BIN)/mypy

docs: setup
	$(BIN)/python -m docs.generate

lock: setup
	$(BIN)/uv pip compile --universal --python-version 3.11 --all-extras --group dev --generate-hashes --no-header --no-emit-index-url --quiet --output-file requirements.lock pyproject.toml

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache demo
