# Everything a person or a machine does with the project. It makes its own environment in .venv,
# from locked and hash-checked packages; a second run starts at once.

PYTHON ?= python3
BIN := .venv/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Where this is set, every process compiles what it imports again: half a second at each start of the service.
unexport PYTHONDONTWRITEBYTECODE

# What ruff and mypy read: those of these folders that hold Python.
CODE := $(foreach dir,trivium retail tests examples bench,$(if $(shell find $(dir) -name '*.py' 2>/dev/null | head -n 1),$(dir)))

.DEFAULT_GOAL := help
.PHONY: help run test lint format bench soak lock clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' Makefile

run: .venv/run ## the reference application with its simulated systems
	$(BIN)/python -m retail

test: .venv/dev ## all tests, the quick ones first
	$(BIN)/python -m pytest -n auto --dist worksteal

lint: .venv/dev ## style, layout and strict types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict $(CODE)

format: .venv/dev ## lays the code out and mends what can be mended safely
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: .venv/bench ## measures this machine and compares with the peers
	$(BIN)/python -m bench

soak: .venv/bench ## an hour of steady load, plotted; the law, the faults and the requests, very many and odd ones
	$(BIN)/python -m bench.soak
	HYPOTHESIS_PROFILE=soak $(BIN)/python -m pytest tests/properties tests/faults tests/openapi --timeout=0

clean: ## removes the environment, caches and build results
	rm -rf .venv build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# One environment, three sizes: run < dev < bench. A stamp is as new as the lock it was made from.
.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Trivium needs Python 3.11 or later; name one: make PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv .venv

.venv/bin/uv: locks/uv.txt | .venv/bin/python
	$(BIN)/python -m pip install --quiet --no-compile --require-hashes -r $<
	@touch $@

# uv is three times as fast as pip; pip is asked where uv finds no packages, for it knows pip's own settings.
.venv/%: locks/%.txt pyproject.toml | .venv/bin/uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r $< \
		|| $(BIN)/python -m pip install --quiet --require-hashes -r $<
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --no-index -e .
	@touch $@

lock: .venv/dev ## resolves the dependencies again; make lock UPGRADE=--upgrade takes the newest
	$(compile) --group bench $(UPGRADE) -o locks/bench.txt
	$(compile) --group dev -c locks/bench.txt -o locks/dev.txt
	$(compile) --group build -c locks/bench.txt -o locks/run.txt
	echo uv | $(BIN)/uv $(resolve) -c locks/bench.txt -o locks/uv.txt -

resolve = pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url
compile = $(BIN)/uv $(resolve) pyproject.toml
