# `make` alone lists the targets.

GO      ?= go
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)

# Packages with goroutines, which the race detector watches; whatever they call is watched with them. It costs several times the time. The contract of the stores,
# graph/graphtest, is run by them.
CONCURRENT := ./graph/neo4jstore ./graph/sqlitestore ./insight ./loader/... ./resolvers ./server ./internal/e2e

# SQLite is C made into Go. Its memory is none that the detector watches, but what asks the detector about it makes all tests of the store take four times as long.
RACE := -race -gcflags=modernc.org/sqlite/lib=-race=false

# What runs with the race detector alone, where there is one: the tests are the same either way, and most of their time is that of the server that they ask.
# internal/e2e asks it by the program as it is shipped, without the detector.
RACE_ALONE := lacuna/graph/neo4jstore

FUZZTIME     ?= 60s
SOAK_TIMEOUT ?= 4h
TEST_TIMEOUT ?= 20m
BENCH        ?= .

.DEFAULT_GOAL := help

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: build ## build, and serve a demo marketplace on LACUNA_ADDR (127.0.0.1:8080); needs nothing but Go
	bin/lacuna demo

.PHONY: build
build: ## build bin/lacuna, one static binary
	CGO_ENABLED=0 $(GO) build -buildvcs=false -ldflags '-s -w -X main.version=$(VERSION)' -o bin/lacuna ./cmd/lacuna

.PHONY: test
test: ## run every test, those of the concurrent packages with the race detector
	internal/tools/browser.sh
	internal/tools/neo4j.sh fetch || [ "$$CI" != true ]
	@cc=$$($(GO) env CC); \
	if command -v "$${cc%% *}" >/dev/null; then \
		packages=$$($(GO) list ./... | grep -vx '$(RACE_ALONE)') && set -x && \
		CGO_ENABLED=0 $(GO) test -timeout $(TEST_TIMEOUT) $$packages && \
		CGO_ENABLED=1 $(GO) test $(RACE) -timeout $(TEST_TIMEOUT) $(CONCURRENT); \
	else \
		(set -x; CGO_ENABLED=0 $(GO) test -timeout $(TEST_TIMEOUT) ./...) && \
		echo "*** THE RACE DETECTOR DID NOT RUN: it needs a C compiler, and there is no $$cc here ***" >&2; \
	fi

.PHONY: check
check: check-format check-modules check-generated check-lint check-web ## check format, modules, generated files, linters and pages

.PHONY: check-format
check-format:
	@bad=$$(find . \( -name node_modules -o -name .git -o -name .tools \) -prune -o -name '*.go' -print0 \
		| xargs -0 "$$($(GO) env GOROOT)/bin/gofmt" -l) || exit 1; \
	if [ -n "$$bad" ]; then printf '%s\n' "not formatted; run 'make format':" "$$bad" >&2; exit 1; fi

.PHONY: check-modules
check-modules:
	$(GO) mod verify
	$(GO) mod tidy -diff

.PHONY: check-generated
check-generated:
	internal/tools/drift.sh

.PHONY: check-lint
check-lint:
	internal/tools/lint.sh run

.PHONY: check-web
check-web:
	internal/tools/web.sh check

.PHONY: format
format: ## format the Go files
	$(GO) fmt ./...

.PHONY: neo4j
neo4j: ## run a Neo4j server for use by hand on LACUNA_NEO4J_PORT (7687); needs Java 17 or 21, and Maven once
	internal/tools/neo4j.sh hand

.PHONY: generate
generate: ## make the generated files anew
	$(GO) generate ./...

.PHONY: web
web: ## build the pages into web/dist; needs Node 20.19 or later
	internal/tools/web.sh build

.PHONY: bench
bench: ## run the benchmarks (BENCH=regexp chooses)
	@packages=$$(grep -rl --include='*_test.go' --exclude-dir=node_modules '^func Benchmark' . | xargs -r -n 1 dirname | sort -u); \
	if [ -z "$$packages" ]; then echo 'no benchmarks'; exit 0; fi; \
	set -x; CGO_ENABLED=0 $(GO) test -run '^$$' -bench '$(BENCH)' -benchmem $$packages

SEEDS ?= 6

.PHONY: evaluate
evaluate: build ## generate planted data of SEEDS (6) seeds, a third with nothing planted or 60,000 customers, and compare what is found with the truth
	internal/tools/evaluate.sh $(SEEDS)

.PHONY: soak
soak: ## run the full counts: kills, cuts, load, and FUZZTIME (60s) of each fuzz target; hours
	LACUNA_SOAK=1 CGO_ENABLED=0 $(GO) test -count=1 -p 1 -timeout $(SOAK_TIMEOUT) ./...
	internal/tools/fuzz.sh $(FUZZTIME)

.PHONY: clean
clean: ## remove what was built and measured
	rm -rf bin coverage.* *.coverprofile *.prof *.test
