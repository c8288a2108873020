# `make demo` and `make test` set up everything they need in .venv.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
DEMO_DIR ?= demo
E2E_DIR ?= build/e2e
MINUTES ?= 30

.PHONY: demo test lint bench gaps soak e2e clean

$(VENV)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev,figures]'
	touch $@

demo: $(VENV)/.installed
	rm -rf $(DEMO_DIR)
	mkdir -p $(DEMO_DIR)
	$(BIN)/tilewright new $(DEMO_DIR)/river-delta.tilewright --preset river-delta
	$(BIN)/tilewright render $(DEMO_DIR)/river-delta.tilewright
	$(BIN)/tilewright export $(DEMO_DIR)/river-delta.tilewright $(DEMO_DIR)/river-delta.png
	$(BIN)/tilewright export $(DEMO_DIR)/river-delta.tilewright $(DEMO_DIR)/seed-and-result.png --beside-seed
	$(BIN)/tilewright seams $(DEMO_DIR)/river-delta.tilewright
	@echo "map:                          $(DEMO_DIR)/river-delta.png"
	@echo "seed canvas beside the map:   $(DEMO_DIR)/seed-and-result.png"

lint: $(VENV)/.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: lint
	$(BIN)/python -m pytest

bench: $(VENV)/.installed
	$(BIN)/python -m tests.bench

gaps: $(VENV)/.installed
	$(BIN)/python -m tests.bench.bench_gaps

soak: $(VENV)/.installed
	$(BIN)/python -m tests.bench.soak --minutes $(MINUTES)

# a real window under Xvfb, used by mouse and keys; needs the Debian packages xvfb and xdotool
e2e: $(VENV)/.installed
	$(BIN)/python -m tests.e2e --out $(E2E_DIR)

clean:
	rm -rf $(VENV) $(DEMO_DIR)
