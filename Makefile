# Two commands do everything on a machine with Python 3.11 and make: `make demo` and `make test`.
# They create .venv, install what the lock names, start what they need and stop it again.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
INSTALLED := $(VENV)/.installed
DEMO ?=
CHAOS ?=
BENCH ?=
MUTATE ?=

.PHONY: demo test chaos check format lock bench mutation contracts clean

demo: $(INSTALLED)
	@$(BIN)/dunning demo $(DEMO)

test: $(INSTALLED)
	$(BIN)/python -m pytest

# Half an hour in which workers and servers are killed and providers fail; SEED=7 repeats a plan,
# CHAOS='--small' takes three minutes. Ends with 1 unless every effect came exactly once.
chaos: $(INSTALLED)
	@$(BIN)/python -m chaos $(if $(SEED),--seed $(SEED)) $(CHAOS)

check: $(INSTALLED)
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/dunning policy check
	$(BIN)/python -m tests.sizes

format: $(INSTALLED)
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

# Written by the only tool here that is not in the lock: `pip install uv` first.
lock:
	cd requirements && for part in runtime dev; do \
		uv pip compile $$part.in --universal --python-version 3.11 --generate-hashes \
			--no-header --no-annotate --upgrade --quiet --output-file $$part.lock; \
	done

# What a decision costs; with BENCH='--ledger FILE --map MAP' a whole ledger as well.
bench: $(INSTALLED)
	$(BIN)/python -m bench.decisions $(BENCH)

# Sows faults into the rules and counts those the tests notice: about an hour on one core.
# MUTATE='dunning.decide.*' sows fewer.
mutation: $(INSTALLED)
	rm -rf var/mutation && mkdir -p var/mutation
	git ls-files --cached --others --exclude-standard | tar cf - --ignore-failed-read -T - | tar xf - -C var/mutation
	cd var/mutation && CI=1 "$(CURDIR)/$(BIN)/mutmut" run --max-children 1 $(MUTATE)
	$(BIN)/python -m tests.proof.score var/mutation

contracts: $(INSTALLED)
	$(BIN)/python -m schemas.contracts

$(INSTALLED): requirements/dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or later is needed, this is " + sys.version.split()[0] + "; say PYTHON=...") if sys.version_info < (3, 11) else None'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing into $(VENV) (once, about two minutes)"
	@$(PIP) install --no-deps --require-hashes -r requirements/dev.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

clean:
	rm -rf $(VENV) var build *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
