# Everything sets itself up: a fresh machine needs Python 3.11+ with venv, and make.
#
#   make run    the daemon with its demo customer; see README.md
#   make test   the tests
#
# PYTHON, VENV and LOCK choose another interpreter, folder or set of pinned packages:
#   make test PYTHON=python3.13 VENV=.venv-debian13 LOCK=requirements/debian13.txt

PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	>/dev/null 2>&1 && { echo $$p; break; }; done)
VENV ?= .venv
LOCK ?= requirements/newest.txt
# What Python compiles is kept, whatever the environment says: every start would take seconds.
export PYTHONDONTWRITEBYTECODE =

# One stamp for each lock file's content: nothing is done when it is there.
STAMP = $(VENV)/.made-from-$(shell cksum < $(LOCK) | tr ' ' '-')
INTEROP_STAMP = $(VENV)/.interop-from-$(shell cksum < requirements/interop.txt | tr ' ' '-')
BIN = $(VENV)/bin
PYTEST = $(BIN)/python -m pytest
# The command an installed package has; here it is of this tree, and works in every folder.
COMMAND = $(BIN)/procall-mobility
# A Matrix homeserver, which has many requirements of its own.
SYNAPSE = .venv-synapse
SYNAPSE_STAMP = $(SYNAPSE)/.made-from-$(shell cksum < requirements/synapse.txt | tr ' ' '-')
NODE_STAMP = tests/interop/browser/node_modules/.made
NTFY = tests/interop/push/ntfy/usr/bin/ntfy
PUSH_NODE_STAMP = tests/interop/push/node/node_modules/.made

# What relays media inside the kernel; the daemon does it itself where this is not.
DATAPATH = procall_mobility/datapath/turn_relay

.PHONY: help setup run datapath test lint format types coverage interop pictures bench bench-relay bench-turn bench-turn-kernel bench-turn-streams bench-push bench-push-isolation soak deb lock clean

help:
	@sed -n 's/^#  *make/make/p' Makefile
	@echo "make datapath | lint | types | coverage | interop | pictures | bench | bench-relay | bench-turn | bench-turn-kernel | bench-turn-streams | bench-push | bench-push-isolation | soak | deb | lock | clean"

# Not compiled ahead: Python does it for what is used, and a third of the time is saved.
$(STAMP):
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later is needed; set PYTHON=/path/to/it"; exit 1; }
	@echo "setting up $(VENV) with $(PYTHON) from $(LOCK) ..."
	@rm -rf $(VENV)
	@$(PYTHON) -m venv $(VENV) || { echo "the venv module is missing: apt install python3-venv"; exit 1; }
	@$(BIN)/python -m pip install --quiet --no-compile --disable-pip-version-check --require-hashes -r $(LOCK)
	@touch $@
	@echo "$(VENV) is ready"

$(COMMAND): $(STAMP) Makefile
	@printf '%s\n' '#!/bin/sh' \
		'export PYTHONPATH="$(CURDIR)$${PYTHONPATH:+:$$PYTHONPATH}"' \
		'program="from procall_mobility.cli import main; main(prog_name=\"procall-mobility\")"' \
		'exec "$(abspath $(BIN))/python" -P -c "$$program" "$$@"' > $@
	@chmod +x $@

setup: $(STAMP) $(COMMAND)

run: $(STAMP) $(COMMAND) datapath
	@exec $(BIN)/python -m examples.uc_demo.run

datapath: $(DATAPATH).o

