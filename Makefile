# Everything there is to do with this project, by name; `make` alone prints the list.
# It wants Python 3.11 or newer and make, and brings the rest into .venv*/ and .cache/ when it is first needed.

PY        := .venv/bin/python
BUF       := .venv-proto/bin/buf
STUBS     := clients/python/mainstay/v1
PROTOBUFS := 5 6 7
TESTS     ?= tests
WORKERS   ?= 2
BENCH     ?= ../shared/bench

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SUFFIXES:
.PHONY: help setup run test chaos tail demo fuzz mutants litellm conformance bench soak alerts settings dashboard check lint types format proto proto-check proto-baseline proto-lint proto-breaking \
        stubs-fresh stubs-check $(PROTOBUFS:%=stubs-check-%) lock clean FORCE

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_NO_INPUT := 1
export PIP_ROOT_USER_ACTION := ignore

help: ## print this list
	@awk 'BEGIN { FS = ":[^#]*## " } /^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' Makefile

# --- every day ---

setup: .venv/.ready ## make .venv, or bring it up to date (PYTHON=python3.12 picks the interpreter)

run: setup ## serve; without any provider's key, against the simulator (ARGS="--config my.yaml")
	@.venv/bin/mainstayd check --quiet $(filter-out --simulate,$(ARGS)) </dev/null; status=$$?; simulate=; \
	case $$status in \
	0) ;; \
	3) simulate=--simulate; \
	   echo 'make run: NO PROVIDER HAS A KEY: answers will come from the SIMULATOR, not from a model (see README.md)' ;; \
	*) exit $$status ;; \
	esac; \
	exec .venv/bin/mainstayd serve $$simulate $(ARGS)

test: setup ## run the tests (TESTS=tests/rpc picks some, ARGS="-x -k retry" goes to pytest)
	@$(PY) -m pytest --numprocesses $(WORKERS) --dist loadfile $(ARGS) $(TESTS)

chaos: setup ## every scenario that must be survived, over real processes (ARGS="--only S08")
	@$(PY) -m tests.chaos $(ARGS)

tail: setup ## what hedging does to the slowest calls, and what it costs, as ratios (ARGS="--calls 1000")
	@$(PY) -m tests.tail $(ARGS)

demo: setup ## a story in a minute: what happens when providers fail
	@$(PY) -m tests.demo $(ARGS)

fuzz: setup ## 100,000 mutated answers through the decoders (ARGS="--only INDEX" replays one)
	@$(PY) -m tests.fuzz $(ARGS)

mutants: setup .venv-mutants/.ready ## 200 small changes to policies and layers that tests must notice (ARGS="--only FILE")
	@$(PY) -m tests.mutants $(ARGS)

litellm: setup .venv-litellm/.ready ## a real LiteLLM proxy behind the service: docs/how-to/use-litellm.md, and every error that it has
	@$(PY) -m pytest --override-ini faulthandler_timeout=300 $(ARGS) tests/slow

conformance: setup ## recorded traffic of real providers through a real server (RECORDINGS=folder)
	@$(PY) -m tests.conformance $(if $(RECORDINGS),--recordings "$(RECORDINGS)") $(ARGS)

bench: setup .venv-bench/.ready .venv-proto/.ready ## CPU per call, beside the reference programs in BENCH=folder (ARGS="--quick")
	@$(PY) -m tests.bench --programs "$(BENCH)" $(ARGS)

soak: setup ## many calls that fail in every way: nothing may grow (ARGS="--minutes 10" or "--calls 20000")
	@$(PY) -m tests.soak $(ARGS)

alerts: setup ## check what deploy/ gives to Prometheus, Grafana and the collector (needs promtool)
	@CI=true $(PY) -m pytest $(ARGS) tests/deploy

settings: setup ## write the tables of docs/configuration.md anew from the settings' own words
	@$(PY) -m tests.docs.settings_page

dashboard: setup ## write Grafana's dashboard anew from deploy/grafana/panels.py
	@$(PY) -m deploy.grafana.dashboard

check: lint types proto-check test ## all that must be green before a change goes in

lint: setup ## find style errors
	@$(PY) -m ruff check --quiet . && $(PY) -m ruff format --quiet --check . || \
		{ echo 'lint: `make format` repairs what can be repaired' >&2; exit 1; }

types: setup ## check types
	@$(PY) -m mypy

format: setup .venv-proto/.ready ## put the code and the contract in order
	@$(PY) -m ruff check --quiet --fix-only .
	@$(PY) -m ruff format --quiet .
	@$(BUF) format --write proto

# --- the contract ---

