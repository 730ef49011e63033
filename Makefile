# Two commands do all the set-up: `make demo` and `make test`.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
export CONTAINER ?= 1
export CASES SEED
export LOCKED ?= 1
KUBEVIRT ?= v1.9.0
VERSIONS := v1.5.0 v1.6.0 v1.7.0 v1.8.4 v1.9.0
FLOOR := 85
BIN := $(VENV)/bin
export PATH := $(CURDIR)/bin:$(CURDIR)/$(BIN):$(PATH)

.PHONY: help setup tools judges oracle conformance vectors keep containers browser screenshots demo test image lock sbom dist version version-check docs unit check coverage lint format bench fuzz schemas golden clean

help: ## show the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

# The stamp depends on what is installed, so that a second call costs nothing.
$(VENV)/.stamp: pyproject.toml tests/requirements.lock tests/tools/venv.sh
	@tests/tools/venv.sh "$(PYTHON)" "$(VENV)"
	@touch $@

setup: $(VENV)/.stamp ## create the virtual environment
tools: setup ## fetch the real tools (kustomize, kpt where absent, actionlint) into bin/
	@tests/tools/fetch.sh

demo: setup ## build the quickstart example with a real kustomize build
	@command -v kustomize >/dev/null || tests/tools/fetch.sh kustomize
	@tests/tools/demo.sh

test: tools judges containers browser ## lint and run every test; CONTAINER=0 leaves the container tests out, INSTALL=1 fetches an engine
	@tests/tools/test.sh

judges: setup ## build KubeVirt's own code, which krm-fn is held against
	@tests/tools/judges.sh

oracle: setup ## build it for a version: make oracle KUBEVIRT=v1.8.4; tests/oracle/README.md says how to ask
	@for program in application admission; do $(BIN)/python tests/oracle/build.py $$program $(KUBEVIRT) || exit 1; done

conformance: judges ## random cases through every KubeVirt version's own code: make conformance CASES=100000 SEED=7
	@status=0; ask=($(BIN)/python tests/oracle/compare.py); \
	"$${ask[@]}" application --cases $(or $(CASES),20000) $(if $(SEED),--seed $(SEED)) || status=1; \
	for version in $(VERSIONS); do echo "admission, KubeVirt $$version"; \
	"$${ask[@]}" admission --kubevirt $$version --cases $(or $(CASES),3000) $(if $(SEED),--seed $(SEED)) || status=1; done; exit $$status

vectors: setup ## what another version answers otherwise to the same cases: make vectors KUBEVIRT=v1.10.0
	$(BIN)/python tests/oracle/compare.py versions --kubevirt $(KUBEVIRT) --cases $(or $(CASES),3000) --seed $(or $(SEED),1)

keep: setup ## what the last comparison found becomes a golden
	@$(BIN)/python tests/oracle/compare.py keep

containers: setup
	@tests/tools/container.sh

browser: setup
	@tests/tools/browser.sh

screenshots: browser ## write docs/images from a catalog's site
	$(BIN)/python tests/tools/screenshots.py

image: ## build the container image; .ci/image/image.sh says what it takes
	@PYTHON="$(PYTHON)" .ci/image/image.sh

lock: ## rewrite the locks with the newest versions
	@PYTHON="$(PYTHON)" .ci/image/lock.sh

sbom: ## write dist/krm-fn.cdx.json, what krm-fn runs on
	@PYTHON="$(PYTHON)" .ci/image/sbom.sh

dist: setup ## write all of a release but the image into dist/
	@.ci/dist/dist.sh

version: ## set the version everywhere: make version VERSION=0.2.0
	@$(PYTHON) tests/tools/version.py $(VERSION)

version-check: ## whether every place says the version, and TAG too
	@$(PYTHON) tests/tools/version.py --check $(if $(TAG),--tag $(TAG))

docs: setup ## build the documentation's site into build/site, every link checked
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --site-dir build/site

unit: setup ## the unit tests alone
	$(BIN)/python -m pytest -q tests/unit

check: lint unit version-check ## before a push: half a minute

coverage: setup ## the unit tests' coverage, with a floor
	$(BIN)/python -m pytest -q tests/unit --cov --cov-fail-under=$(FLOOR)

lint: setup ## ruff, mypy --strict, layers
	$(BIN)/ruff check krm_fn tests .ci kustomize
	$(BIN)/ruff format --check krm_fn tests .ci kustomize
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/zizmor --offline --quiet .github/workflows .github/dependabot.yaml action.yml

format: setup ## let ruff mend what it can
	$(BIN)/ruff check --fix krm_fn tests .ci kustomize
	$(BIN)/ruff format krm_fn tests .ci kustomize

fuzz: setup ## throw changed input at everything that reads any; FUZZ_SECONDS=3600 for an hour
	PYTHONPATH=tests $(BIN)/python tests/fuzz/fuzz.py --seconds $(or $(FUZZ_SECONDS),60)

bench: tools ## measure, as ratios within one run; ROW=fleet for one group of rows
	$(BIN)/python tests/bench/bench.py --json build/bench.json $(if $(ROW),--row $(ROW))

schemas: setup ## write schemas/ from tests/tools/schemas/ and the tables in krm_fn/kubevirt; FROM=swagger.json takes up a KubeVirt release
	$(BIN)/python tests/tools/make_schemas.py $(if $(FROM),--from "$(FROM)")

golden: setup ## rewrite every file that is made from code; review with git diff
	$(BIN)/python tests/tools/golden.py

clean: ## remove what the targets above made
	rm -rf $(VENV) bin build dist .mypy_cache .ruff_cache .pytest_cache
