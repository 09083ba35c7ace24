# Every target sets up what it needs: `make demo` and `make test` work on a fresh clone.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.ONESHELL:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

export PATH := $(CURDIR)/.venv/bin:$(PATH)
# Tools that write their caches beside bytecode start twice as slowly without it.
unexport PYTHONDONTWRITEBYTECODE

# A Python 3.13, however this machine names it; .python-version says it to version managers.
PYTHON = $(shell for each in python3.13 python3 python; do \
	$$each -c 'import sys; sys.exit(sys.version_info[:2] != (3, 13))' 2>/dev/null && echo $$each && break; done)
# What functions bring along stands in the app's environment too, where their tests run.
OWN := $(wildcard functions/*/requirements.txt)
UV = $(shell command -v uv || echo .tools/bin/uv)
LOCKS := lambda dev emulator audit mutants uv
# These have a local AWS of their own, and need not wait for the one that the others share.
APART := tests/emulator/test_permissions.py tests/emulator/test_restart.py
say = @printf '\033[1m· %s\033[0m\n' $(1) >&2

.PHONY: help setup demo test audit unit incidents mutants soak fuzz bench reference cost lock clean

help: ## Show the targets
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 8

setup: .venv/.done .emulator/.done node_modules/.done ## Install everything, inside this directory

demo: setup ## Deploy to a local AWS, write real files, show what ran and why
	@python -m herald.local.demo

test: setup .audit/.done ## Run every check
	@ruff format --check .
	ruff check .
	mkdir -p .herald
	{ mypy && lint-imports && pytest tests/audit; } > .herald/static.log 2>&1 & static=$$!
	{ pytest tests --ignore tests/emulator --ignore tests/audit --cov && pytest $(APART); } > .herald/others.log 2>&1 & others=$$!
	pytest tests/emulator $(APART:%=--ignore %) || emulator=$$?
	wait $$others || others_failed=$$?
	wait $$static || static_failed=$$?
	cat .herald/others.log .herald/static.log
	exit $$(( $${emulator:-0} || $${others_failed:-0} || $${static_failed:-0} ))

audit: .venv/.done .audit/.done ## Check the templates with cfn-lint and checkov, offline
	@pytest tests/audit

unit: .venv/.done ## Run the unit tests alone
	@pytest tests/unit -n 2

incidents: setup ## Stage the incidents of docs/runbook.md, and show how commands name their causes
	@pytest tests/emulator/incidents --capture no

mutants: .mutmut/.done ## Run the unit tests on mutants of four modules, and show the mutants that survive
	@rm -rf mutants
	.mutmut/bin/mutmut run --max-children 1
	.mutmut/bin/mutmut results

soak: setup ## Send ten thousand events through workers that are killed at random
	@HERALD_SOAK_EVENTS=10000 pytest tests/emulator/test_soak.py

fuzz: setup ## Send ten thousand odd and forged requests to the receiver of webhooks
	@HERALD_FUZZ_REQUESTS=10000 pytest tests/unit/receive_webhook/test_fuzz.py

bench: setup ## Print the benchmarks as JSON
	@python -m tests.bench

reference: .venv/.done ## Generate docs/reference/ from the code
	@python -m herald.reference

cost: .venv/.done ## Compute docs/cost.md from list prices and the templates
	@python -m herald.cost

lock: .venv/.done ## Resolve the requirements anew
	@for name in $(LOCKS); do
		uv pip compile --quiet --universal --generate-hashes --python-version 3.13 --no-emit-index-url \
			--no-emit-find-links --custom-compile-command 'make lock' \
			$$([ $$name = dev ] && echo -c requirements/lambda.txt) $$([ $$name = mutants ] && echo -c requirements/dev.txt) \
			requirements/$$name.in --output-file requirements/$$name.txt
	done
	for name in $(OWN:functions/%/requirements.txt=%); do herald lock $$name; done

clean: ## Remove everything that was installed or made
	@[ ! -x .venv/bin/herald ] || .venv/bin/herald local down
	rm -rf .venv .emulator .audit .mutmut .tools .herald node_modules cdk.out mutants

.tools/bin/uv: requirements/uv.txt
	$(call say,"installing uv")
	@[ -n "$(PYTHON)" ] || { echo 'herald: no Python 3.13 was found' >&2; exit 1; }
	$(PYTHON) -m venv .tools
	.tools/bin/python -m pip install --quiet --require-hashes --requirement requirements/uv.txt

.venv/.done: requirements/dev.txt $(OWN) pyproject.toml $(if $(filter .tools/%,$(UV)),.tools/bin/uv)
	$(call say,"installing the environment of the app")
	@[ -x .venv/bin/python ] || $(UV) venv --quiet --python '$(PYTHON)' .venv
	$(UV) pip sync --quiet --python .venv --require-hashes --compile-bytecode requirements/dev.txt
	$(if $(OWN),$(UV) pip install --quiet --python .venv --require-hashes --compile-bytecode $(OWN:%=--requirement %))
	$(UV) pip install --quiet --python .venv --no-deps --no-build-isolation --editable .
	touch $@

.emulator/.done: requirements/emulator.txt $(if $(filter .tools/%,$(UV)),.tools/bin/uv)
	$(call say,"installing the local AWS")
	@[ -x .emulator/bin/python ] || $(UV) venv --quiet --python '$(PYTHON)' .emulator
	$(UV) pip sync --quiet --python .emulator --require-hashes --compile-bytecode requirements/emulator.txt
	touch $@

.audit/.done: requirements/audit.txt $(if $(filter .tools/%,$(UV)),.tools/bin/uv)
	$(call say,"installing cfn-lint and checkov")
	@[ -x .audit/bin/python ] || $(UV) venv --quiet --python '$(PYTHON)' .audit
	$(UV) pip sync --quiet --python .audit --require-hashes --compile-bytecode requirements/audit.txt
	touch $@

.mutmut/.done: requirements/mutants.txt $(if $(filter .tools/%,$(UV)),.tools/bin/uv)
	$(call say,"installing mutmut")
	@[ -x .mutmut/bin/python ] || $(UV) venv --quiet --python '$(PYTHON)' .mutmut
	$(UV) pip sync --quiet --python .mutmut --require-hashes --compile-bytecode requirements/mutants.txt
	touch $@

node_modules/.done: package.json package-lock.json .venv/.done
	$(call say,"installing the CDK command line")
	@npm ci --silent --no-audit --no-fund
	ln -sf ../../node_modules/.bin/cdk .venv/bin/cdk
	touch $@
