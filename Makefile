# Everything one does with this repository. `make` alone lists it.
#
# One place for the build tags, used for building, testing, vetting and linting alike: they keep the C parts of
# anacrolix/torrent (uTP and SQLite) out, which cgo, and so -race, would otherwise compile.
GOTAGS := disable_libutp,nosqlite
export GOTAGS

GO    ?= go
TOOLS := $(GO) tool -modfile=tools/go.mod
FUZZTIME  ?= 30s
BENCHTIME ?= 1x
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null)

.DEFAULT_GOAL := help
.PHONY: help run build test test-deps check lint fmt fmt-check vet generate generate-check release-schema bench fuzz clean

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## Build and run the product on its defaults, with everything it stores in ./data
	./bin/downloadmanager serve

build: ## Build bin/downloadmanager: one static binary
	CGO_ENABLED=0 $(GO) build -trimpath -tags $(GOTAGS) -ldflags "-s -w -X main.version=$(VERSION)" -o bin/downloadmanager ./cmd/downloadmanager

test: test-deps ## Run all tests, against real databases and daemons (installs what is missing)
	./scripts/with-postgres.sh $(GO) test -race -tags $(GOTAGS) -timeout 15m ./...

test-deps: ## Find or install what the tests run against: databases, torrent clients, Node
	./scripts/test-deps.sh

check: fmt-check vet lint generate-check ## Everything that is judged without running: format, vet, lint, generated code

lint: ## Run golangci-lint, which also holds where libraries may be imported
	$(TOOLS) golangci-lint run --build-tags $(GOTAGS) ./...

fmt: ## Format all Go code (gofumpt)
	$(TOOLS) gofumpt -w .

fmt-check:
	@unformatted=$$($(TOOLS) gofumpt -l .); test -z "$$unformatted" || { echo "not formatted, run make fmt:"; echo "$$unformatted"; exit 1; }

vet: ## Run go vet
	$(GO) vet -tags $(GOTAGS) ./...

generate: ## Generate the GraphQL code from graph/schema
	$(GO) generate -tags $(GOTAGS) ./...

generate-check:
	./scripts/generate-check.sh

release-schema: ## At a release: write the GraphQL schema down as what clients now rely on
	$(GO) test -tags $(GOTAGS) -count=1 -run '^TestSchemaKeepsWhatWasReleased$$' ./graph -release-schema

bench: test-deps ## Print the figures: the product beside its baselines, as ratios
	./scripts/with-postgres.sh $(GO) test -tags $(GOTAGS) -run '^$$' -bench . -benchtime $(BENCHTIME) -timeout 30m ./bench/... ./adapters/torrentclients/...

fuzz: ## Run each fuzz target for 30 s (FUZZTIME)
	./scripts/fuzz.sh $(FUZZTIME)

clean: ## Remove what was built; ./data stays
	rm -rf bin
