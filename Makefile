# Tools live in a module of their own, so that importing this one does not draw
# in a linter's dependencies.
tool := go tool -modfile=.ci/tools.mod

.PHONY: help test race gate lint tidy ci

help: ## List the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

test: ## Run all tests
	go test ./...

race: ## Run all tests under the race detector, in random order
	go test -race -shuffle=on ./...

gate: ## Fail if a request of the built-in case costs more than the committed baseline
	go run ./cmd/fanout-bench gate

lint: ## Check formatting, vet and lint
	go vet ./...
	$(tool) golangci-lint run

tidy: ## Fail if go.mod or go.sum need a change
	go mod tidy -diff

ci: ## Run what CI runs
	.ci/run