# Replaces the stubs only once all new ones are there.
proto: .venv-proto/.ready ## write the stubs anew from proto/
	@$(call generate,.cache/stubs-new)
	@rm -f $(STUBS)/*_pb2.py $(STUBS)/*_pb2.pyi $(STUBS)/*_pb2_grpc.py $(STUBS)/*_pb2_grpc.pyi
	@cp .cache/stubs-new/mainstay/v1/* $(STUBS)/

proto-check: proto-lint proto-breaking stubs-fresh stubs-check ## check the contract: style, compatibility, stubs

proto-baseline: .venv-proto/.ready ## declare today's contract the one that must not be broken
	@$(BUF) build proto --exclude-source-info --output proto/baseline.binpb

proto-lint: .venv-proto/.ready
	@$(BUF) lint proto
	@$(BUF) format proto --diff --exit-code || { echo 'proto-lint: run `make format`' >&2; exit 1; }

proto-breaking: .venv-proto/.ready
	@$(BUF) breaking proto --against proto/baseline.binpb || \
		{ echo 'proto-breaking: callers would break. If that is decided: `make proto-baseline`' >&2; exit 1; }

stubs-fresh: .venv-proto/.ready
	@$(call generate,.cache/stubs)
	@diff -ru -x __init__.py -x __pycache__ $(STUBS) .cache/stubs/mainstay/v1 || \
		{ echo 'stubs-fresh: the stubs (-) are not what the contract says (+): run `make proto`' >&2; exit 1; }

stubs-check: $(PROTOBUFS:%=stubs-check-%) ## try the stubs with every protobuf that callers may have

$(PROTOBUFS:%=stubs-check-%): stubs-check-%: .cache/protobuf-%/.ready
	@PYTHONPATH=.cache/protobuf-$*:clients/python $(PY) -W error proto/try_stubs.py $*

# $(call generate,folder): the stubs of the contract as it is, into an empty folder.
generate = rm -rf $(1) && mkdir -p $(1) && PATH="$(CURDIR)/.venv-proto/bin:$$PATH" proto/generate "$(CURDIR)/$(1)"

# --- environments ---
#
# .ready is written last: what was interrupted, or is older than its lock, is made anew. It holds the folder in which the
# environment was made, because a copied one would run the code of the original.

.venv/.ready: .venv/.locked pyproject.toml clients/python/pyproject.toml
	@$(PY) -m pip install --quiet --no-deps --no-build-isolation --editable clients/python --editable .
	@touch $@

.venv/.locked: requirements/dev.txt
	@echo 'setting up .venv (once, about a minute)'
	@$(call venv,.venv,$<)
	@echo '$(CURDIR)' >$@

.venv-%/.ready: requirements/%.txt
	@echo 'setting up .venv-$* (once, some seconds)'
	@$(call venv,.venv-$*,$< --only-binary :all:) || \
		{ echo '.venv-$*: the locked tools come for Python 3.11 to 3.13 (make … PYTHON=python3.13)' >&2; exit 1; }
	@echo '$(CURDIR)' >$@

$(PROTOBUFS:%=.cache/protobuf-%/.ready): .cache/protobuf-%/.ready: requirements/protobuf-%.txt .venv/.ready
	@rm -rf $(@D)
	@$(PY) -m pip install --quiet --no-deps --require-hashes --target $(@D) --requirement $<
	@touch $@

# $(call venv,folder,lock)
venv = python=$$(requirements/find-python) && rm -rf $(1) && "$$python" -m venv $(1) && \
	$(1)/bin/python -m pip install --quiet --require-hashes --requirement $(2)

# Environments that were copied, or whose interpreter is gone.
broken := $(shell for stamp in .venv/.locked .venv-*/.ready; do test ! -e $$stamp || \
	{ test -x $${stamp%/*}/bin/python && test "$$(cat $$stamp)" = '$(CURDIR)'; } || echo $$stamp; done)
ifneq ($(broken),)
$(broken): FORCE
endif
# An interpreter that was asked for and is not the one in .venv.
ifdef PYTHON
ifneq ($(shell $(PYTHON) -c 'import platform; print(platform.python_version())' 2>/dev/null),$(shell sed -n 's/^version = //p' .venv/pyvenv.cfg 2>/dev/null))
.venv/.locked: FORCE
endif
endif

# uv keeps the pins that still fit. Registry addresses stay out of the locks: they are the machine's business.
# $(call pin,name,what): a lock that comes out the same is left untouched, so that nothing is set up anew for it.
pin = mkdir -p .cache/locks && cp requirements/$(1).txt .cache/locks/ 2>/dev/null; \
	.venv-lock/bin/uv pip compile --quiet --universal --python .venv-lock/bin/python --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-emit-find-links --no-emit-package mainstay \
		--custom-compile-command 'make lock' $(ARGS) $(2) --output-file .cache/locks/$(1).txt && \
	{ cmp -s .cache/locks/$(1).txt requirements/$(1).txt || cp .cache/locks/$(1).txt requirements/; }

lock: .venv-lock/.ready ## pin what pyproject.toml asks for in requirements/ (ARGS=--upgrade: the newest)
	@$(call pin,dev,pyproject.toml --group dev)
	@$(call pin,runtime,pyproject.toml --constraints requirements/dev.txt)
	@$(call pin,bench,--group bench --constraints requirements/dev.txt)
	@$(call pin,mutants,--group mutants --constraints requirements/dev.txt)
	@$(foreach group,proto lock litellm $(PROTOBUFS:%=protobuf-%),{ $(call pin,$(group),--group $(group)); } &&) true

clean: ## remove everything that make made, except stubs and locks
	@rm -rf .venv .venv-proto .venv-bench .venv-mutants .venv-litellm .venv-lock .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist
	@find service clients proto tests deploy -type d -name __pycache__ -prune -exec rm -rf {} +