# Without a compiler nothing fails: whoever needs the object says so.
$(DATAPATH).o: $(DATAPATH).c $(DATAPATH).h $(wildcard $(dir $(DATAPATH))program/*.h) tools/compile_datapath
	@tools/compile_datapath $< $@

# Files go to as many processes as there are processors; the tests of one stay together, in order.
test: $(STAMP) datapath
	$(PYTEST) --numprocesses logical --maxprocesses 4 --dist loadfile -m "not interop and not soak" \
		--ignore tests/interop --ignore tests/soak

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(STAMP)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

types: $(STAMP)
	$(BIN)/python -m mypy

coverage: $(STAMP) datapath
	$(PYTEST) -q -m "not interop and not soak" --cov --cov-report=
	$(BIN)/python -m tools.coverage_floor

$(NODE_STAMP): tests/interop/browser/package-lock.json
	npm ci --prefix tests/interop/browser --silent
	@touch $@

# Those of the status page, by a demo that has been at work for five minutes.
pictures: $(STAMP) $(NODE_STAMP)
	@tools/debian_packages chromium fonts-dejavu-core
	$(BIN)/python -m tests.interop.browser.status_pictures docs/pictures

$(PUSH_NODE_STAMP): tests/interop/push/node/package-lock.json
	npm ci --prefix tests/interop/push/node --omit=optional --ignore-scripts --silent
	@touch $@

$(INTEROP_STAMP): $(STAMP) requirements/interop.txt
	@echo "adding what requirements/interop.txt has ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/interop.txt
	@touch $@

$(SYNAPSE_STAMP): requirements/synapse.txt
	@echo "setting up $(SYNAPSE) from requirements/synapse.txt ..."
	@rm -rf $(SYNAPSE)
	@$(PYTHON) -m venv $(SYNAPSE)
	@$(SYNAPSE)/bin/python -m pip install --quiet --no-compile --disable-pip-version-check --require-hashes -r requirements/synapse.txt
	@touch $@

# A push server; where Debian 13 cannot be reached, its tests say so and are skipped.
$(NTFY):
	-tools/debian13_package ntfy tests/interop/push/ntfy

interop: $(NTFY) $(INTEROP_STAMP) $(SYNAPSE_STAMP) $(NODE_STAMP) $(PUSH_NODE_STAMP)
	@tools/debian_packages chromium haproxy openssl coturn iproute2 nftables libfaketime libnss3-tools gcc libc6-dev nghttp2-server clang llvm libbpf-dev certbot pebble
	@$(MAKE) --no-print-directory datapath
	$(PYTEST) -m interop tests/interop

bench: bench-relay bench-turn bench-push

bench-relay: $(STAMP)
	$(BIN)/python -m bench.relay

bench-turn: $(STAMP)
	@tools/debian_packages coturn gcc libc6-dev
	$(BIN)/python -m bench.turn
	@$(MAKE) --no-print-directory bench-turn-kernel

bench-turn-streams: $(STAMP)
	@tools/debian_packages coturn
	$(BIN)/python -m bench.turn_streams

# The kernel, Python and coturn in network namespaces of the run's own; that needs root.
bench-turn-kernel: $(STAMP)
	@tools/debian_packages coturn iproute2 gcc libc6-dev clang llvm libbpf-dev
	@$(MAKE) --no-print-directory datapath
	$(BIN)/python -m bench.turn_kernel

# With aioapns, and apns2 for node, which are measured beside ours.
bench-push: $(INTEROP_STAMP) $(PUSH_NODE_STAMP)
	@tools/debian_packages libnghttp2-14
	$(BIN)/python -m bench.push

bench-push-isolation: $(STAMP)
	@tools/debian_packages libnghttp2-14
	$(BIN)/python -m bench.push_isolation

# PUSH_KILLS is how often daemons and queues of pushes are killed; .ci/run is content with 20.
# BIND_CYCLES is how many clients of the kernel's datapath come and go.
soak: export PUSH_KILLS ?= 200
soak: $(STAMP) datapath
	$(PYTEST) -m soak tests/soak tests/gateway/push/test_isolation.py tests/interop/datapath

# Needs root, for a clean root of Debian 13; the packages come to be in dist/.
deb: $(STAMP)
	@tools/debian_packages debootstrap iproute2
	PYTHON=$(abspath $(BIN))/python tools/make_deb

# Needs uv on the path: `pip install uv`.
lock:
	uv pip compile --quiet --no-strip-extras --universal --python-version 3.11 --generate-hashes --upgrade \
		--no-emit-index-url --no-header --no-annotate \
		setup.cfg requirements/tools.in -o requirements/newest.txt
	uv pip compile --quiet --no-strip-extras --python-version 3.13 --generate-hashes --upgrade \
		--no-emit-index-url --no-header --no-annotate \
		setup.cfg requirements/tools.in requirements/debian13.in -o requirements/debian13.txt
	uv pip compile --quiet --no-strip-extras --universal --python-version 3.11 --generate-hashes --upgrade \
		--no-emit-index-url --no-header --no-annotate \
		requirements/interop.in -c requirements/newest.txt -o requirements/interop.txt
	uv pip compile --quiet --no-strip-extras --universal --python-version 3.11 --generate-hashes --upgrade \
		--no-emit-index-url --no-header --no-annotate \
		requirements/synapse.in -o requirements/synapse.txt

clean:
	rm -rf .venv .venv-* build dist *.egg-info .coverage .hypothesis .mypy_cache .pytest_cache \
		.ruff_cache var bench/results tests/interop/browser/node_modules \
		tests/interop/push/node/node_modules tests/interop/push/ntfy
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
