# Tools have their own modules, so that the library does not require a linter's dependencies.
# They are built outside of the workspace but run in it; -n prints the path of the built tool.
built = $$(GOWORK=off go tool -modfile=.ci/$(1).mod -n $(2))
tool := $(call built,tools,golangci-lint)
# In its own module, because it needs an older version of a module than the linter.
actionlint := $(call built,actionlint,actionlint)
govulncheck := $(call built,govulncheck,govulncheck)
gremlins := GOWORK=off go tool -modfile=.ci/gremlins.mod gremlins

# The packages of the library and the command, without the examples.
packages := ./... ./cmd/fanout-bench/...

.PHONY: help test long race gate results docs picture soak mutants bench api apidiff lint vuln tidy ci

help: ## List the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

test: ## Run the tests, except slow ones
	go test work

long: ## Run the slow tests: nested 'go test', containers, a browser, kills, soak
	.ci/long

race: ## Run the tests under the race detector, in random order
	go test -race -shuffle=on $(packages)

gate: ## Fail if a request of the built-in case costs more than the committed baseline
	go run ./cmd/fanout-bench gate --prove

results: ## Measure the built-in case and rewrite the reports in results/
	go run ./cmd/fanout-bench run --save results/saved.tmp.json --trees >/dev/null
	go run ./cmd/fanout-bench report results/saved.tmp.json --format markdown --chart chart.svg --page report.html --output results/report.md
	go run ./cmd/fanout-bench report results/saved.tmp.json --format html --output results/report.html
	go run ./cmd/fanout-bench report results/saved.tmp.json --format svg --output results/chart.svg
	rm results/saved.tmp.json

docs: ## Rewrite docs/cli.md from the help texts
	go run ./cmd/fanout-bench docs >docs/cli.md

picture: ## Draw docs/comment.png: the comment on examples/orders when it reads item by item
	cd examples/orders && ITEM_BY_ITEM=1 go run ../../cmd/fanout-bench gate --exit-zero --summary $(CURDIR)/comment.tmp.md -- go test ./... >/dev/null
	FANOUT_LONG=1 go test ./cmd/fanout-bench/internal/render -count 1 -run '^TestLongPicture$$' \
		-comment $(CURDIR)/comment.tmp.md -picture $(CURDIR)/docs/comment.png
	rm comment.tmp.md

soak: ## Measure the built-in case 200 times in every order and parallelism; no count may differ
	FANOUT_LONG=1 FANOUT_SOAK=200 go test -race -run '^TestLongSoak$$' -timeout 3h -v ./internal/agentauth

mutants: ## Run mutation tests of report, scenarios and fanouttest; four in five mutants must fail (takes hours)
	for package in report scenarios fanouttest; do \
		$(gremlins) unleash --threshold-efficacy 80 ./$$package || exit; \
	done

bench: ## Benchmark the tracer against others, and the whole matrix against its bare statements
	cd internal/bench && GOWORK=off go test -run - -bench 'Call|Query|Batch' -count 8 >bench.txt
	go tool benchstat -row /tracer internal/bench/bench.txt
	cd internal/bench && GOWORK=off go test -run - -bench Matrix -benchtime 3x

api: ## Rewrite the list of what the library exports
	go test ./internal/imports -run '^TestAPI$$' -update

apidiff: ## Show the changes of the API since BASE, a tag
	@.ci/apidiff $(BASE)

lint: ## Check formatting, vet and lint, also of the workflows
	go vet $(packages)
	$(tool) run $(packages)
	$(actionlint)
	.ci/snippets $(actionlint)

vuln: ## Look for known vulnerabilities in the called code
	$(govulncheck) $(packages)

tidy: ## Update go.mod and go.sum of both modules
	.ci/tidy --write

ci: ## Run what CI runs
	.ci/run
