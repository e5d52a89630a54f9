# Tools live in a module of their own, so that importing this one does not draw
# in a linter's dependencies.
# -n says where such a tool has been built: outside of the workspace, which they look at.
built = $$(GOWORK=off go tool -modfile=.ci/$(1).mod -n $(2))
tool := $(call built,tools,golangci-lint)
# On its own, as it needs an older version of what the linter needs.
actionlint := $(call built,actionlint,actionlint)
govulncheck := $(call built,govulncheck,govulncheck)
gremlins := GOWORK=off go tool -modfile=.ci/gremlins.mod gremlins

# The packages of the library and the command; what else the workspace has are examples.
packages := ./... ./cmd/fanout-bench/...

.PHONY: help test long race gate results docs soak mutants bench api apidiff lint vuln tidy ci

help: ## List the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

test: ## Run the tests, without those that take long
	go test work

long: ## Run the tests that take long: nested 'go test', containers, a browser, kills, soak
	.ci/long

race: ## Run the tests under the race detector, in random order
	go test -race -shuffle=on $(packages)

gate: ## Fail if a request of the built-in case costs more than the committed baseline
	go run ./cmd/fanout-bench gate --prove

results: ## Measure the built-in case and write the reports in results/ anew
	go run ./cmd/fanout-bench run --save results/saved.tmp.json --trees >/dev/null
	go run ./cmd/fanout-bench report results/saved.tmp.json --format markdown --output results/report.md
	go run ./cmd/fanout-bench report results/saved.tmp.json --format html --output results/report.html
	go run ./cmd/fanout-bench report results/saved.tmp.json --format svg --output results/chart.svg
	rm results/saved.tmp.json

docs: ## Write docs/cli.md anew from the help texts
	go run ./cmd/fanout-bench docs >docs/cli.md

soak: ## Measure the built-in case 200 times in every way there is; no count may differ
	FANOUT_LONG=1 FANOUT_SOAK=200 go test -race -run '^TestLongSoak$$' -timeout 3h -v ./internal/agentauth

mutants: ## Break what judges and measures in small ways; tests have to notice four in five (takes hours)
	for package in report scenarios fanouttest; do \
		$(gremlins) unleash --threshold-efficacy 80 ./$$package || exit; \
	done

bench: ## Compare the tracer with others, and the whole matrix with its statements alone, each in one run
	cd internal/bench && GOWORK=off go test -run - -bench 'Call|Query|Batch' -count 8 >bench.txt
	go tool benchstat -row /tracer internal/bench/bench.txt
	cd internal/bench && GOWORK=off go test -run - -bench Matrix -benchtime 3x

api: ## Write anew the list of what the module exports
	go test ./internal/imports -run '^TestAPI$$' -update

apidiff: ## Say how what the module exports differs from BASE, a tag
	@.ci/apidiff $(BASE)

lint: ## Check formatting, vet and lint, of the workflows too
	go vet $(packages)
	$(tool) run $(packages)
	$(actionlint)
	.ci/snippets $(actionlint)

vuln: ## Look for known vulnerabilities in what the code calls
	$(govulncheck) $(packages)

tidy: ## Bring go.mod and go.sum of both modules up to date
	.ci/tidy --write

ci: ## Run what CI runs
	.ci/run
